import type { Config, SourceConfig, TenantConfig } from '../config/config.ts';
import { BridgeError } from '../domain/errors.ts';

/** One source of one tenant. */
export interface SourceChoice {
  readonly tenant: TenantConfig;
  readonly settings: SourceConfig;
}

/** @throws BridgeError TENANT_UNKNOWN, API_UNKNOWN that name those there are */
export function chooseSources(
  { tenants }: Pick<Config, 'tenants'>,
  { tenant: name, api }: { readonly tenant?: string; readonly api?: string },
): readonly SourceChoice[] {
  const wanted = tenants.filter((tenant) => name === undefined || tenant.name === name || tenant.tenantId === name);
  if (wanted.length === 0) throw unknownTenant(name ?? '', tenants);
  const sources = wanted.flatMap((tenant) => tenant.sources.map((settings) => ({ tenant, settings })));
  const chosen = sources.filter(({ settings }) => api === undefined || settings.api === api);
  if (chosen.length === 0) throw unknownApi(api ?? '', sources);
  return chosen;
}

function unknownTenant(name: string, tenants: readonly TenantConfig[]): BridgeError {
  return new BridgeError({
    code: 'TENANT_UNKNOWN',
    kind: 'operator',
    message: `the configuration has no tenant ${JSON.stringify(name)}`,
    hint: `Its tenants are: ${tenants.map((tenant) => tenant.name).join(', ')}.`,
  });
}

function unknownApi(api: string, sources: readonly SourceChoice[]): BridgeError {
  return new BridgeError({
    code: 'API_UNKNOWN',
    kind: 'operator',
    message: `no tenant that is asked for is read by ${JSON.stringify(api)}`,
    hint: `They are read by: ${[...new Set(sources.map(({ settings }) => settings.api))].join(', ')}.`,
  });
}
