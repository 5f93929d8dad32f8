import { factsHash } from './digest.ts';
import type { KnownItem, Match } from './match.ts';
import { adopt, type Comparison, pickSignificant, SIGNIFICANT_ITEM_FACTS } from './significant.ts';

/** A match with its place in the alert. */
export interface Sight extends Match {
  readonly ordinal: number;
  /** Hash of the detection's own details. */
  readonly hash: string;
}

/** Known items keep their ordinal; new ones get the next. Items are never forgotten, so their number is the last ordinal. */
export function toSights(matches: readonly Match[], known: readonly KnownItem[]): readonly Sight[] {
  let next = known.length;
  return matches.map((match) => ({
    ...match,
    ordinal: match.known?.ordinal ?? ++next,
    hash: factsHash([match.detection.own]),
  }));
}

/** How an item is compared: what another API said of it is compared leniently, whenever the new owner first tells of it. */
export function comparisonOf({ known }: Match, by: Comparison): Comparison {
  return by === 'full' && known?.hash === '' ? 'lenient' : by;
}

/** The items of an alert after a record, in the order of first sight. */
export function rememberItems(
  known: readonly KnownItem[],
  sights: readonly Sight[],
  by: Comparison,
): readonly KnownItem[] {
  const isHandover = by !== 'full';
  const items = new Map(known.map((item) => [item.ordinal, isHandover ? { ...item, hash: '' } : item]));
  for (const sight of sights) {
    if (!sight.absorbed) items.set(sight.ordinal, toItem(sight, by));
  }
  return [...items.values()];
}

function toItem({ detection, known: before, ordinal, hash }: Sight, by: Comparison): KnownItem {
  const { type, createdAt, own } = detection;
  const id = detection.id ?? before?.id;
  const processedAt = detection.processedAt ?? before?.processedAt;
  const image = fill(detection.image, before?.image);
  return {
    ordinal,
    ...(id !== undefined && { id }),
    ...(processedAt !== undefined && { processedAt }),
    type,
    key: fill(detection.key, before?.type === type ? before.key : undefined) ?? [],
    ...(image && { image }),
    createdAt: createdAt ?? before?.createdAt ?? null,
    hash,
    significant: adopt(before?.significant, pickSignificant(own, SIGNIFICANT_ITEM_FACTS), by),
  };
}

/** A key part once known stays known, though a later version leaves it empty. */
function fill(
  key: readonly string[] | undefined,
  before: readonly string[] | undefined,
): readonly string[] | undefined {
  return key?.map((part, index) => (part === '' ? (before?.[index] ?? '') : part)) ?? before;
}
