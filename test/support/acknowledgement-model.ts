import {
  type Belief,
  type History,
  judge,
  type ModelTry,
  NOTHING_KNOWN,
  type Seen,
  type Taken,
} from './acknowledgement-rules.ts';

/**
 * The acknowledgement protocol (design: Feed) written a second time, for tests: from what the reader's side saw it works
 * out what the bridge may do next, and so what is acknowledged, repeated or lost. Where nobody outside can know how the
 * bridge saw an end, it holds several beliefs until an answer settles it.
 */
export interface AcknowledgementModel {
  /** Takes the next exchange; answers how the bridge's answer is to be understood. */
  exchange(seen: Seen): Verdict;
  /** The process ended: ends that it had not yet noted are lost with it. */
  bridgeEnded(): void;
  /** From now on what it notes may be lost with the process. */
  unwritable(): void;
  /** What the next process notes is kept; this one may still hold something back. */
  writable(): void;
  /** Ranges that are acknowledged, oldest first; of the belief that holds. */
  taken(): readonly Taken[];
  /** Up to where everything is acknowledged; null while beliefs differ. */
  acknowledged(): number | null;
}

export interface Verdict {
  /** What no rule allows; null when all is well. */
  readonly violation: string | null;
  /** Why the page of this answer had not counted as delivered; null when it is a first sending. */
  readonly repeatedBecause: string | null;
}

/** More than ever happens; beyond it something is wrong with the model. */
const MOST_BELIEFS = 20_000;

export function createAcknowledgementModel(): AcknowledgementModel {
  let beliefs: readonly Belief[] = [NOTHING_KNOWN];
  /** Beliefs at any time since the store could not be written: one of them is on the disk. */
  let onDisk: readonly Belief[] | null = null;
  let full = false;
  let history: Times = { isStill: true, hasFallen: false, firstMs: null, highestMs: -Infinity };

  const set = (next: readonly Belief[]): void => {
    beliefs = distinct(next);
    if (beliefs.length > MOST_BELIEFS) throw new Error(`${beliefs.length} beliefs`);
    if (onDisk !== null) onDisk = distinct([...onDisk, ...beliefs]);
  };

  return {
    exchange(seen) {
      history = lookBack(history, seen);
      const next = beliefs.flatMap((belief) => after(belief, seen, history));
      if (next.length === 0) return { violation: describe(beliefs, seen, history), repeatedBecause: null };
      set(next);
      const reasons = new Set(next.flatMap(({ kept }) => kept ?? []));
      return { violation: null, repeatedBecause: reasons.size === 0 ? null : [...reasons].join(' or ') };
    },
    bridgeEnded() {
      const left = onDisk ?? beliefs;
      onDisk = null;
      set(left.map((belief) => withTries(belief, unproved)));
      if (full) onDisk = beliefs;
    },
    unwritable() {
      full = true;
      onDisk ??= beliefs;
    },
    writable() {
      full = false;
    },
    taken: () => beliefs[0]?.taken ?? [],
    acknowledged() {
      const ends = new Set(beliefs.map(({ acknowledged, orMore }) => (orMore ? Infinity : acknowledged)));
      const [end = 0] = ends;
      return ends.size === 1 ? end : null;
    },
  };
}

interface Times extends History {
  readonly firstMs: number | null;
  readonly highestMs: number;
}

/** Requests that may never have got there count too: what they show only allows more. */
function lookBack(before: Times, { since }: Seen): Times {
  if (since === null) return before;
  const firstMs = before.firstMs ?? since.ms;
  return {
    firstMs,
    isStill: before.isStill && since.ms === firstMs,
    hasFallen: before.hasFallen || since.ms < before.highestMs,
    highestMs: Math.max(before.highestMs, since.ms),
  };
}

function unproved(one: ModelTry): ModelTry {
  return one.sight === 'clean' ? { ...one, sight: 'maybe', why: one.why === '' ? 'the bridge ended' : one.why } : one;
}

function withTries(belief: Belief, change: (one: ModelTry, index: number) => ModelTry): Belief {
  const { page } = belief;
  return page === null ? belief : { ...belief, page: { ...page, tries: page.tries.map(change) } };
}

/** Every way in which things may stand after the exchange. */
function after(belief: Belief, seen: Seen, history: History): readonly Belief[] {
  const judged = settled(belief).flatMap((known) => judge(known, seen, history));
  if (seen.page !== null) return judged.flatMap((one) => answered(one, seen) ?? []);
  const unseen: ModelTry = { ...tryOf(seen), stampMs: null, to: null };
  const sent = judged.map((one) => withTry(one, one.acknowledged + 1, unseen));
  // It may never have got there, or there was nothing to send.
  return [{ ...belief, kept: null }, ...judged.filter(({ page }) => page === null), ...sent];
}

