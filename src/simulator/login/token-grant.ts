import type { Clock } from '../../domain/clock.ts';
import type { AccessTokens } from './access-token.ts';
import type { Resource } from './resource.ts';
import { rolesOf, type SimulatedTenant } from './simulated-tenant.ts';

export interface Grant {
  readonly accessToken: string;
  /** Epoch seconds. */
  readonly issuedAt: number;
  readonly lifetimeSeconds: number;
}

export interface GrantDeps {
  readonly clock: Clock;
  readonly tokens: AccessTokens;
}

/** A token for the tenant's app. @param lifetimeMs cut to whole seconds */
export function grantToken(deps: GrantDeps, tenant: SimulatedTenant, resource: Resource, lifetimeMs: number): Grant {
  const lifetimeSeconds = Math.floor(lifetimeMs / 1000);
  const issuedAt = Math.floor(deps.clock.now() / 1000);
  const accessToken = deps.tokens.issue({
    aud: resource.audience,
    iss: `https://sts.windows.net/${tenant.tenantId}/`,
    tid: tenant.tenantId,
    appid: tenant.clientId,
    roles: resource.api === null ? [] : rolesOf(tenant, resource.api),
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
  });
  return { accessToken, issuedAt, lifetimeSeconds };
}
