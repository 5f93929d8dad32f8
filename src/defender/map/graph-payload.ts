import { isObject, type JsonObject, list, text } from '../schema.ts';
import type { Normalised } from '../source.ts';
import { toAlertRecord } from './graph-alert.ts';
import { normalised, together } from './mapped-alert.ts';
import { outlineText, rawText } from './raw-text.ts';

/** Alerts of one page or file, in the order sent; what cannot be read is set aside. */
export function normaliseAlerts(alerts: readonly unknown[]): Normalised {
  return normalised(alerts.map(toAlertRecord));
}

/**
 * A saved answer of Graph's security API: an OData envelope, an array or one object, each of alerts (`alerts_v2`)
 * or of incidents with `$expand=alerts`.
 */
export function normaliseGraphPayload(json: unknown): Normalised {
  return together(
    elements(json).map((element) => (isIncident(element) ? normaliseIncident(element) : normaliseAlerts([element]))),
  );
}

/** The elements of an OData envelope or an array; anything else is its only element. */
export function elements(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  return isObject(json) ? (list(json, 'value') ?? [json]) : [json];
}

export function isIncident(element: unknown): element is JsonObject {
  if (!isObject(element)) return false;
  return list(element, 'alerts') !== undefined || text(element, '@odata.type') === '#microsoft.graph.security.incident';
}

function normaliseIncident(incident: JsonObject): Normalised {
  const alerts = list(incident, 'alerts');
  if (alerts !== undefined) return normaliseAlerts(alerts);
  const reason = 'an incident without its alerts; export it with $expand=alerts';
  return {
    records: [],
    rejected: [{ id: null, code: 'no-alerts', reason, raw: rawText(incident) ?? outlineText(incident) }],
  };
}
