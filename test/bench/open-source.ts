import { tenantAccess } from '../../src/bridge-tenants.ts';
import type { Config } from '../../src/config/config.ts';
import { openTenant } from '../../src/defender/registry.ts';
import type { Source } from '../../src/defender/source.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { instantFromMs } from '../../src/domain/instant.ts';
import type { Window } from '../../src/domain/window.ts';

/** Everything that the simulated Microsoft has. */
export const EVER: Window = { from: instantFromMs(0), to: instantFromMs(4_000_000_000_000), progress: null };

/** The one source of a configuration, without a collector. */
export function openSource({ tenants }: Config): { readonly source: Source; readonly close: () => Promise<void> } {
  const [tenant] = tenants;
  const [settings] = tenant?.sources ?? [];
  if (tenant === undefined || settings === undefined) throw new Error('the configuration has no source');
  const opened = openTenant(tenantAccess(tenant), { clock: systemClock, emit: () => undefined });
  return { source: opened.source(settings.api), close: () => opened.close() };
}
