import type { AlertRecord, Evidence, Facts } from '../../domain/detection.ts';
import { type Instant, instantToMs } from '../../domain/instant.ts';
import type { Rejection, RejectionCode } from '../../domain/rejection.ts';
import { toSeverity } from '../../domain/severity.ts';
import { instant, isObject, type JsonObject, text } from '../schema.ts';
import type { Normalised } from '../source.ts';
import { knownFacts } from './known-facts.ts';
import { outlineText, rawText } from './raw-text.ts';
import { toSiemEvidence } from './siem-evidence.ts';
import { siemMembers } from './siem-members.ts';

/**
 * Detections of the old SIEM API as records. Those of one alert become one record with one piece of evidence each. A
 * detection that is given in several versions (the same `FullId`, processed again) has each in a record of its own, the
 * oldest first; a plain repeat is left out.
 */
export function normaliseSiemDetections(detections: readonly unknown[]): Normalised {
  const rejected: Rejection[] = [];
  const alerts = new Map<string, ReadDetection[]>();
  for (const json of detections) {
    const read = readDetection(json);
    if ('code' in read) {
      rejected.push(read);
      continue;
    }
    const others = alerts.get(read.alertId);
    if (others === undefined) alerts.set(read.alertId, [read]);
    else others.push(read);
  }
  return { records: [...alerts.values()].flatMap(toRecords), rejected };
}

interface ReadDetection {
  readonly alertId: string;
  readonly fullId: string;
  readonly processedAt: Instant;
  readonly alertFacts: Facts;
  readonly evidence: Evidence;
  readonly raw: string;
}

function readDetection(json: unknown): ReadDetection | Rejection {
  const raw = rawText(json);
  const members = isObject(json) ? siemMembers(json) : {};
  const alertId = text(members, 'AlertId');
  const refuse = (code: RejectionCode, reason: string): Rejection => {
    return { id: alertId ?? null, code, reason, raw: raw ?? outlineText(json) };
  };
  if (raw === null) return refuse('too-deep', 'the detection is nested too deep');
  if (!isObject(json)) return refuse('not-an-object', 'the detection is not an object');
  if (alertId === undefined) return refuse('no-id', 'the detection has no AlertId');
  const fullId = text(members, 'FullId') ?? builtId(alertId, text(members, 'IocUniqueId'));
  if (fullId === undefined) return refuse('no-id', 'the detection has neither FullId nor IocUniqueId');
  const processedAt = instant(members, 'LastProcessedTimeUtc');
  if (processedAt === undefined) {
    return refuse('no-update-time', 'LastProcessedTimeUtc is missing or is no time');
  }
  const evidence = toSiemEvidence(members, fullId, processedAt);
  return { alertId, fullId, processedAt, alertFacts: alertFacts(members, alertId), evidence, raw };
}

/** As the document defines it: `<AlertId>:<IocUniqueId>` (defender-api 1.4). */
function builtId(alertId: string, iocUniqueId: string | undefined): string | undefined {
  return iocUniqueId === undefined ? undefined : `${alertId}:${iocUniqueId}`;
}

/** What every detection of an alert says alike. */
function alertFacts(members: JsonObject, alertId: string): Facts {
  return knownFacts({
    AlertId: alertId,
    AlertTitle: text(members, 'AlertTitle'),
    Description: text(members, 'Description'),
    Severity: toSeverity(text(members, 'Severity')),
    Category: text(members, 'Category'),
    Actor: text(members, 'Actor'),
    LinkToWDATP: text(members, 'LinkToWDATP'),
    LinkToMTP: text(members, 'LinkToMTP'),
    IncidentLinkToWDATP: text(members, 'IncidentLinkToWDATP'),
    IncidentLinkToMTP: text(members, 'IncidentLinkToMTP'),
  });
}

/** @param detections of one alert */
function toRecords(detections: readonly ReadDetection[]): readonly AlertRecord[] {
  const versions: ReadDetection[][] = [];
  const seen = new Map<string, { readonly count: number; readonly last: Instant }>();
  for (const detection of detections.toSorted(byProcessing)) {
    const { fullId, processedAt } = detection;
    const { count, last } = seen.get(fullId) ?? { count: 0, last: null };
    if (last === processedAt) continue;
    seen.set(fullId, { count: count + 1, last: processedAt });
    const others = versions[count];
    if (others === undefined) versions.push([detection]);
    else others.push(detection);
  }
  return versions.flatMap(toRecord);
}

/** @param detections of one alert, each another one, in the order of processing: the last one says what the alert is */
function toRecord(detections: readonly ReadDetection[]): readonly AlertRecord[] {
  const latest = detections.at(-1);
  if (latest === undefined) return [];
  const { alertId, processedAt } = latest;
  const facts: Facts = Object.fromEntries(detections.flatMap((detection) => Object.entries(detection.alertFacts)));
  return [
    {
      alertId,
      scope: 'part',
      lastUpdate: processedAt,
      facts: { ...facts, LastUpdateMs: instantToMs(processedAt) },
      evidence: detections.map(({ evidence }) => evidence),
      raw: `[${detections.map(({ raw }) => raw).join(',')}]`,
    },
  ];
}

function byProcessing(a: ReadDetection, b: ReadDetection): number {
  if (a.processedAt === b.processedAt) return 0;
  return a.processedAt < b.processedAt ? -1 : 1;
}
