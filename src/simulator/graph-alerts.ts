import type { Clock } from '../domain/clock.ts';
import type { AccessTokens, TokenClaims } from './access-token.ts';
import { type AlertsQuery, parseAlertsQuery } from './alerts-query.ts';
import { withoutNewerMembers } from './evolvable-enums.ts';
import type { Handler, SimulatorAnswer, SimulatorRequest } from './exchange.ts';
import type { GraphAlert } from './graph-alert.ts';
import { GRAPH_JSON, GraphRefusal, graphError, graphHeaders } from './graph-errors.ts';
import { GRAPH_AUDIENCE } from './login.ts';
import { createPageLists, type PageLists, type Paging } from './page-list.ts';
import type { World } from './world.ts';

export interface GraphDeps {
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  readonly world: World;
  readonly paging: Paging;
}

const LIST = '/v1.0/security/alerts_v2';
const ROLES: ReadonlySet<string> = new Set(['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All']);

/** Graph's alerts_v2: the list and the single alert (defender-api 4). */
export function createGraphAlerts(deps: GraphDeps): Handler {
  const lists = createPageLists(deps.paging);
  return (request) => {
    try {
      const { tid } = authorize(deps, request);
      if (request.method !== 'GET') throw new GraphRefusal(405, 'MethodNotAllowed', 'The method is not allowed.');
      if (request.path === LIST) return listAlerts(deps, lists, tid, request);
      if (request.path.startsWith(`${LIST}/`)) return oneAlert(deps, tid, request);
      const segment = request.path.split('/').at(-1) ?? '';
      throw new GraphRefusal(400, 'BadRequest', `Resource not found for the segment '${segment}'.`);
    } catch (thrown) {
      if (thrown instanceof GraphRefusal) return graphError(thrown, request, deps.clock.now());
      throw thrown;
    }
  };
}

function authorize({ clock, tokens }: GraphDeps, request: SimulatorRequest): TokenClaims {
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  if (token === undefined) throw unauthorized('Access token is empty.');
  if (token.split('.').length !== 3) throw unauthorized('IDX14100: JWT is not well formed, there are no dots (.).');
  const claims = tokens.read(token);
  if (claims === null) throw unauthorized('Signing key is invalid.');
  if (claims.aud !== GRAPH_AUDIENCE) throw unauthorized('Access token validation failure. Invalid audience.');
  if (claims.exp * 1000 <= clock.now()) throw unauthorized('Lifetime validation failed, the token is expired.');
  if (!claims.roles.some((role) => ROLES.has(role))) {
    const needed = [...ROLES].join(', ');
    const message = `Missing application roles. API required roles: ${needed}, application roles: ${claims.roles.join(', ')}.`;
    throw new GraphRefusal(403, 'Forbidden', message);
  }
  return claims;
}

function listAlerts(deps: GraphDeps, lists: PageLists, tenantId: string, request: SimulatorRequest): SimulatorAnswer {
  const query = parseAlertsQuery(request.query);
  const start = query.skipToken === null ? null : lists.resolve(tenantId, query.skipToken);
  const list = start?.frozen ?? matching(deps, tenantId, query);
  const offset = start?.offset ?? query.skip;
  const end = offset + query.top;
  const next = end < list.length ? nextLink(request, lists.tokenFor(tenantId, list, end, query.skipToken)) : null;
  return ok(request, {
    '@odata.context': `${request.origin}/v1.0/$metadata#security/alerts_v2`,
    ...(query.count ? { '@odata.count': list.length } : {}),
    ...(next === null ? {} : { '@odata.nextLink': next }),
    value: list.slice(offset, end).map(({ alert }) => served(request, alert)),
  });
}

function matching({ world, clock }: GraphDeps, tenantId: string, query: AlertsQuery) {
  return world.visibleVersions(tenantId, clock.now()).filter(query.test).toSorted(query.compare);
}

function oneAlert({ world, clock }: GraphDeps, tenantId: string, request: SimulatorRequest): SimulatorAnswer {
  const id = request.path.slice(LIST.length + 1);
  const alert = world.visible(tenantId, clock.now()).find((candidate) => candidate.id === id);
  if (alert === undefined) throw new GraphRefusal(404, 'NotFound', `Alert with id '${id}' was not found.`);
  return ok(request, {
    '@odata.context': `${request.origin}/v1.0/$metadata#security/alerts_v2/$entity`,
    ...served(request, alert),
  });
}

/** The same query with the token in place of `$skip`, on the host the client came to. */
function nextLink(request: SimulatorRequest, token: string): string {
  const kept = [...request.query].filter(([name]) => name !== '$skip' && name !== '$skiptoken');
  const parts = [...kept, ['$skiptoken', token] as const].map(
    ([name, value]) => `${encodeURIComponent(name).replace('%24', '$')}=${encodeURIComponent(value)}`,
  );
  return `${request.origin}${request.path}?${parts.join('&')}`;
}

function served(request: SimulatorRequest, alert: GraphAlert): GraphAlert {
  return wantsNewerMembers(request) ? alert : withoutNewerMembers(alert);
}

function wantsNewerMembers(request: SimulatorRequest): boolean {
  const preferences = (request.headers['prefer'] ?? '').split(',');
  return preferences.some((preference) => preference.trim().toLowerCase() === PREFERENCE);
}

const PREFERENCE = 'include-unknown-enum-members';

function ok(request: SimulatorRequest, body: object): SimulatorAnswer {
  const applied: Record<string, string> = wantsNewerMembers(request) ? { 'preference-applied': PREFERENCE } : {};
  return {
    status: 200,
    headers: { 'content-type': GRAPH_JSON, 'odata-version': '4.0', ...graphHeaders(request), ...applied },
    body: JSON.stringify(body),
  };
}

function unauthorized(message: string): GraphRefusal {
  return new GraphRefusal(401, 'InvalidAuthenticationToken', message);
}
