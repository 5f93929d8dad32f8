import type { Clock } from '../../domain/clock.ts';
import type { AccessTokens } from '../login/access-token.ts';
import type { AlertReader } from '../world/alert-reader.ts';
import type { AlertVersion } from '../world/alert-version.ts';
import type { World } from '../world.ts';
import type { Paging } from './page-list.ts';
import type { SiemForm } from './siem-record.ts';

export interface ApiDeps {
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  readonly world: World;
  readonly reader: AlertReader;
  readonly paging: Paging;
  readonly siem: SiemForm;
}

/** Names a version in `Simulator.served`: the alert's id and its update time as Graph prints it. */
export function versionName({ alert }: AlertVersion): string {
  return `${alert.id} ${alert.lastUpdateDateTime}`;
}
