import type { Evidence, Facts } from '../../domain/detection.ts';
import type { Instant } from '../../domain/instant.ts';
import { toSeverity } from '../../domain/severity.ts';
import { instant, integer, type JsonObject, text, texts } from '../schema.ts';
import type { Normalised } from '../source.ts';
import { contextEvidence, listedEvidence, relatedAccount, toGraphShape } from './defender-evidence.ts';
import { epochMs } from './epoch-ms.ts';
import { toEvidence } from './graph-evidence.ts';
import { graphWord } from './graph-words.ts';
import { knownFacts } from './known-facts.ts';
import { type MappedAlert, normalised, openAlert, readEvidence, refused } from './mapped-alert.ts';

/** Alerts of the Defender for Endpoint API (`/api/alerts?$expand=evidence`), in the order sent. */
export function normaliseDefenderAlerts(alerts: readonly unknown[]): Normalised {
  return normalised(alerts.map(toRecord));
}

/**
 * One alert as a record in the words of Graph's (defender-api 3). Needs an id and some time of its own. The API has no
 * links; they are not made up.
 */
function toRecord(json: unknown): MappedAlert {
  const opened = openAlert(json);
  if ('code' in opened) return { record: null, rejected: [opened] };
  const { alert, alertId, raw } = opened;
  const lastUpdate = updateTime(alert);
  if (lastUpdate === undefined) {
    return refused(
      alertId,
      'no-update-time',
      'lastUpdateTime is missing or is no time, and there is no other time',
      raw,
    );
  }
  const machineId = text(alert, 'machineId');
  const read = (evidence: JsonObject): Evidence => toEvidence(toGraphShape(evidence, machineId));
  const { evidence, rejected } = readEvidence(opened, read);
  const listed = listedEvidence(alert).map(read);
  const context = contextEvidence(alert).map(toEvidence);
  const all = [...evidence, ...listed, ...context];
  return {
    record: {
      alertId,
      scope: 'whole',
      lastUpdate,
      facts: { ...alertFacts(alert, alertId, lastUpdate), ...mainUser(alert, all) },
      evidence: all,
      raw,
    },
    rejected,
  };
}

/** Answers of 2018 and 2019 have no `lastUpdateTime`: the latest time that they do have is the least it can be. */
function updateTime(alert: JsonObject): Instant | undefined {
  const others = ['resolvedTime', 'alertCreationTime', 'lastEventTime'].flatMap(
    (member) => instant(alert, member) ?? [],
  );
  return instant(alert, 'lastUpdateTime') ?? others.toSorted().at(-1);
}

/**
 * Evidence has no roles in this API, so nothing tells which of several users an event is about; `relatedUser` is the
 * alert's own answer. An item that names a user itself keeps it.
 */
function mainUser(alert: JsonObject, evidence: readonly Evidence[]): Facts {
  const related = relatedAccount(alert);
  if (related === undefined || evidence.filter(({ type }) => type === 'user').length < 2) return {};
  return knownFacts({ UserName: related.accountName, UserDomain: related.domainName });
}

function alertFacts(alert: JsonObject, alertId: string, lastUpdate: Instant) {
  const created = instant(alert, 'alertCreationTime');
  const lastEvent = instant(alert, 'lastEventTime');
  const techniques = texts(alert, 'mitreTechniques');
  return knownFacts({
    AlertId: alertId,
    AlertTime: created,
    AlertTimeMs: epochMs(created),
    FirstActivityMs: epochMs(instant(alert, 'firstEventTime')),
    LastActivityMs: epochMs(lastEvent),
    LastUpdateMs: epochMs(lastUpdate),
    // As Microsoft's table has it for Graph (defender-api 2).
    LastProcessedTimeUtc: lastEvent,
    AlertTitle: text(alert, 'title'),
    Description: text(alert, 'description'),
    Severity: toSeverity(text(alert, 'severity')),
    Category: text(alert, 'category'),
    Source: graphWord('detectionSource', text(alert, 'detectionSource')),
    Status: graphWord('status', text(alert, 'status')),
    Classification: graphWord('classification', text(alert, 'classification')),
    Determination: graphWord('determination', text(alert, 'determination')),
    AssignedTo: text(alert, 'assignedTo'),
    IncidentId: integer(alert, 'incidentId'),
    MitreTechniques: techniques,
    ThreatCategory: techniques,
    // In answers of 2018 only.
    Actor: text(alert, 'actorName'),
    ThreatName: text(alert, 'threatName'),
    ThreatFamily: text(alert, 'threatFamilyName'),
    IoaDefinitionId: text(alert, 'detectorId'),
  });
}
