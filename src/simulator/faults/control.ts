import { type Handler, jsonAnswer, type SimulatorAnswer, type SimulatorRequest } from '../exchange.ts';
import { SERVICES } from '../service.ts';
import type { FaultScope } from './fault-draw.ts';
import type { FaultPanel } from './fault-panel.ts';
import { FAULTS, type FaultName, findFault, isPoison } from './fault-table.ts';

export const CONTROL_PATH = '/_control/faults';

/**
 * The fault panel for other programs. GET: the list and the counts. POST, one of
 * `{"name", "count", "api"?, "tenantId"?}`, `{"name" or "any", "probability", "api"?, "tenantId"?}`,
 * `{"name", "tenantId", "alertId"}` for a poisoned record, `{"clear": true}`.
 */
export function createControl(panel: FaultPanel): Handler {
  return (request) => {
    if (request.path !== CONTROL_PATH) return refuse(404, `There is only ${CONTROL_PATH}.`);
    if (request.method === 'GET') return state(panel);
    if (request.method !== 'POST') return refuse(405, 'GET or POST.');
    // A web page cannot send this type to another origin unasked.
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
      return refuse(415, 'Send application/json.');
    const problem = apply(panel, readObject(request));
    return problem === null ? state(panel) : refuse(400, problem);
  };
}

function state(panel: FaultPanel): SimulatorAnswer {
  return jsonAnswer(200, { faults: FAULTS, counts: panel.counts() });
}

type Fields = Readonly<Record<string, unknown>>;

/** Does what is asked for; what is wrong with it, or null. */
function apply(panel: FaultPanel, fields: Fields | null): string | null {
  if (fields === null) return 'The body is no JSON object.';
  if (fields['clear'] === true) {
    panel.clear();
    return null;
  }
  const name = fields['name'] === 'any' ? 'any' : nameOf(fields['name']);
  if (name === null) return `There is no fault named ${JSON.stringify(fields['name'])}.`;
  const scope = readScope(fields);
  if (scope === null) return `api is one of ${SERVICES.join(', ')}; tenantId is a text.`;
  const { alertId, probability, count = 1 } = fields;
  if (probability !== undefined) return setProbability(panel, name, probability, scope);
  if (name === 'any') return 'any needs a probability.';
  if (alertId !== undefined) return setPoison(panel, name, alertId, scope);
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1) return 'count is a whole number above 0.';
  panel.next(count, name, scope);
  return null;
}

function setProbability(panel: FaultPanel, name: FaultName | 'any', share: unknown, scope: FaultScope): string | null {
  if (typeof share !== 'number' || !(share >= 0 && share <= 1)) return 'probability is a number from 0 to 1.';
  panel.probability(name, share, scope);
  return null;
}

function setPoison(panel: FaultPanel, name: FaultName, alertId: unknown, { tenantId }: FaultScope): string | null {
  if (typeof alertId !== 'string' || tenantId === undefined || !isPoison(name)) {
    return 'alertId goes with tenantId and the name of a poison.';
  }
  panel.poison(tenantId, alertId, name);
  return null;
}

function nameOf(name: unknown): FaultName | null {
  return typeof name === 'string' ? (findFault(name)?.name ?? null) : null;
}

function readScope({ api, tenantId }: Fields): FaultScope | null {
  const service = SERVICES.find((known) => known === api);
  if (api !== undefined && service === undefined) return null;
  if (tenantId !== undefined && typeof tenantId !== 'string') return null;
  return { ...(service === undefined ? {} : { api: service }), ...(tenantId === undefined ? {} : { tenantId }) };
}

function readObject({ body }: SimulatorRequest): Fields | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function refuse(status: number, error: string): SimulatorAnswer {
  return jsonAnswer(status, { error });
}
