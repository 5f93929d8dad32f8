import { isNarrowable, type Source } from '../defender/source.ts';
import type { Emit, SourceRef } from '../domain/bridge-event.ts';
import { BridgeError, toBridgeError } from '../domain/errors.ts';
import { endOfNext, halfway } from '../domain/halfway.ts';
import { type Instant, shiftInstant } from '../domain/instant.ts';
import { advance, positionOf, type Step } from '../domain/window.ts';
import type { KnownStretches, Range } from './known-stretches.ts';
import { aside, createPoison, type Remains } from './poison.ts';
import type { Outcome, Reading } from './reading.ts';
import type { Turn } from './turn.ts';

/** Failures in a row at one place before it is taken apart: most go away by themselves. */
const PATIENCE = 3;
const SMALL_PAGE = 20;
/** After so many halves that were fine the rest is asked for as a whole: its failure may have been one of a moment. */
const DOUBT_AFTER = 4;
/** Requests that fail one after the other before Microsoft is asked for a sign of life again. */
const ALARM_AFTER = 8;
/** Instants in a row whose answers fail although there is nothing in them: it is not a record, however many polls it takes. */
const MOST_BLANK = 3;
/** Set aside in one poll without a record in between: more looks like an outage that only hits full answers. */
const MOST_BARREN = 3;
/** How much longer each stretch is that fails behind one that was set aside. */
const GROWTH = 8n;

export interface NarrowingDeps {
  readonly source: Source;
  readonly reading: Reading;
  readonly known: KnownStretches;
  readonly ref: SourceRef;
  readonly emit: Emit;
}

/** What happens where a page fails again and again: smaller pages, then halves, down to one record. */
export interface Narrowing {
  /** Size of the pages to ask for: smaller for the rest of a window that gave trouble; undefined: the usual one. */
  pageSize(step: Step): number | undefined;
  /**
   * Takes a failure of the step. True: it was dealt with as far as the budget goes, and reading can go on.
   * False: nothing to narrow; the failure stands. Throws in an outage, and what is no sign of poison.
   */
  take(turn: Turn, step: Step, error: BridgeError, signal: AbortSignal): Promise<boolean>;
  /** Goes on with a search that the budget, a refusal or the time limit of a poll broke off; false when there is none. */
  resume(turn: Turn, step: Step, signal: AbortSignal): Promise<boolean>;
  /** The step was read to its end. */
  finish(step: Step): void;
}

/** Trouble in a window, or in a look back as a whole. In memory: after a restart three failures bring it back. */
interface Trouble {
  readonly start: Instant;
  readonly at: Instant;
  readonly failures: number;
  readonly isSmall: boolean;
  /** While halving: what is known to fail ends here. Null: it was not begun, or has come to its end. */
  readonly end: Instant | null;
}

