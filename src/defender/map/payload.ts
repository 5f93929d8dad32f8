import { isObject, type JsonObject } from '../schema.ts';
import type { Normalised } from '../source.ts';
import { normaliseDefenderAlerts } from './defender-alert.ts';
import { elements, isIncident, normaliseGraphPayload } from './graph-payload.ts';
import { together } from './mapped-alert.ts';
import { outlineText, rawText } from './raw-text.ts';
import { normaliseSiemDetections } from './siem-detection.ts';

/**
 * A saved payload of any of the three APIs: an OData envelope, an array or one object, told apart by its own members,
 * element by element. Detections of the SIEM API are taken together, as they are in an answer.
 */
export function normalisePayload(json: unknown): Normalised {
  const all = elements(json);
  const detections = all.filter((element) => apiOf(element) === 'siem');
  return together([...all.flatMap((element) => normaliseElement(element)), normaliseSiemDetections(detections)]);
}

function normaliseElement(element: unknown): readonly Normalised[] {
  switch (apiOf(element)) {
    case 'siem':
      return [];
    case 'defender':
      return [normaliseDefenderAlerts([element])];
    case 'graph':
      return [normaliseGraphPayload([element])];
    case 'none':
      return [strange(element)];
  }
}

/** Members that one API has and the others have not; each alone tells it, so that a half-filled record is known too. */
const SIEM = ['alertid', 'fullid', 'iocuniqueid', 'lastprocessedtimeutc', 'alerttime', 'alerttitle'];
const DEFENDER = [
  'alertCreationTime',
  'lastUpdateTime',
  'firstEventTime',
  'lastEventTime',
  'machineId',
  'computerDnsName',
  'aadTenantId',
  'relatedUser',
  'threatName',
];
const GRAPH = ['id', 'lastUpdateDateTime', 'createdDateTime', 'serviceSource', 'alertWebUrl', 'title'];

function apiOf(element: unknown): 'siem' | 'defender' | 'graph' | 'none' {
  // What is no object at all is refused by any of them alike.
  if (!isObject(element) || isIncident(element)) return 'graph';
  if (isDetection(element)) return 'siem';
  if (DEFENDER.some((member) => member in element)) return 'defender';
  return GRAPH.some((member) => member in element) ? 'graph' : 'none';
}

/** Its spelling of names drifts (defender-api 1.4). */
function isDetection(element: JsonObject): boolean {
  const names = new Set(Object.keys(element).map((name) => name.toLowerCase()));
  return SIEM.some((name) => names.has(name));
}

function strange(element: unknown): Normalised {
  const reason = 'nothing in it says that it is an alert of one of the three APIs';
  return {
    records: [],
    rejected: [{ id: null, code: 'no-id', reason, raw: rawText(element) ?? outlineText(element) }],
  };
}
