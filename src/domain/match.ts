import type { Detection, Told } from './detection.ts';
import type { Instant } from './instant.ts';
import { agree, conflict, isNamed, same, shared } from './natural-key.ts';
import type { Significant } from './significant.ts';

/** An evidence item of an alert that has been seen before. */
export interface KnownItem {
  /** Order of first sight within the alert, from 1; part of the DetectionId, never reused. */
  readonly ordinal: number;
  /** Microsoft's own key of the item, where an API that has one delivered it. */
  readonly id?: string;
  /** When the item was last processed, where the API says so. */
  readonly processedAt?: Instant;
  readonly type: string;
  readonly key: readonly string[];
  readonly image?: readonly string[];
  readonly createdAt: Instant | null;
  /** Hash of the item's own details; '' when they were told by an API the alert belongs to no more. */
  readonly hash: string;
  readonly significant: Significant;
  /** What it was told as new under; absent in states of older versions. */
  readonly told?: Told;
}

export interface Match {
  readonly detection: Detection;
  readonly known: KnownItem | null;
  /** The detection is only another sight of `known` (a repeat, or the image file of a known process). */
  readonly absorbed: boolean;
}

type Test = (item: KnownItem, detection: Detection) => boolean;

const AGREES: Test = (item, { type, key, deviceId }) => item.type === type && agree(item.key, key, deviceId);
const APPEARED_TOGETHER: Test = (item, { type, key, createdAt }) =>
  item.type === type &&
  item.createdAt === createdAt &&
  // A time that neither side knows says nothing: then one of them has to be nameless.
  (createdAt !== null || !isNamed(item.key) || !isNamed(key)) &&
  !conflict(item.key, key);
/** The SIEM API tells of the file where the others tell of the process that was started from it. */
const IS_IMAGE_OF: Test = (item, { image, deviceId }) =>
  item.type === 'file' && image !== undefined && agree(item.key, image, deviceId);

const TESTS: readonly Test[] = [AGREES, APPEARED_TOGETHER];
const TESTS_ACROSS_APIS: readonly Test[] = [...TESTS, IS_IMAGE_OF];

/**
 * Which detections are known: by type and natural key, then by a key whose empty parts were filled since, then by type
 * and evidence creation time without conflict. Only what stays unmatched is new: Microsoft re-orders, enriches and
 * repeats evidence, and neither may emit it again.
 */
export function matchItems(
  known: readonly KnownItem[],
  detections: readonly Detection[],
  acrossApis = false,
): readonly Match[] {
  const free = new Set(known);
  const found = new Map<Detection, KnownItem>();
  const settle = (detection: Detection, item: KnownItem | undefined): void => {
    if (item === undefined) return;
    found.set(detection, item);
    free.delete(item);
  };
  const named = byName(known);
  for (const detection of detections) settle(detection, named.get(nameOf(detection))?.shift());
  for (const test of acrossApis ? TESTS_ACROSS_APIS : TESTS) {
    if (free.size === 0) break;
    for (const detection of detections) {
      if (found.has(detection)) continue;
      settle(
        detection,
        best(
          [...free].filter((item) => test(item, detection)),
          detection,
        ),
      );
    }
  }
  return detections.map((detection) => {
    const item = found.get(detection);
    if (item !== undefined) return { detection, known: item, absorbed: false };
    const again = known.find((candidate) => isAnotherSight(candidate, detection));
    return again === undefined
      ? { detection, known: null, absorbed: false }
      : { detection, known: again, absorbed: true };
  });
}

/**
 * Detections of a part are known by Microsoft's own key of them and by nothing else: two that look the same are two.
 * Only an item without one, which another API delivered before, is matched by what it names.
 */
export function matchParts(known: readonly KnownItem[], detections: readonly Detection[]): readonly Match[] {
  const byId = new Map(known.map((item) => [item.id, item]));
  const rest = detections.filter(({ id }) => id === undefined || !byId.has(id));
  const unidentified = known.filter(({ id }) => id === undefined);
  const matches = new Map(matchItems(unidentified, rest).map((match) => [match.detection, match]));
  return detections.map((detection) => {
    const match = matches.get(detection);
    if (match === undefined) return { detection, known: byId.get(detection.id) ?? null, absorbed: false };
    return match.absorbed ? { detection, known: null, absorbed: false } : match;
  });
}

/** Items by type and key, in the order of first sight; those that nothing names are left out. */
function byName(known: readonly KnownItem[]): ReadonlyMap<string, KnownItem[]> {
  const named = new Map<string, KnownItem[]>();
  for (const item of known) {
    if (!isNamed(item.key)) continue;
    const name = nameOf(item);
    const others = named.get(name);
    if (others === undefined) named.set(name, [item]);
    else others.push(item);
  }
  return named;
}

function nameOf({ type, key }: Pick<KnownItem, 'type' | 'key'>): string {
  return JSON.stringify([type, key]);
}

function best(candidates: readonly KnownItem[], { key, deviceId }: Detection): KnownItem | undefined {
  return candidates.toSorted(
    (a, b) => shared(b.key, key, deviceId) - shared(a.key, key, deviceId) || a.ordinal - b.ordinal,
  )[0];
}

function isAnotherSight(item: KnownItem, { type, key, deviceId }: Detection): boolean {
  if (item.type === type) return isNamed(key) && same(item.key, key);
  return type === 'file' && item.image !== undefined && agree(item.image, key, deviceId);
}
