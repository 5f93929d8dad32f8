import type { AlertRecord, Evidence } from '../../domain/detection.ts';
import { type Instant, instantToMs } from '../../domain/instant.ts';
import { toSeverity } from '../../domain/severity.ts';
import { instant, integer, isObject, type JsonObject, knownWord, list, text, texts } from '../schema.ts';
import type { Rejection } from '../source.ts';
import { toEvidence } from './graph-evidence.ts';
import { knownFacts } from './known-facts.ts';
import { outlineText, rawText } from './raw-text.ts';

/** What one element of `value` became: a record with what had to be left out of it, or nothing but a rejection. */
export interface MappedAlert {
  readonly record: AlertRecord | null;
  readonly rejected: readonly Rejection[];
}

/**
 * One alert of Graph's `alerts_v2` as a record. Needs an id and an update time, nothing else.
 * Source of the mapping: Microsoft's migration table, defender-api 2 and arcsight-parser 9.3.
 */
export function toAlertRecord(json: unknown): MappedAlert {
  const raw = rawText(json);
  if (raw === null) return refused(idOf(json), 'the alert is nested too deep', outlineText(json));
  if (!isObject(json)) return refused(null, 'the alert is not an object', raw);
  const alertId = text(json, 'id');
  if (alertId === undefined) return refused(null, 'the alert has no id', raw);
  const lastUpdate = instant(json, 'lastUpdateDateTime');
  if (lastUpdate === undefined) return refused(alertId, 'lastUpdateDateTime is missing or is no time', raw);

  const { evidence, rejected } = readEvidence(json, alertId);
  return { record: { alertId, lastUpdate, facts: alertFacts(json, alertId, lastUpdate), evidence, raw }, rejected };
}

function idOf(json: unknown): string | null {
  return isObject(json) ? (text(json, 'id') ?? null) : null;
}

function refused(id: string | null, reason: string, raw: string): MappedAlert {
  return { record: null, rejected: [{ id, reason, raw }] };
}

function alertFacts(alert: JsonObject, alertId: string, lastUpdate: Instant) {
  const created = instant(alert, 'createdDateTime');
  const lastActivity = instant(alert, 'lastActivityDateTime');
  const techniques = texts(alert, 'mitreTechniques');
  const alertLink = text(alert, 'alertWebUrl');
  const incidentLink = text(alert, 'incidentWebUrl');
  return knownFacts({
    AlertId: alertId,
    AlertTime: created,
    AlertTimeMs: toMs(created),
    FirstActivityMs: toMs(instant(alert, 'firstActivityDateTime')),
    LastActivityMs: toMs(lastActivity),
    LastUpdateMs: toMs(lastUpdate),
    // Microsoft's own row; the field's old meaning, arrival time, has no successor in Graph.
    LastProcessedTimeUtc: lastActivity,
    AlertTitle: text(alert, 'title'),
    Description: text(alert, 'description'),
    Severity: toSeverity(text(alert, 'severity')),
    Category: text(alert, 'category') ?? texts(alert, 'categories')?.[0],
    Source: text(alert, 'detectionSource'),
    ServiceSource: text(alert, 'serviceSource'),
    Status: knownWord(alert, 'status'),
    Classification: knownWord(alert, 'classification'),
    Determination: knownWord(alert, 'determination'),
    AssignedTo: text(alert, 'assignedTo'),
    IncidentId: integer(alert, 'incidentId'),
    MitreTechniques: techniques,
    ThreatCategory: techniques,
    Actor: text(alert, 'actorDisplayName'),
    ThreatName: text(alert, 'threatDisplayName'),
    ThreatFamily: text(alert, 'threatFamilyName'),
    IoaDefinitionId: text(alert, 'detectorId'),
    LinkToWDATP: alertLink,
    LinkToMTP: alertLink,
    IncidentLinkToWDATP: incidentLink,
    IncidentLinkToMTP: incidentLink,
  });
}

/** Evidence that cannot be read is set aside under the alert's id; the alert itself stays. */
function readEvidence(alert: JsonObject, alertId: string) {
  const evidence: Evidence[] = [];
  const rejected: Rejection[] = [];
  const { evidence: sent } = alert;
  if (sent !== undefined && sent !== null && !Array.isArray(sent)) {
    rejected.push({ id: alertId, reason: 'evidence is not a list', raw: JSON.stringify(sent) });
  }
  for (const [index, item] of (list(alert, 'evidence') ?? []).entries()) {
    if (isObject(item)) evidence.push(toEvidence(item));
    else rejected.push({ id: alertId, reason: `evidence ${index} is not an object`, raw: JSON.stringify(item) });
  }
  return { evidence, rejected };
}

function toMs(time: Instant | undefined): number | undefined {
  return time === undefined ? undefined : instantToMs(time);
}
