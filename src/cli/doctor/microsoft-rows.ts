import { tenantAccess } from '../../bridge-tenants.ts';
import { CLOUDS } from '../../config/clouds.ts';
import type { TenantConfig } from '../../config/config.ts';
import { probeTenant } from '../../defender/probe/tenant-probe.ts';
import { createTrust } from '../../defender/trust.ts';
import { systemClock } from '../../domain/clock.ts';
import type { Finding } from '../../domain/finding.ts';
import { perTenant } from '../per-tenant.ts';

/** Tenants that are tried at the same time: each waits on the network, as a rule, and not on this machine. */
const AT_ONCE = 16;

/**
 * Tries the whole way to Microsoft for every tenant: names, proxy, TLS, clock, cloud, token, one request for each API that
 * is polled. Every failure is a row.
 * @param told how many tenants are done
 */
export async function microsoftRows(
  tenants: readonly TenantConfig[],
  told: (done: number) => void = () => undefined,
): Promise<readonly Finding[]> {
  const trust = createTrust();
  let done = 0;
  const probed = await perTenant(
    tenants,
    ({ name }) => name,
    async (tenant) => {
      const apis = tenant.sources.map(({ api }) => api);
      const cloudLogin = CLOUDS[tenant.cloud].login;
      const rows = await probeTenant(tenantAccess(tenant), apis, { clock: systemClock, cloudLogin, trust });
      done += 1;
      told(done);
      return { rows };
    },
    AT_ONCE,
  );
  return onceEach(probed.flatMap(({ rows }) => rows));
}

const RANK = { failed: 0, warning: 1, ok: 2 } as const;

/** The clock is that of this host, whichever tenant saw it: of rows about the same thing the worst is kept. */
function onceEach(rows: readonly Finding[]): readonly Finding[] {
  const kept = new Map<string, Finding>();
  for (const row of rows) {
    const key = `${row.id} ${row.subject}`;
    const known = kept.get(key);
    if (known === undefined || RANK[row.state] < RANK[known.state]) kept.set(key, row);
  }
  return [...kept.values()];
}
