import { tenantAccess } from '../../bridge-tenants.ts';
import { CLOUDS } from '../../config/clouds.ts';
import type { TenantConfig } from '../../config/config.ts';
import { probeTenant } from '../../defender/probe/tenant-probe.ts';
import { systemClock } from '../../domain/clock.ts';
import type { Finding } from '../../domain/finding.ts';

/** Goes the way to Microsoft with what was answered: names, proxy, TLS, token with its roles, one real request; ends where it breaks. */
export async function checkAccess(tenant: TenantConfig): Promise<readonly Finding[]> {
  const { cloud, sources } = tenant;
  const apis = sources.map(({ api }) => api);
  const cloudLogin = cloud === 'custom' ? null : CLOUDS[cloud].login;
  return await probeTenant(tenantAccess(tenant), apis, { clock: systemClock, cloudLogin });
}
