import type { Detection } from './detection.ts';
import type { Instant } from './instant.ts';
import { agree, conflict, same, shared } from './natural-key.ts';
import type { Significant } from './significant.ts';

/** An evidence item of an alert that has been seen before. */
export interface KnownItem {
  /** Order of first sight within the alert, from 1; part of the DetectionId, never reused. */
  readonly ordinal: number;
  readonly type: string;
  readonly key: readonly string[];
  readonly image?: readonly string[];
  readonly createdAt: Instant | null;
  /** Hash of the item's own details. */
  readonly hash: string;
  readonly significant: Significant;
}

export interface Match {
  readonly detection: Detection;
  readonly known: KnownItem | null;
  /** The detection is only another sight of `known` (a repeat, or the image file of a known process). */
  readonly absorbed: boolean;
}

type Test = (item: KnownItem, detection: Detection) => boolean;

/**
 * Which detections are known: by type and natural key, then by a key whose empty parts were filled since, then by type
 * and evidence creation time without conflict. Only what stays unmatched is new: Microsoft re-orders, enriches and
 * repeats evidence, and neither may emit it again.
 */
export function matchItems(known: readonly KnownItem[], detections: readonly Detection[]): readonly Match[] {
  const free = new Set(known);
  const found = new Map<Detection, KnownItem>();
  const tests: readonly Test[] = [
    (item, { key }) => key.length > 0 && same(item.key, key) && key.some((part) => part !== ''),
    (item, { key, deviceId }) => agree(item.key, key, deviceId),
    (item, { key, createdAt }) => item.createdAt === createdAt && !conflict(item.key, key),
  ];
  for (const test of tests) {
    for (const detection of detections) {
      if (found.has(detection)) continue;
      const item = best(
        [...free].filter((candidate) => candidate.type === detection.type && test(candidate, detection)),
        detection,
      );
      if (item === undefined) continue;
      found.set(detection, item);
      free.delete(item);
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

function best(candidates: readonly KnownItem[], { key, deviceId }: Detection): KnownItem | undefined {
  return candidates.toSorted(
    (a, b) => shared(b.key, key, deviceId) - shared(a.key, key, deviceId) || a.ordinal - b.ordinal,
  )[0];
}

function isAnotherSight(item: KnownItem, { type, key, deviceId }: Detection): boolean {
  if (item.type === type) return key.some((part) => part !== '') && same(item.key, key);
  return type === 'file' && item.image !== undefined && agree(item.image, key, deviceId);
}
