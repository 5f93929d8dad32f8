import { USUAL_ROLES } from '../apis/bearer.ts';
import type { Api } from '../service.ts';

/** A tenant with the one app that is registered in it, and how that app may sign in. */
export interface SimulatedTenant {
  readonly tenantId: string;
  readonly clientId: string;
  /** A secret that never expires. */
  readonly clientSecret?: string;
  /** Further ones; two may be live. */
  readonly secrets?: readonly RegisteredSecret[];
  /** Certificates registered for the app, PEM; their own dates count. */
  readonly certificates?: readonly string[];
  /** Texts (JWTs or any other) that its federated credentials take. */
  readonly federatedAssertions?: readonly string[];
  /** Application permissions granted: those for Graph, or by API. What is not said is as usual. */
  readonly roles?: readonly string[] | Readonly<Partial<Record<Api, readonly string[]>>>;
  /** It lives in a national cloud, so the login it is asked at is the wrong one. */
  readonly livesIn?: 'us-government';
  /** APIs whose host is one of another region, which does not know the tenant. */
  readonly elsewhere?: readonly Api[];
}

export interface RegisteredSecret {
  readonly value: string;
  /** Epoch ms; never without it. */
  readonly expiresMs?: number;
}

export function rolesOf({ roles = {} }: SimulatedTenant, api: Api): readonly string[] {
  const granted: Readonly<Partial<Record<Api, readonly string[]>>> = isList(roles) ? { graph: roles } : roles;
  return granted[api] ?? USUAL_ROLES[api];
}

function isList(roles: NonNullable<SimulatedTenant['roles']>): roles is readonly string[] {
  return Array.isArray(roles);
}
