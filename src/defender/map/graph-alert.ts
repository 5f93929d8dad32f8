import type { Instant } from '../../domain/instant.ts';
import { toSeverity } from '../../domain/severity.ts';
import { instant, integer, type JsonObject, text, texts } from '../schema.ts';
import { epochMs } from './epoch-ms.ts';
import { toEvidence } from './graph-evidence.ts';
import { graphWord } from './graph-words.ts';
import { knownFacts } from './known-facts.ts';
import { type MappedAlert, openAlert, readEvidence, refused } from './mapped-alert.ts';

/**
 * One alert of Graph's `alerts_v2` as a record. Needs an id and an update time, nothing else.
 * Source of the mapping: Microsoft's migration table, defender-api 2 and arcsight-parser 9.3.
 */
export function toAlertRecord(json: unknown): MappedAlert {
  const opened = openAlert(json);
  if ('code' in opened) return { record: null, rejected: [opened] };
  const { alert, alertId, raw } = opened;
  const lastUpdate = instant(alert, 'lastUpdateDateTime');
  if (lastUpdate === undefined) {
    return refused(alertId, 'no-update-time', 'lastUpdateDateTime is missing or is no time', raw);
  }
  const { evidence, rejected } = readEvidence(opened, toEvidence);
  const facts = alertFacts(alert, alertId, lastUpdate);
  return { record: { alertId, scope: 'whole', lastUpdate, facts, evidence, raw }, rejected };
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
    AlertTimeMs: epochMs(created),
    FirstActivityMs: epochMs(instant(alert, 'firstActivityDateTime')),
    LastActivityMs: epochMs(lastActivity),
    LastUpdateMs: epochMs(lastUpdate),
    // Microsoft's own row; the field's old meaning, arrival time, has no successor in Graph.
    LastProcessedTimeUtc: lastActivity,
    AlertTitle: text(alert, 'title'),
    Description: text(alert, 'description'),
    Severity: toSeverity(text(alert, 'severity')),
    Category: text(alert, 'category') ?? texts(alert, 'categories')?.[0],
    Source: text(alert, 'detectionSource'),
    ServiceSource: text(alert, 'serviceSource'),
    Status: graphWord('status', text(alert, 'status')),
    Classification: graphWord('classification', text(alert, 'classification')),
    Determination: graphWord('determination', text(alert, 'determination')),
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