export function createNarrowing(deps: NarrowingDeps): Narrowing {
  const { source, reading, known, ref, emit } = deps;
  const poison = createPoison(source);
  const troubles = new Map<Step['kind'], Trouble>();
  /** What was set aside last, by kind of step. */
  const passedOver = new Map<Step['kind'], Range>();
  let blanks = 0;
  let barren: { readonly turn: Turn; readonly fetched: number; readonly count: number } | null = null;

  const troubleOf = (step: Step): Trouble | null => {
    const trouble = troubles.get(step.kind);
    return trouble?.start === startOf(step) ? trouble : null;
  };

  const note = (turn: Turn, step: Step): Trouble => {
    const at = positionOf(turn.checkpoint(), step);
    const before = troubleOf(step);
    const isSame = before?.at === at;
    const trouble = {
      start: startOf(step),
      at,
      failures: isSame ? before.failures + 1 : 1,
      isSmall: before?.isSmall ?? false,
      end: null,
    };
    troubles.set(step.kind, trouble);
    return trouble;
  };

  const attempt = async (turn: Turn, step: Step, range: Range, signal: AbortSignal): Promise<Outcome | BridgeError> => {
    try {
      const outcome = await reading.read(turn, step, range, signal, { pageSize: SMALL_PAGE, fallback: range.from });
      blanks = 0;
      return outcome;
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toBridgeError(thrown);
      if (!isNarrowable(error)) throw error;
      return error;
    }
  };

  const countBarren = (turn: Turn, error: BridgeError): void => {
    const { fetched } = turn.counts();
    const isOn = barren?.turn === turn && barren.fetched === fetched;
    const count = isOn && barren !== null ? barren.count + 1 : 1;
    if (count > MOST_BARREN) throw error;
    barren = { turn, fetched, count };
  };

  const setAside = async (turn: Turn, step: Step, shortest: Range, signal: AbortSignal): Promise<void> => {
    const instant = { from: shortest.from, to: endOfBlur(shortest, step) };
    const error = await attempt(turn, step, instant, signal);
    if (!(error instanceof BridgeError)) return;
    const remains = await poison.remainsOf(turn, instant, error, signal);
    blanks = isBlank(remains) ? blanks + 1 : 0;
    if (blanks > MOST_BLANK) throw error;
    const isLast = instant.to === step.window.to;
    const next = advance(turn.checkpoint(), step, { isLast, progress: instant.to });
    if (remains.unread.length > 0 && (remains.records ?? []).length === 0) countBarren(turn, error);
    await turn.store(remains, next);
    if (remains.unread.length > 0) passOver(step, instant);
  };

  const passOver = (step: Step, stretch: Range): void => {
    known.add([stretch]);
    passedOver.set(step.kind, stretch);
  };

  /**
   * What lies right behind a stretch that was set aside fails too: it is not a record, but the time. Instant by instant it
   * would never come to an end, so ever more of it is set aside at once; the next tries find out how much was too much.
   */
  const setMoreAside = async (turn: Turn, step: Step, before: Range, signal: AbortSignal): Promise<void> => {
    const next = endOfNext(before.from, before.to, GROWTH);
    const stretch = { from: before.to, to: next < step.window.to ? next : step.window.to };
    const error = await attempt(turn, step, stretch, signal);
    if (!(error instanceof BridgeError) || positionOf(turn.checkpoint(), step) !== stretch.from) return;
    await poison.proveAlive(turn, stretch.from, error, signal);
    countBarren(turn, error);
    const isLast = stretch.to === step.window.to;
    const checkpoint = advance(turn.checkpoint(), step, { isLast, progress: stretch.to });
    await turn.store({ unread: [aside(stretch, null, error)] }, checkpoint);
    passOver(step, stretch);
  };

  /**
   * Halves what fails, oldest half first, until it is one instant (or as short as can be told from its neighbours), the
   * budget is used up, or nothing fails any more.
   */
  const halve = async (turn: Turn, step: Step, trouble: Trouble, signal: AbortSignal): Promise<void> => {
    let from = trouble.at;
    let end = trouble.end ?? step.window.to;
    let fine = trouble.end === null ? DOUBT_AFTER : 0;
    let failing = 0;
    for (;;) {
      const middle = halfway(from, end, source.blurMs);
      if (middle === null) {
        await setAside(turn, step, { from, to: end }, signal);
        break;
      }
      const to = fine >= DOUBT_AFTER ? end : middle;
      const outcome = await attempt(turn, step, { from, to }, signal);
      if (outcome === 'paused') return;
      if (outcome === 'finished' && to === end) break;
      if (outcome === 'finished') {
        fine += 1;
        failing = 0;
        from = to;
      } else {
        fine = 0;
        failing += 1;
        from = positionAfter(turn, step, from);
        end = to;
        if (failing % ALARM_AFTER === 0) await poison.proveAlive(turn, from, outcome, signal);
      }
      troubles.set(step.kind, { ...trouble, at: from, end });
      if (turn.isSpent()) return;
    }
    troubles.set(step.kind, { ...trouble, at: from, end: null });
  };

  /**
   * All before the stretch was answered for, so what breaks it is no further behind its start than itself and the blur;
   * what is read behind it must not reach back as far.
   */
  function endOfBlur({ from, to }: Range, { window }: Step): Instant {
    const clear = shiftInstant(from, 3 * source.blurMs);
    if (clear <= to) return to;
    return clear < window.to ? clear : window.to;
  }

  return {
    pageSize: (step) => (troubleOf(step)?.isSmall === true ? SMALL_PAGE : undefined),
    async resume(turn, step, signal) {
      const trouble = troubleOf(step);
      if (trouble === null || trouble.end === null || trouble.at !== positionOf(turn.checkpoint(), step)) return false;
      await halve(turn, step, trouble, signal);
      return true;
    },
    async take(turn, step, error, signal) {
      if (!isNarrowable(error)) return false;
      const trouble = note(turn, step);
      if (!trouble.isSmall && trouble.failures < PATIENCE) return false;
      await poison.proveAlive(turn, trouble.at, error, signal);
      emit({ name: 'narrowing', ...ref, from: trouble.at, to: step.window.to, error });
      const before = passedOver.get(step.kind);
      if (before?.to === trouble.at) await setMoreAside(turn, step, before, signal);
      else if (trouble.isSmall) await halve(turn, step, trouble, signal);
      else troubles.set(step.kind, { ...trouble, isSmall: true });
      return true;
    },
    finish(step) {
      if (step.kind === 'window' || step.window.to === step.whole.to) troubles.delete(step.kind);
    },
  };
}

function startOf(step: Step): Instant {
  return step.kind === 'window' ? step.window.from : step.whole.from;
}

function isBlank({ records = [], rejected = [], unread }: Remains): boolean {
  return records.length + rejected.length + unread.length === 0;
}

/** A part of what failed may be stored all the same. */
function positionAfter(turn: Turn, step: Step, from: Instant): Instant {
  const position = positionOf(turn.checkpoint(), step);
  return position > from ? position : from;
}
