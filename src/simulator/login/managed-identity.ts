import type { Clock } from '../../domain/clock.ts';
import { type Handler, jsonAnswer, type SimulatorAnswer, type SimulatorRequest } from '../exchange.ts';
import type { AccessTokens } from './access-token.ts';
import { findResource } from './resource.ts';
import type { SimulatedTenant } from './simulated-tenant.ts';
import { type Grant, grantToken } from './token-grant.ts';

export const IMDS_PATH = '/metadata/identity/oauth2/token';
export const APP_SERVICE_PATH = '/msi/token';

export interface ManagedIdentityDeps {
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  /** The machine is in this tenant; its user-assigned identity is the tenant's app. */
  readonly tenant: SimulatedTenant;
  /** What App Service wants to see in X-IDENTITY-HEADER. */
  readonly header: string;
  readonly tokenLifetimeMs: number;
}

/** Both endpoints of a machine that gives its own identity's tokens: IMDS of a virtual machine, and App Service. */
export function createManagedIdentity(deps: ManagedIdentityDeps): Handler {
  return (request) => {
    if (request.method !== 'GET') return refuse(405, 'invalid_request', 'The method is not allowed.');
    if (request.path === IMDS_PATH) return imds(deps, request);
    if (request.path === APP_SERVICE_PATH) return appService(deps, request);
    return refuse(404, 'not_found', 'There is nothing here.');
  };
}

function imds(deps: ManagedIdentityDeps, request: SimulatorRequest): SimulatorAnswer {
  const { headers, query } = request;
  if (headers['metadata']?.toLowerCase() !== 'true' || headers['x-forwarded-for'] !== undefined) {
    return refuse(400, 'invalid_request', 'Required metadata header not specified');
  }
  if (!query.has('api-version')) return refuse(400, 'bad_request_102', 'Required api-version parameter not specified');
  const given = give(deps, request);
  if ('error' in given) return refuse(400, given.error, given.text);
  const lifetime = String(given.grant.lifetimeSeconds);
  const times = { expires_in: lifetime, ext_expires_in: lifetime, not_before: String(given.grant.issuedAt) };
  return jsonAnswer(200, { ...tokenBody(given), ...times });
}

function appService(deps: ManagedIdentityDeps, request: SimulatorRequest): SimulatorAnswer {
  const { headers, query } = request;
  const refuseHere = (statusCode: number, message: string) => jsonAnswer(statusCode, { statusCode, message });
  if (headers['x-identity-header'] !== deps.header) return refuseHere(401, 'X-IDENTITY-HEADER is missing or wrong.');
  if (query.get('api-version') !== '2019-08-01') return refuseHere(400, 'The api-version is not supported.');
  const given = give(deps, request);
  return 'error' in given ? refuseHere(400, given.text) : jsonAnswer(200, tokenBody(given));
}

interface Given {
  readonly grant: Grant;
  readonly clientId: string;
  readonly resource: string;
}

/** Without `client_id` it is the machine's own identity, which is the same app here. */
function give(
  deps: ManagedIdentityDeps,
  { query }: SimulatorRequest,
): Given | { readonly error: string; readonly text: string } {
  const { tenant, tokenLifetimeMs } = deps;
  const clientId = query.get('client_id') ?? tenant.clientId;
  const name = query.get('resource') ?? '';
  const resource = findResource(name);
  if (resource === null) {
    return {
      error: 'invalid_resource',
      text: `AADSTS500011: The resource principal named ${name} was not found in the tenant.`,
    };
  }
  if (clientId.toLowerCase() !== tenant.clientId.toLowerCase()) {
    return { error: 'invalid_request', text: 'Identity not found' };
  }
  return { grant: grantToken(deps, tenant, resource, tokenLifetimeMs), clientId, resource: name };
}

/** Numbers are texts in both. */
function tokenBody({ grant, clientId, resource }: Given) {
  return {
    access_token: grant.accessToken,
    client_id: clientId,
    expires_on: String(grant.issuedAt + grant.lifetimeSeconds),
    resource,
    token_type: 'Bearer',
  };
}

function refuse(status: number, error: string, text: string): SimulatorAnswer {
  return jsonAnswer(status, { error, error_description: text });
}
