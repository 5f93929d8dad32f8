import type { Audit } from '../../domain/audit.ts';
import type { Emit } from '../../domain/bridge-event.ts';
import type { Clock } from '../../domain/clock.ts';
import type { AccessStore } from '../../store/access-store.ts';
import type { Access } from '../access.ts';
import type { AccessTokens } from './access-token.ts';

/** What the OAuth2 server stands on. */
export interface OAuthDeps {
  readonly access: Access;
  readonly accessStore: AccessStore;
  readonly tokens: AccessTokens;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly emit: Emit;
}
