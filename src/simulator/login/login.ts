import { randomUUID } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import { type Handler, jsonAnswer, type SimulatorAnswer, type SimulatorRequest } from '../exchange.ts';
import type { AccessTokens } from './access-token.ts';
import { checkProof } from './client-proof.ts';
import { loginError } from './login-errors.ts';
import { findResource, resourceOfScope } from './resource.ts';
import type { SimulatedTenant } from './simulated-tenant.ts';
import { grantToken } from './token-grant.ts';

export interface LoginDeps {
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  readonly tenants: readonly SimulatedTenant[];
  readonly tokenLifetimeMs: number;
}

const DISCOVERY = /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/;
/** The older endpoint asks for a `resource` and writes its numbers as texts (defender-api 1.6). */
const TOKEN = /^\/([^/]+)\/oauth2\/(v2\.0\/)?token$/;

/** Whether a path belongs to the login service rather than to an API. */
export function isLoginPath(path: string): boolean {
  return path === '/common/discovery/instance' || DISCOVERY.test(path) || TOKEN.test(path);
}

/** The tenant a login request is for. */
export function tenantOfLogin(path: string): string | null {
  return (DISCOVERY.exec(path) ?? TOKEN.exec(path))?.[1] ?? null;
}

/** Entra's login: discovery, and the client credentials grant with a secret, a certificate or a federated assertion. */
export function createLogin(deps: LoginDeps): Handler {
  const tenantOf = (id: string) => deps.tenants.find(({ tenantId }) => tenantId.toLowerCase() === id.toLowerCase());
  return (request) => {
    const nowMs = deps.clock.now();
    if (request.path === '/common/discovery/instance') return instances(request);
    const id = tenantOfLogin(request.path) ?? '';
    const tenant = tenantOf(id);
    if (tenant === undefined) return loginError('unknownTenant', nowMs, id);
    if (DISCOVERY.test(request.path)) return openIdConfiguration(request, tenant);
    if (request.method !== 'POST') return loginError('postOnly', nowMs, request.method);
    if (tenant.livesIn !== undefined) return loginError('crossCloud', nowMs);
    return grant(deps, tenant, request);
  };
}

function grant(deps: LoginDeps, tenant: SimulatedTenant, request: SimulatorRequest): SimulatorAnswer {
  const nowMs = deps.clock.now();
  const form = new URLSearchParams(request.body);
  for (const name of ['grant_type', 'client_id'] as const) {
    if (!form.get(name)) return loginError('missingParameter', nowMs, name);
  }
  const isOld = TOKEN.exec(request.path)?.[2] === undefined;
  const clientId = form.get('client_id') ?? '';
  const grantType = form.get('grant_type') ?? '';
  if (grantType !== 'client_credentials') return loginError('unsupportedGrant', nowMs, grantType);
  if (clientId.toLowerCase() !== tenant.clientId.toLowerCase()) return loginError('unknownClient', nowMs, clientId);
  const asked = form.get(isOld ? 'resource' : 'scope') ?? '';
  const name = isOld ? asked : resourceOfScope(asked);
  if (name === null || name === '') return loginError('badScope', nowMs, asked);
  const { origin, path } = request;
  const issuers = [`${origin}/${tenant.tenantId}/v2.0`, `https://sts.windows.net/${tenant.tenantId}/`];
  const problem = checkProof(form, { tenant, nowMs, audiences: [`${origin}${path}`, ...issuers] });
  if (problem !== null) return loginError(problem.name, nowMs, problem.detail);
  const resource = findResource(name);
  if (resource === null) return loginError('unknownResource', nowMs, name);
  const { accessToken, issuedAt, lifetimeSeconds } = grantToken(deps, tenant, resource, deps.tokenLifetimeMs);
  const lifetime = isOld
    ? {
        expires_in: String(lifetimeSeconds),
        ext_expires_in: String(lifetimeSeconds),
        expires_on: String(issuedAt + lifetimeSeconds),
        not_before: String(issuedAt),
        resource: name,
      }
    : { expires_in: lifetimeSeconds, ext_expires_in: lifetimeSeconds };
  const headers = { 'cache-control': 'no-store, no-cache', 'x-ms-request-id': randomUUID() };
  return jsonAnswer(200, { token_type: 'Bearer', ...lifetime, access_token: accessToken }, headers);
}

function instances({ origin }: SimulatorRequest): SimulatorAnswer {
  const { host } = new URL(origin);
  return jsonAnswer(200, {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}

/** Public, and answered for a tenant of another cloud too: then it says which one (inferred; seen in such documents). */
function openIdConfiguration({ origin }: SimulatorRequest, { tenantId, livesIn }: SimulatedTenant): SimulatorAnswer {
  const home =
    livesIn === undefined
      ? {
          tenant_region_scope: 'EU',
          cloud_instance_name: new URL(origin).host,
          msgraph_host: 'graph.microsoft.com',
        }
      : {
          tenant_region_scope: 'USGov',
          tenant_region_sub_scope: 'DODCON',
          cloud_instance_name: 'microsoftonline.us',
          msgraph_host: 'graph.microsoft.us',
        };
  return jsonAnswer(200, {
    token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${origin}/${tenantId}/v2.0`,
    authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
    ...home,
  });
}
