import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import type { AccessTokens } from './access-token.ts';
import { type Handler, jsonAnswer, type SimulatorAnswer, type SimulatorRequest } from './exchange.ts';
import { loginError } from './login-errors.ts';

/** A tenant with the one app that is registered in it. */
export interface SimulatedTenant {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Application permissions granted; only `SecurityAlert.Read.All` without it. */
  readonly roles?: readonly string[];
}

export interface LoginDeps {
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  readonly tenants: readonly SimulatedTenant[];
  readonly tokenLifetimeMs: number;
}

/** Resources Entra gives tokens for. The simulator's own address counts as Graph: custom clouds ask for that one. */
export const GRAPH_AUDIENCE = 'https://graph.microsoft.com';
const RESOURCES: ReadonlyMap<string, string> = new Map([
  ['https://graph.microsoft.com', GRAPH_AUDIENCE],
  ['https://graph.microsoft.us', GRAPH_AUDIENCE],
  ['https://dod-graph.microsoft.us', GRAPH_AUDIENCE],
  ['https://api.securitycenter.microsoft.com', 'https://api.securitycenter.microsoft.com'],
  ['https://securitycenter.onmicrosoft.com/windowsatpservice', 'https://api.securitycenter.microsoft.com'],
  ['https://api.security.microsoft.com', 'https://api.security.microsoft.com'],
]);

const DISCOVERY = /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/;
const TOKEN = /^\/([^/]+)\/oauth2\/v2\.0\/token$/;

/** Whether a path belongs to the login service rather than to an API. */
export function isLoginPath(path: string): boolean {
  return path === '/common/discovery/instance' || DISCOVERY.test(path) || TOKEN.test(path);
}

/** Entra's login: discovery, and the client credentials grant with a secret (OAuth 2.0, v2 endpoint). */
export function createLogin(deps: LoginDeps): Handler {
  const tenantOf = (id: string) => deps.tenants.find(({ tenantId }) => tenantId.toLowerCase() === id.toLowerCase());
  return (request) => {
    const nowMs = deps.clock.now();
    if (request.path === '/common/discovery/instance') return instances(request);
    const id = (DISCOVERY.exec(request.path) ?? TOKEN.exec(request.path))?.[1] ?? '';
    const tenant = tenantOf(id);
    if (tenant === undefined) return loginError('unknownTenant', nowMs, id);
    if (DISCOVERY.test(request.path)) return openIdConfiguration(request, id);
    if (request.method !== 'POST') return loginError('postOnly', nowMs, request.method);
    return grant(deps, tenant, request);
  };
}

function grant(deps: LoginDeps, tenant: SimulatedTenant, request: SimulatorRequest): SimulatorAnswer {
  const nowMs = deps.clock.now();
  const form = new URLSearchParams(request.body);
  for (const name of ['grant_type', 'client_id'] as const) {
    if (!form.get(name)) return loginError('missingParameter', nowMs, name);
  }
  const clientId = form.get('client_id') ?? '';
  const grantType = form.get('grant_type') ?? '';
  const secret = form.get('client_secret') ?? '';
  if (grantType !== 'client_credentials') return loginError('unsupportedGrant', nowMs, grantType);
  if (clientId.toLowerCase() !== tenant.clientId.toLowerCase()) return loginError('unknownClient', nowMs, clientId);
  const scope = form.get('scope') ?? '';
  const resource = resourceOf(scope);
  if (resource === null) return loginError('badScope', nowMs, scope);
  if (secret === '') return loginError('missingSecret', nowMs);
  if (!sameText(secret, tenant.clientSecret)) return loginError('wrongSecret', nowMs, clientId);
  const audience = resource === request.origin ? GRAPH_AUDIENCE : RESOURCES.get(resource);
  if (audience === undefined) return loginError('unknownResource', nowMs, resource);
  return tokenAnswer(deps, tenant, audience);
}

function tokenAnswer(deps: LoginDeps, tenant: SimulatedTenant, audience: string): SimulatorAnswer {
  const lifetimeSeconds = Math.floor(deps.tokenLifetimeMs / 1000);
  const issuedAt = Math.floor(deps.clock.now() / 1000);
  const accessToken = deps.tokens.issue({
    aud: audience,
    iss: `https://sts.windows.net/${tenant.tenantId}/`,
    tid: tenant.tenantId,
    appid: tenant.clientId,
    roles: tenant.roles ?? ['SecurityAlert.Read.All'],
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
  });
  const body = {
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    ext_expires_in: lifetimeSeconds,
    access_token: accessToken,
  };
  return jsonAnswer(200, body, { 'cache-control': 'no-store, no-cache', 'x-ms-request-id': randomUUID() });
}

/** `https://resource/.default`, with one slash or two; null when it is no scope for client credentials. */
function resourceOf(scope: string): string | null {
  const match = /^(https:\/\/[^\s]+?)\/{1,2}\.default$/.exec(scope);
  return match?.[1] ?? null;
}

function instances({ origin }: SimulatorRequest): SimulatorAnswer {
  const { host } = new URL(origin);
  return jsonAnswer(200, {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}

function openIdConfiguration({ origin }: SimulatorRequest, tenantId: string): SimulatorAnswer {
  return jsonAnswer(200, {
    token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${origin}/${tenantId}/v2.0`,
    authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(origin).host,
  });
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
