/** A time as a connector wrote it. */
export interface WrittenTime {
  readonly text: string;
  readonly ms: number;
  /** Milliseconds per unit of its last digit. */
  readonly unitMs: number;
  /** It does not say in which zone. */
  readonly isLocal: boolean;
}

/**
 * How an exchange ended for the bridge. `clean`: the peer took the whole answer and ended in order; `broken`: it did not;
 * `maybe`: nobody outside can tell which of the two the bridge saw.
 */
export type Sight = 'clean' | 'broken' | 'maybe';

/** A request and its answer, as the reader's side saw them. Times are what the bridge takes for now. */
export interface Seen {
  readonly since: WrittenTime | null;
  readonly sentMs: number;
  readonly endedMs: number;
  /** Null when no whole page came, and perhaps none was sent. */
  readonly page: { readonly seqs: readonly number[]; readonly stampMs: number | null } | null;
  readonly sight: Sight;
  /** What happened to it, in words; empty when nothing. */
  readonly why: string;
}

export interface ModelTry extends Omit<Seen, 'page'> {
  /** Null when nobody saw the answer. */
  readonly stampMs: number | null;
  readonly to: number | null;
}

/** Acknowledged, and by which rule; `to` null: as far as a page reached that nobody saw. */
export interface Taken {
  readonly from: number;
  readonly to: number | null;
  readonly by: 'confirmed' | 'progress' | 'repeat' | 'response' | 'passed-over';
  /** What had happened to the tries of the page. */
  readonly why: string;
}

interface ModelPage {
  readonly from: number;
  readonly firstMs: number;
  /** Its first event was sent alone. */
  readonly alone: boolean;
  readonly tries: readonly ModelTry[];
}

/** One way in which things may stand at the bridge. */
export interface Belief {
  readonly acknowledged: number;
  /** Acknowledged up to there or further: the page that counted was seen by nobody. */
  readonly orMore: boolean;
  readonly page: ModelPage | null;
  readonly run: number;
  readonly confirmedMs: number | null;
  readonly strayed: string | null;
  readonly taken: readonly Taken[];
  /** Why the last request did not acknowledge the page; null when there was none, or it did. */
  readonly kept: string | null;
}

export const NOTHING_KNOWN: Belief = {
  acknowledged: 0,
  orMore: false,
  page: null,
  run: 0,
  confirmedMs: null,
  strayed: null,
  taken: [],
  kept: null,
};

/** What the connector's times have shown so far. */
export interface History {
  /** It was never another one. */
  readonly isStill: boolean;
  /** It has gone back: the bridge may take that for two parties, and then only a confirmation counts. */
  readonly hasFallen: boolean;
}

const FOLLOWS_AFTER = 3;
const CLEAN_REPEATS = 2;
const FORCED_TRIES = 5;
const FORCED_AFTER_MS = 600_000;
/** The bridge's clock is known to within an exchange. */
const CLOCK_SLACK_MS = 2_000;

/** What a request does with the page before it: every way that the rules allow. Every try is decided. */
export function judge(before: Belief, seen: Pick<Seen, 'since' | 'sentMs'>, history: History): readonly Belief[] {
  const { since } = seen;
  const belief = { ...before, kept: null };
  if (since === null) return withoutTime(belief, seen, history);
  const ways: Belief[] = [];
  const tries = belief.page?.tries ?? [];
  for (const one of tries.toReversed()) {
    const proof = confirms(since, one, { isLast: one === tries.at(-1), sentMs: seen.sentMs });
    if (proof !== 'no') ways.push(confirmed(belief, one));
    if (proof === 'yes') return ways;
  }
  return [...ways, ...unconfirmed(belief, since, seen, history)];
}

function withoutTime(belief: Belief, seen: Pick<Seen, 'sentMs'>, history: History): readonly Belief[] {
  const last = belief.page?.tries.at(-1);
  if (last === undefined) return [belief];
  return last.sight === 'clean' ? [take(belief, last, 'response')] : keep(belief, 'no time', seen, history);
}

function confirmed(belief: Belief, one: ModelTry): Belief {
  return { ...take(belief, one, 'confirmed'), run: belief.run + 1, confirmedMs: one.stampMs, strayed: null };
}

function unconfirmed(
  before: Belief,
  since: WrittenTime,
  seen: Pick<Seen, 'sentMs'>,
  history: History,
): readonly Belief[] {
  return watched(before, since).flatMap((belief) => notConfirmed(belief, since, seen, history));
}

