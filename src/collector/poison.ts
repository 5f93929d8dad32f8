import type { Normalised, Source } from '../defender/source.ts';
import { isNarrowable } from '../defender/source.ts';
import { type BridgeError, toBridgeError } from '../domain/errors.ts';
import { justAfter } from '../domain/halfway.ts';
import { type Instant, instantFromMs, shiftInstant } from '../domain/instant.ts';
import type { Range } from './known-stretches.ts';
import type { Portion, Turn } from './turn.ts';

/** Records of one instant that are asked for one by one; past them the rest of the instant is set aside as a whole. */
const MOST_RECORDS = 200;
/** So many records of one instant that fail one after the other: it is not the record. */
const MOST_FAILURES = 5;
/** Tries of one record before it is taken to be the reason. */
const TRIES = 2;
/** Quiet places to ask for a sign of life, milliseconds before the trouble; the last one is just now. */
const ELSEWHERE_MS = [1_000, 3_600_000];

/** What could be got of an instant that fails, and what has to be set aside. */
export interface Remains extends Portion {
  readonly unread: NonNullable<Portion['unread']>;
}

export interface Poison {
  /** Throws `error` unless Microsoft answers right now: when nothing is answered, no record is to blame. */
  proveAlive(turn: Turn, at: Instant, error: BridgeError, signal: AbortSignal): Promise<void>;
  /** Takes an instant apart whose pages fail with `error`. Throws what is no sign of poison, and in an outage. */
  remainsOf(turn: Turn, instant: Range, error: BridgeError, signal: AbortSignal): Promise<Remains>;
}

/** Finds the one record that Microsoft cannot give, among those of its instant where the API can be asked for one. */
export function createPoison(source: Source): Poison {
  const proveAlive: Poison['proveAlive'] = async (turn, at, error, signal) => {
    const justNow = instantFromMs((await source.serverNow(signal)) - 1_000);
    for (const from of [...ELSEWHERE_MS.map((backMs) => shiftInstant(at, -backMs)), justNow]) {
      const failure = await asked(turn, signal, async () => {
        for await (const _ of source.pages({ from, to: justAfter(from), progress: null }, signal, { pageSize: 1 }))
          break;
      });
      if (!('error' in failure)) return;
    }
    throw error;
  };

  const single = async (
    turn: Turn,
    ask: NonNullable<Source['single']>,
    { from, to }: Range,
    index: number,
    signal: AbortSignal,
  ): Promise<Answer<Normalised | null>> => {
    let answer: Answer<Normalised | null>;
    let tries = 0;
    do {
      answer = await asked(turn, signal, () => ask({ from, to, progress: null }, index, signal));
      tries += 1;
    } while ('error' in answer && tries < TRIES);
    return answer;
  };

  const oneByOne = async (
    turn: Turn,
    ask: NonNullable<Source['single']>,
    instant: Range,
    error: BridgeError,
    signal: AbortSignal,
  ): Promise<Remains> => {
    const read: Normalised[] = [];
    const unread: Remains['unread'][number][] = [];
    let inARow = 0;
    for (let index = 0; index < MOST_RECORDS && inARow < MOST_FAILURES; index += 1) {
      const answer = await single(turn, ask, instant, index, signal);
      // The end of the list is an answer, given after whatever failed: Microsoft is alive.
      if (!('error' in answer) && answer.value === null) return { ...joined(read), readIn: instant, unread };
      inARow = 'error' in answer ? inARow + 1 : 0;
      if ('error' in answer) unread.push(aside(instant, index, answer.error));
      else if (answer.value !== null) read.push(answer.value);
    }
    await proveAlive(turn, instant.from, error, signal);
    return { ...joined(read), readIn: instant, unread: [aside(instant, null, error)] };
  };

  return {
    proveAlive,
    async remainsOf(turn, instant, error, signal) {
      if (source.single !== null) return oneByOne(turn, source.single, instant, error, signal);
      await proveAlive(turn, instant.from, error, signal);
      return { unread: [aside(instant, null, error)] };
    },
  };
}

type Answer<Value> = { readonly value: Value } | { readonly error: BridgeError };

/** One request, counted. What no smaller question can mend is thrown on. */
async function asked<Value>(turn: Turn, signal: AbortSignal, ask: () => Promise<Value>): Promise<Answer<Value>> {
  turn.spend();
  try {
    return { value: await ask() };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toBridgeError(thrown);
    if (!isNarrowable(error)) throw error;
    return { error };
  }
}

function joined(read: readonly Normalised[]): Normalised {
  return { records: read.flatMap(({ records }) => records), rejected: read.flatMap(({ rejected }) => rejected) };
}

/** A stretch, or the record at one place of an instant, for the quarantine. */
export function aside({ from, to }: Range, index: number | null, error: BridgeError): Remains['unread'][number] {
  return {
    id: null,
    code: error.kind === 'upstream' ? 'unreadable' : 'unanswered',
    reason: error.message,
    raw: error.answer ?? '',
    stretch: { from, to, index },
    readIn: null,
  };
}