/** The belief with every uncertain try decided, in every way that makes a difference. */
function settled(belief: Belief): readonly Belief[] {
  const open = belief.page?.tries.flatMap(({ sight }, index) => (sight === 'maybe' ? [index] : [])) ?? [];
  return open.reduce<readonly Belief[]>(
    (known, at) =>
      distinct(
        known.flatMap((one) =>
          DECIDED.map((sight) => withTries(one, (attempt, index) => (index === at ? { ...attempt, sight } : attempt))),
        ),
      ),
    [belief],
  );
}

const DECIDED = ['clean', 'broken'] as const;

function tryOf({ since, sentMs, endedMs, sight, why }: Seen): Omit<ModelTry, 'stampMs' | 'to'> {
  return { since, sentMs, endedMs, sight, why };
}

function withTry(belief: Belief, from: number, one: ModelTry): Belief {
  const page = belief.page ?? { from, firstMs: one.sentMs, alone: false, tries: [] };
  return { ...belief, page: { ...page, tries: [...page.tries, one] } };
}

/** Null when the answer does not fit the belief. */
function answered(belief: Belief, seen: Seen): Belief | null {
  const { seqs, stampMs } = seen.page ?? { seqs: [], stampMs: null };
  const [first] = seqs;
  const last = seqs.at(-1);
  if (first === undefined || last === undefined) return belief.page === null ? belief : null;
  const known = belief.orMore && first > belief.acknowledged ? reached(belief, first - 1) : belief;
  const from = known.page?.from ?? known.acknowledged + 1;
  if (first !== from || !fits(known, from, last)) return null;
  return withTry(known, from, { ...tryOf(seen), stampMs, to: last });
}

/** What was acknowledged without anybody having seen how far it reached; where the page after it begins follows from that. */
function reached(belief: Belief, end: number): Belief {
  const taken = belief.taken.map((one) => (one.to === null ? { ...one, to: end } : one));
  const page = belief.page && { ...belief.page, from: end + 1 };
  return { ...belief, acknowledged: end, orMore: false, taken, page };
}

/** The same page again, or after a broken try half of it, or its first event alone. */
function fits({ page }: Belief, from: number, last: number): boolean {
  const before = page?.tries.at(-1);
  if (page?.alone === true) return last === from;
  if (before?.to === undefined || before.to === null) return true;
  const half = from + Math.max(1, Math.floor((before.to - from + 1) / 2)) - 1;
  return last === (before.sight === 'broken' ? half : before.to);
}

/** How it came to be makes no difference to what follows. */
function distinct(beliefs: readonly Belief[]): readonly Belief[] {
  return [...new Map(beliefs.map((one) => [keyOf(one), one])).values()];
}

/** Of the tries before the last it counts how many with the same time were clean, up to so many; not which. */
const COUNTED = 3;

function keyOf({ page, ...belief }: Belief): string {
  const sights = new Map<string, number>();
  for (const { sight, since } of page?.tries.slice(0, -1) ?? []) {
    const key = `${sight} ${since?.ms ?? ''}`;
    if (sight !== 'broken') sights.set(key, Math.min(COUNTED, (sights.get(key) ?? 0) + 1));
  }
  const tries = page?.tries.map(({ since, stampMs, to }) => [since?.ms, stampMs, to]);
  const rest = { ...belief, taken: null, kept: null, page: page && { ...page, tries } };
  return JSON.stringify([rest, page?.tries.at(-1)?.sight, [...sights].toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

function describe(beliefs: readonly Belief[], seen: Seen, history: History): string {
  const { seqs } = seen.page ?? { seqs: [] };
  const came = seqs.length === 0 ? 'an empty answer' : `events ${seqs[0] ?? ''} to ${seqs.at(-1) ?? ''}`;
  const expected = beliefs
    .flatMap((belief) => settled(belief).flatMap((known) => judge(known, seen, history)))
    .map(({ page, acknowledged, kept }) =>
      page === null
        ? `events from ${acknowledged + 1} on, or none`
        : `events from ${page.from} to at most ${page.tries.at(-1)?.to ?? '?'} again (${kept ?? ''})`,
    );
  return `to the time ${seen.since?.text ?? '(none)'} came ${came}; the rules allow ${[...new Set(expected)].slice(0, 4).join(', or ')}`;
}