function notConfirmed(
  belief: Belief,
  since: WrittenTime,
  seen: Pick<Seen, 'sentMs'>,
  history: History,
): readonly Belief[] {
  const last = belief.page?.tries.at(-1);
  if (belief.page === null || last === undefined) return [belief];
  const follows = belief.run >= FOLLOWS_AFTER;
  const kept = (reason: string): readonly Belief[] => keep(belief, reason, seen, history);
  // In whole seconds, or in a zone that it does not name, it has to prove more before it is taken to follow.
  if (follows && since.unitMs === 1 && !since.isLocal) return kept('not the stamp');
  const doubtful = follows || history.hasFallen;
  if (last.since?.ms !== since.ms) {
    if (last.sight !== 'clean') return kept('not proved');
    return [take(belief, last, 'progress'), ...(doubtful ? kept(follows ? 'not the stamp' : 'two parties') : [])];
  }
  const clean = belief.page.tries.filter((one) => one.sight === 'clean' && one.since?.ms === since.ms);
  if (clean.length < CLEAN_REPEATS) return kept('the same time');
  // A time that has moved may be one that stays where it is when a page was not processed.
  return [take(belief, last, 'repeat'), ...(history.isStill ? [] : kept('the same time'))];
}

/** Two other times in a row: it was a clock that looked alike. Whether the zone of a time is known, nobody outside knows. */
function watched(belief: Belief, since: WrittenTime): readonly Belief[] {
  const { run, confirmedMs, strayed } = belief;
  if (run < FOLLOWS_AFTER) return [belief];
  const same = { ...belief, strayed: null };
  if (confirmedMs !== null && isStamp(since, confirmedMs)) return [same];
  const other =
    strayed === null
      ? { ...belief, strayed: since.text }
      : strayed === since.text
        ? belief
        : { ...belief, strayed: null, run: 0 };
  return confirmedMs !== null && couldBeZone(since, confirmedMs) ? [same, other] : [other];
}

function take(belief: Belief, one: Pick<ModelTry, 'to'>, by: Taken['by']): Belief {
  const { page } = belief;
  const from = page?.from ?? belief.acknowledged + 1;
  const why = page?.tries.map((attempt) => attempt.why).filter((text) => text !== '') ?? [];
  return {
    ...belief,
    acknowledged: one.to ?? from,
    orMore: one.to === null,
    page: null,
    run: 0,
    taken: [...belief.taken, { from, to: one.to, by, why: [...new Set(why)].join(', ') }],
  };
}

/** The page stays; after many tries its first event goes alone, and after that is passed over. */
function keep(belief: Belief, reason: string, { sentMs }: Pick<Seen, 'sentMs'>, history: History): readonly Belief[] {
  const { page } = belief;
  const last = page?.tries.at(-1);
  if (page === null || last === undefined) return [belief];
  // A clock that was set back: what lies in the future would never be ten minutes old.
  const firstMs = Math.min(page.firstMs, sentMs);
  const again = { ...belief, page: { ...page, firstMs }, kept: last.why === '' ? reason : `${reason}: ${last.why}` };
  const passed = take(belief, { to: page.from }, 'passed-over');
  if (page.alone) return history.hasFallen ? [passed, again] : [passed];
  const lastedMs = sentMs - firstMs;
  const isDue = page.tries.length >= FORCED_TRIES && lastedMs >= FORCED_AFTER_MS - CLOCK_SLACK_MS;
  return isDue ? [{ ...again, page: { ...page, firstMs, alone: true } }, again] : [again];
}

function isStamp({ ms, unitMs }: WrittenTime, stampMs: number): boolean {
  return Math.floor(ms / unitMs) === Math.floor(stampMs / unitMs);
}

const QUARTER_MS = 15 * 60_000;

/**
 * Whether the time is the stamp of the try. A clock in whole seconds is that very second whether the answer arrived or not:
 * it proves something of the last clean try at most, and what is no clock any more nobody outside knows exactly. A stamp
 * in a zone that the time does not name may be recognised.
 */
function confirms(since: WrittenTime, one: ModelTry, { isLast, sentMs }: Moment): 'yes' | 'no' | 'perhaps' {
  const { stampMs, sight } = one;
  if (stampMs === null || one.since?.ms === since.ms) return 'no';
  if (!isStamp(since, stampMs)) {
    return couldBeZone(since, stampMs) ? 'perhaps' : 'no';
  }
  if (since.unitMs === 1 || (isLast && sight === 'clean')) return 'yes';
  return Math.abs(since.ms - sentMs) < since.unitMs ? 'no' : 'perhaps';
}

function couldBeZone({ isLocal, unitMs, ms }: WrittenTime, stampMs: number): boolean {
  return isLocal && unitMs === 1 && (ms - stampMs) % QUARTER_MS === 0;
}

/** Which of the tries it is, and when the request came. */
interface Moment {
  readonly isLast: boolean;
  readonly sentMs: number;
}

/** Independent of the bridge's own reading: what the pollers of the tests write. */
export function writtenTime(text: string): WrittenTime {
  const isLocal = !/(Z|[+-]\d\d:\d\d)$/.test(text);
  const ms = Date.parse(isLocal ? `${text}Z` : text);
  if (Number.isNaN(ms)) throw new Error(`not a time of a test: ${text}`);
  return { text, ms, unitMs: /\.(?!000)\d{3}/.test(text) ? 1 : 1000, isLocal };
}
