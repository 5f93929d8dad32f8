import { parseInstant, shiftInstant } from '../../domain/instant.ts';
import type { AnswerPage, AnswerRow, Handler, SimulatorAnswer, SimulatorRequest } from '../exchange.ts';
import type { AlertVersion } from '../world/alert-version.ts';
import { isEndpointAlert } from '../world/endpoint-alert.ts';
import type { UpdateRange } from '../world/timeline.ts';
import { parseAlertsQuery, type QueryRules } from './alerts-query.ts';
import { type ApiDeps, versionName } from './api-deps.ts';
import { apiError } from './api-error.ts';
import { ACCESS_RULES, authorize } from './bearer.ts';
import { toDefenderEvidence } from './defender-evidence.ts';
import { type DefenderRecord, defenderUpdateTime, toDefenderRecord } from './defender-record.ts';
import { linkWith } from './link.ts';
import { badRequest, Refusal } from './refusal.ts';
import { singlePage } from './single-page.ts';

export const ALERTS_PATH = '/api/alerts';
const MAX_TOP = 10_000;

interface Row {
  readonly version: AlertVersion;
  readonly record: DefenderRecord;
}

/** defender-api 3; `$orderby` is undocumented and used in practice. */
const RULES: QueryRules<Row> = {
  options: ['$filter', '$orderby', '$top', '$skip', '$expand'],
  properties: {
    lastUpdateTime: { kind: 'time', value: ({ version }) => defenderUpdateTime(version), isUpdateTime: true },
    alertCreationTime: { kind: 'time', value: ({ version }) => version.createdAt },
    lastEventTime: { kind: 'time', value: ({ record }) => parseInstant(record.lastEventTime ?? '') },
    incidentId: { kind: 'number', value: ({ record }) => record.incidentId },
    investigationId: { kind: 'number', value: ({ record }) => record.investigationId },
    id: { kind: 'word', value: ({ record }) => record.id },
    assignedTo: { kind: 'word', value: ({ record }) => record.assignedTo },
    detectionSource: { kind: 'word', value: ({ record }) => record.detectionSource },
    status: {
      kind: 'word',
      value: ({ record }) => record.status,
      isMember: isOneOf('Unknown New InProgress Resolved'),
    },
    severity: {
      kind: 'word',
      value: ({ record }) => record.severity,
      isMember: isOneOf('UnSpecified Informational Low Medium High'),
    },
    category: { kind: 'word', value: ({ record }) => record.category },
  },
  orders: ['lastUpdateTime', 'alertCreationTime'],
  defaultOrder: 'alertCreationTime desc',
  maxSkip: null,
};

/** Defender for Endpoint's alerts: the list and the single alert. With `$top` there is never a nextLink (S29). */
export function createDefenderAlerts(deps: ApiDeps): Handler {
  const records = createRecords();
  return (request) => {
    try {
      const { tid } = authorize(deps, ACCESS_RULES.defender, request);
      if (request.method !== 'GET') throw new Refusal(405, 'MethodNotAllowed', 'The method is not allowed.');
      const id = request.path.slice(ALERTS_PATH.length + 1);
      return id === '' ? listAlerts(deps, records, tid, request) : oneAlert(deps, records, tid, id, request);
    } catch (thrown) {
      if (thrown instanceof Refusal) return apiError('defender', thrown, request, deps.clock.now());
      throw thrown;
    }
  };
}

function listAlerts({ reader }: ApiDeps, records: Records, tenantId: string, request: SimulatorRequest) {
  const query = parseAlertsQuery(request.query, RULES);
  const expanded = expands(request.query.get('$expand'));
  if (query.top !== null && query.top > MAX_TOP) {
    throw badRequest(
      `The limit of '${MAX_TOP}' for Top query has been exceeded. The value from the incoming request is '${query.top}'.`,
    );
  }
  const found = reader
    .updated(tenantId, withRounding(query.updated), request)
    .filter(({ alert }) => isEndpointAlert(alert))
    .map((version) => ({ version, record: records(version) }))
    .filter(query.test);
  const list = query.compare === null ? found : found.toSorted(query.compare);
  const end = query.skip + (query.top ?? MAX_TOP);
  const linkTo = (skip: number) => {
    const kept = [...request.query].filter(([name]) => name !== '$skip');
    return linkWith(request, [...kept, ['$skip', String(skip)]]);
  };
  const page: AnswerPage = {
    rows: list.slice(query.skip, end).map(({ version, record }) => toRow(reader, version, record, expanded)),
    nextLink: query.top === null && end < list.length ? linkTo(end) : null,
    again: () => linkTo(query.skip),
    print: (value, link) =>
      JSON.stringify({
        '@odata.context': `${request.origin}/api/$metadata#Alerts`,
        ...(link === null ? {} : { '@odata.nextLink': link }),
        value,
      }),
  };
  return ok(page);
}

function oneAlert({ reader }: ApiDeps, records: Records, tenantId: string, id: string, request: SimulatorRequest) {
  const version = reader.find(tenantId, id, request);
  if (version === null || !isEndpointAlert(version.alert)) {
    throw new Refusal(404, 'ResourceNotFound', `Alert ${id} was not found`);
  }
  const row = toRow(reader, version, records(version), expands(request.query.get('$expand')));
  return ok(singlePage(row, { '@odata.context': `${request.origin}/api/$metadata#Alerts/$entity` }));
}

function toRow(reader: ApiDeps['reader'], version: AlertVersion, record: DefenderRecord, expanded: boolean): AnswerRow {
  const value = expanded ? { ...record, evidence: toDefenderEvidence(reader.show(version)) } : record;
  return { alertId: version.alert.id, version: versionName(version), value };
}

type Records = (version: AlertVersion) => DefenderRecord;

/** A version's record never changes, so it is made once. */
function createRecords(): Records {
  const made = new WeakMap<AlertVersion, DefenderRecord>();
  return (version) => {
    const record = made.get(version) ?? toDefenderRecord(version);
    made.set(version, record);
    return record;
  };
}

function expands(option: string | null): boolean {
  if (option === null || option === 'evidence') return option !== null;
  throw badRequest(`Could not find a property named '${option}' on type 'microsoft.windowsDefenderATP.api.Alert'.`);
}

/** Times here are rounded down, so an alert may be in the range although its exact time is past the end. */
function withRounding({ from, to }: UpdateRange): UpdateRange {
  return { from, to: to === null ? null : shiftInstant(to, 1000) };
}

function isOneOf(words: string): (word: string) => boolean {
  const members = new Set(words.split(' '));
  return (word) => members.has(word);
}

function ok(page: AnswerPage): SimulatorAnswer {
  const headers = { 'content-type': 'application/json; odata.metadata=minimal', 'odata-version': '4.0' };
  const values = page.rows.map(({ value }) => value);
  return { status: 200, headers, body: page.print(values, page.nextLink), page };
}
