import { createHash } from 'node:crypto';
import { type Instant, instantFromMs, instantToMs, parseInstant } from '../../domain/instant.ts';
import type { AlertVersion } from './alert-version.ts';
import { evidenceType, isEndpointAlert, member, textOf } from './endpoint-alert.ts';
import type { GraphAlert, GraphEvidence } from './graph-alert.ts';

/** One suspicious event as the SIEM exporter knows it; it never changes (defender-api 1.1). */
export interface SiemDetection {
  /** The alert as it was when the event came up. */
  readonly alert: GraphAlert;
  /** Null where the alert has nothing but its context. */
  readonly item: GraphEvidence | null;
  readonly iocUniqueId: string;
  /** To seven digits; just before it came up, or long before. */
  readonly processedAt: Instant;
  readonly visibleAtMs: number;
}

/** Shown later than that, every other event of a version bears the time at which it happened. */
const LATE_MS = 30 * 60_000;
/** What an alert is about, not what happened (design: Domain). */
const CONTEXT: ReadonlySet<string> = new Set(['device', 'user', 'mailbox', 'securityGroup']);
/** What changes about an item; the rest is what it is. */
const STATE = ['verdict', 'remediationStatus', 'remediationStatusDetails', 'roles', 'detailedRoles', 'tags'];

/** Every detection of a tenant, in the order in which they come up. @param versions in order of visibility */
export function toSiemDetections(versions: readonly AlertVersion[]): readonly SiemDetection[] {
  const known = new Map<string, Known>();
  return versions.flatMap((version) => {
    if (!isEndpointAlert(version.alert)) return [];
    const seen = known.get(version.alert.id) ?? { items: new Set(), keys: new Set() };
    known.set(version.alert.id, seen);
    return newDetections(version, seen);
  });
}

interface Known {
  readonly items: Set<GraphEvidence>;
  readonly keys: Set<string>;
}

function newDetections(version: AlertVersion, known: Known): readonly SiemDetection[] {
  const items = actionable(version.alert).filter((item) => !known.items.has(item));
  const found = items.flatMap((item) => {
    known.items.add(item);
    const key = keyOf(item);
    if (known.keys.has(key)) return [];
    known.keys.add(key);
    return [detection(version, item, key)];
  });
  if (found.length > 0 || known.keys.size > 0) return found;
  known.keys.add('');
  return [detection(version, null, '')];
}

/** Without context, and without the image file of a process, which is the same event. */
function actionable({ evidence = [] }: GraphAlert): readonly GraphEvidence[] {
  const images = new Set(
    evidence.filter((item) => evidenceType(item) === 'process').map((item) => fileOf(member(item, 'imageFile'))),
  );
  return evidence.filter((item) => {
    const type = evidenceType(item);
    if (CONTEXT.has(type)) return false;
    return type !== 'file' || !images.has(fileOf(member(item, 'fileDetails')));
  });
}

function fileOf(details: Readonly<Record<string, unknown>>): string {
  return ['sha1', 'filePath', 'fileName'].map((name) => textOf(details, name) ?? '').join('|');
}

function keyOf(item: GraphEvidence): string {
  return JSON.stringify(Object.entries(item).filter(([name]) => !STATE.includes(name)));
}

function detection(version: AlertVersion, item: GraphEvidence | null, key: string): SiemDetection {
  const { alert, visibleAtMs } = version;
  const digest = createHash('sha256').update(`${alert.id}/${key}`).digest();
  const number = digest.readUInt16BE(0);
  const digits = String(number % 10_000).padStart(4, '0');
  const atMs = number % 2 === 0 ? visibleAtMs - 1 : Math.min(visibleAtMs - 1, processedLate(version) ?? Infinity);
  const before = instantFromMs(atMs);
  const processedAt = parseInstant(`${before.slice(0, 23)}${digits}Z`) ?? before;
  return { alert, item, iocUniqueId: digest.toString('base64'), processedAt, visibleAtMs };
}

/** When an event was processed that is shown far later (defender-api 7, there of alerts); null for the usual ones. */
function processedLate({ updatedAt, visibleAtMs, change }: AlertVersion): number | null {
  const updatedMs = updatedAt === null || change === 'put' ? Infinity : instantToMs(updatedAt);
  return visibleAtMs - updatedMs > LATE_MS ? updatedMs : null;
}
