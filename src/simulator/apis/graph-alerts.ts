import type { AnswerPage, Handler, SimulatorAnswer, SimulatorRequest } from '../exchange.ts';
import type { AlertVersion } from '../world/alert-version.ts';
import type { GraphAlert } from '../world/graph-alert.ts';
import { type AlertsQuery, parseAlertsQuery, type QueryRules } from './alerts-query.ts';
import { type ApiDeps, versionName } from './api-deps.ts';
import { ACCESS_RULES, authorize } from './bearer.ts';
import { isKnownMember, withoutNewerMembers } from './evolvable-enums.ts';
import { GRAPH_JSON, graphError, graphHeaders } from './graph-errors.ts';
import { linkWith } from './link.ts';
import { createPageLists, type PageLists } from './page-list.ts';
import { badRequest, Refusal } from './refusal.ts';
import { singlePage } from './single-page.ts';

export const GRAPH_ALERTS = '/v1.0/security/alerts_v2';
const DEFAULT_TOP = 100;
const MAX_TOP = 1000;

/** defender-api 4: `$orderby` is undocumented and relied on by others, too. */
const RULES: QueryRules<AlertVersion> = {
  options: ['$filter', '$orderby', '$top', '$skip', '$count', '$skiptoken'],
  properties: {
    lastUpdateDateTime: { kind: 'time', value: ({ updatedAt }) => updatedAt, isUpdateTime: true },
    createdDateTime: { kind: 'time', value: ({ createdAt }) => createdAt },
    status: { kind: 'word', value: ({ alert }) => alert.status, isMember: (word) => isKnownMember('status', word) },
    severity: {
      kind: 'word',
      value: ({ alert }) => alert.severity,
      isMember: (word) => isKnownMember('severity', word),
    },
    serviceSource: {
      kind: 'word',
      value: ({ alert }) => alert.serviceSource,
      isMember: (word) => isKnownMember('serviceSource', word),
    },
    classification: { kind: 'word', value: ({ alert }) => alert.classification },
    determination: { kind: 'word', value: ({ alert }) => alert.determination },
    assignedTo: { kind: 'word', value: ({ alert }) => alert.assignedTo },
  },
  orders: ['lastUpdateDateTime', 'createdDateTime'],
  defaultOrder: 'createdDateTime desc',
  maxSkip: 500,
};

/** Graph's alerts_v2: the list and the single alert (defender-api 4). */
export function createGraphAlerts(deps: ApiDeps): Handler {
  const lists = createPageLists(deps.paging);
  return (request) => {
    try {
      const { tid } = authorize(deps, ACCESS_RULES.graph, request);
      if (request.method !== 'GET') throw new Refusal(405, 'MethodNotAllowed', 'The method is not allowed.');
      if (request.path === GRAPH_ALERTS) return listAlerts(deps, lists, tid, request);
      if (request.path.startsWith(`${GRAPH_ALERTS}/`)) return oneAlert(deps, tid, request);
      throw badRequest(`Resource not found for the segment '${request.path.split('/').at(-1) ?? ''}'.`);
    } catch (thrown) {
      if (thrown instanceof Refusal) return graphError(thrown, request, deps.clock.now());
      throw thrown;
    }
  };
}

function listAlerts(deps: ApiDeps, lists: PageLists, tenantId: string, request: SimulatorRequest): SimulatorAnswer {
  const query = parseAlertsQuery(request.query, RULES);
  const token = request.query.get('$skiptoken');
  const start = token === null ? null : lists.resolve(tenantId, token);
  const list = start?.frozen ?? matching(deps, tenantId, query, request);
  const offset = start?.offset ?? query.skip;
  const end = offset + Math.min(query.top ?? DEFAULT_TOP, MAX_TOP);
  const linkTo = (place: number) => nextLink(request, lists.tokenFor(tenantId, list, place, token));
  const page: AnswerPage = {
    rows: list.slice(offset, end).map((version) => ({
      alertId: version.alert.id,
      version: versionName(version),
      value: served(request, deps.reader.show(version)),
    })),
    nextLink: end < list.length ? linkTo(end) : null,
    again: () => linkTo(offset),
    print: (value, link) =>
      JSON.stringify({
        '@odata.context': `${request.origin}/v1.0/$metadata#security/alerts_v2`,
        ...(query.count ? { '@odata.count': list.length } : {}),
        ...(link === null ? {} : { '@odata.nextLink': link }),
        value,
      }),
  };
  const body = page.print(
    page.rows.map(({ value }) => value),
    page.nextLink,
  );
  return { ...ok(request, body), page };
}

function matching({ reader }: ApiDeps, tenantId: string, query: AlertsQuery<AlertVersion>, request: SimulatorRequest) {
  const list = reader.updated(tenantId, query.updated, request).filter(query.test);
  return query.compare === null ? list : list.toSorted(query.compare);
}

function oneAlert({ reader }: ApiDeps, tenantId: string, request: SimulatorRequest): SimulatorAnswer {
  const id = request.path.slice(GRAPH_ALERTS.length + 1);
  const version = reader.find(tenantId, id, request);
  if (version === null) throw new Refusal(404, 'NotFound', `Alert with id '${id}' was not found.`);
  const context = `${request.origin}/v1.0/$metadata#security/alerts_v2/$entity`;
  const row = { alertId: id, version: versionName(version), value: served(request, reader.show(version)) };
  const page = singlePage(row, { '@odata.context': context });
  return { ...ok(request, page.print([row.value], null)), page };
}

/** The same query with the token in place of `$skip`, on the host the client came to. */
function nextLink(request: SimulatorRequest, token: string): string {
  const kept = [...request.query].filter(([name]) => name !== '$skip' && name !== '$skiptoken');
  return linkWith(request, [...kept, ['$skiptoken', token]]);
}

function served(request: SimulatorRequest, alert: GraphAlert): GraphAlert {
  return wantsNewerMembers(request) ? alert : withoutNewerMembers(alert);
}

function wantsNewerMembers(request: SimulatorRequest): boolean {
  const preferences = (request.headers['prefer'] ?? '').split(',');
  return preferences.some((preference) => preference.trim().toLowerCase() === PREFERENCE);
}

const PREFERENCE = 'include-unknown-enum-members';

function ok(request: SimulatorRequest, body: string): SimulatorAnswer {
  const applied: Record<string, string> = wantsNewerMembers(request) ? { 'preference-applied': PREFERENCE } : {};
  return {
    status: 200,
    headers: { 'content-type': GRAPH_JSON, 'odata-version': '4.0', ...graphHeaders(request), ...applied },
    body,
  };
}
