import type { Told } from './detection.ts';
import { factsHash } from './digest.ts';
import type { KnownItem, Match } from './match.ts';
import { adopt, type Comparison, pickSignificant, SIGNIFICANT_ITEM_FACTS } from './significant.ts';
import { alsoTold, isAdmitted, type Showing } from './told.ts';

/** A match with its place in the alert. */
export interface Sight extends Match {
  readonly ordinal: number;
  /** Hash of the detection's own details. */
  readonly hash: string;
  /** What it was told as new under before; null when it never was. */
  readonly told: Told | null;
  /** It is known, and some filter takes it now that never did. */
  readonly admitted: boolean;
}

/** Known items keep their ordinal; new ones get the next. Items are never forgotten, so their number is the last ordinal. */
export function toSights(
  matches: readonly Match[],
  known: readonly KnownItem[],
  { by, standing, alertTold }: Showing,
): readonly Sight[] {
  let next = known.length;
  return matches.map((match) => {
    const told = match.known === null ? null : (match.known.told ?? alertTold);
    return {
      ...match,
      ordinal: match.known?.ordinal ?? ++next,
      hash: factsHash([match.detection.own]),
      told,
      admitted: told !== null && isAdmitted(told, { standing, by: comparisonOf(match, by) }),
    };
  });
}

/** How an item is compared: what another API said of it is compared leniently, whenever the new owner first tells of it. */
export function comparisonOf({ known }: Match, by: Comparison): Comparison {
  return by === 'full' && known?.hash === '' ? 'lenient' : by;
}

/** The items of an alert after a record, in the order of first sight. */
export function rememberItems(
  known: readonly KnownItem[],
  sights: readonly Sight[],
  showing: Showing,
): readonly KnownItem[] {
  const items = new Map(known.map((item) => [item.ordinal, keep(item, showing)]));
  for (const sight of sights) {
    if (!sight.absorbed) items.set(sight.ordinal, toItem(sight, showing));
  }
  return [...items.values()];
}

function keep(item: KnownItem, { by, alertTold }: Showing): KnownItem {
  return {
    ...item,
    ...(by !== 'full' && { hash: '' }),
    ...(item.told === undefined && alertTold !== null && { told: alertTold }),
  };
}

function toItem(sight: Sight, { by, standing }: Showing): KnownItem {
  const { detection, known: before, ordinal, hash, told, admitted } = sight;
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
    told: told === null || admitted ? alsoTold(told ?? {}, standing) : told,
  };
}

/** A key part once known stays known, though a later version leaves it empty. */
function fill(
  key: readonly string[] | undefined,
  before: readonly string[] | undefined,
): readonly string[] | undefined {
  return key?.map((part, index) => (part === '' ? (before?.[index] ?? '') : part)) ?? before;
}
