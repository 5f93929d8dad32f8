import type { AlertRecord } from '../../domain/detection.ts';
import { isObject, type JsonObject, list, text } from '../schema.ts';
import type { Rejection } from '../source.ts';
import { toAlertRecord } from './graph-alert.ts';
import { outlineText, rawText } from './raw-text.ts';

export interface NormalisedPayload {
  readonly records: readonly AlertRecord[];
  readonly rejected: readonly Rejection[];
}

/** Alerts of one page or file, in the order sent; what cannot be read is set aside. */
export function normaliseAlerts(alerts: readonly unknown[]): NormalisedPayload {
  const mapped = alerts.map(toAlertRecord);
  return {
    records: mapped.flatMap(({ record }) => record ?? []),
    rejected: mapped.flatMap(({ rejected }) => rejected),
  };
}

/**
 * A saved answer of Graph's security API: an OData envelope, an array or one object, each of alerts (`alerts_v2`)
 * or of incidents with `$expand=alerts`.
 */
export function normaliseGraphPayload(json: unknown): NormalisedPayload {
  const parts = elements(json).map((element) =>
    isIncident(element) ? normaliseIncident(element) : normaliseAlerts([element]),
  );
  return {
    records: parts.flatMap(({ records }) => records),
    rejected: parts.flatMap(({ rejected }) => rejected),
  };
}

function elements(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  return isObject(json) ? (list(json, 'value') ?? [json]) : [json];
}

function isIncident(element: unknown): element is JsonObject {
  if (!isObject(element)) return false;
  return list(element, 'alerts') !== undefined || text(element, '@odata.type') === '#microsoft.graph.security.incident';
}

function normaliseIncident(incident: JsonObject): NormalisedPayload {
  const alerts = list(incident, 'alerts');
  if (alerts !== undefined) return normaliseAlerts(alerts);
  const reason = 'an incident without its alerts; export it with $expand=alerts';
  return { records: [], rejected: [{ id: null, reason, raw: rawText(incident) ?? outlineText(incident) }] };
}
