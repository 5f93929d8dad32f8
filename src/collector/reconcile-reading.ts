import { isNarrowable, type Page, type Source } from '../defender/source.ts';
import type { Clock } from '../domain/clock.ts';
import { type BridgeError, toBridgeError } from '../domain/errors.ts';
import { instantFromMs, instantToMs } from '../domain/instant.ts';
import type { Range } from './known-stretches.ts';

/** A range is asked for in so many slices at most, and in shorter ones only where that makes no more of them. */
const MOST_SLICES = 100;
/** Tries of one place that lead no further. */
const TRIES = 4;
/** Doubling with every failure in a row. */
const FIRST_WAIT_MS = 2_000;
/** The published limits are free again within an hour; who is asked to wait longer is told so instead. */
const LONGEST_WAIT_MS = 3_900_000;

/** What came of a part of the range. */
export type Reading =
  | { readonly kind: 'page'; readonly page: Page; readonly readIn: Range }
  /** Microsoft does not answer for it. */
  | { readonly kind: 'unread'; readonly range: Range; readonly error: BridgeError }
  /** A slice has been asked for to its end. */
  | { readonly kind: 'slice' };

export interface ReadingDeps {
  readonly source: Source;
  readonly clock: Clock;
}

/** The slices of a range, oldest first; none of a range that has no length. */
export function slicesOf({ from, to }: Range, sliceMs: number): readonly Range[] {
  const [start, end] = [instantToMs(from), instantToMs(to)];
  const length = Math.max(sliceMs, Math.ceil((end - start) / MOST_SLICES));
  const cuts: Range['from'][] = [from];
  for (let at = start + length; at < end; at += length) cuts.push(instantFromMs(at));
  return cuts.map((cut, index) => ({ from: cut, to: cuts[index + 1] ?? to })).filter((slice) => slice.from < slice.to);
}

/**
 * What Microsoft has now, page by page; nothing is stored. After a failure a slice is read on from its last proven place,
 * so a record may come twice. Where no smaller question would help (a refused login, a missing permission), the rest of
 * the range is left unread. Throws when it is aborted.
 * @param gaps what is left to read of a slice
 */
export async function* readSlices(
  slices: readonly Range[],
  gaps: (slice: Range) => readonly Range[],
  deps: ReadingDeps,
  signal: AbortSignal,
): AsyncIterable<Reading> {
  const end = slices.at(-1)?.to;
  for (const part of slices.map(gaps)) {
    for (const range of part) {
      const failed = yield* readPart(range, deps, signal);
      if (failed === null) continue;
      const { from, error, isFinal } = failed;
      yield { kind: 'unread', range: { from, to: isFinal && end !== undefined ? end : range.to }, error };
      if (isFinal) return;
    }
    yield { kind: 'slice' };
  }
}

/** Where it failed in the end. `isFinal`: whatever else is asked for, it would fail alike. */
interface Failed {
  readonly from: Range['from'];
  readonly error: BridgeError;
  readonly isFinal: boolean;
}

async function* readPart(
  part: Range,
  { source, clock }: ReadingDeps,
  signal: AbortSignal,
): AsyncGenerator<Reading, Failed | null, undefined> {
  const { to } = part;
  let { from } = part;
  for (let failures = 0; ; ) {
    try {
      for await (const page of source.pages({ ...part, progress: from === part.from ? null : from }, signal)) {
        signal.throwIfAborted();
        yield { kind: 'page', page, readIn: { from, to } };
        if (page.progress === null || page.progress <= from || page.progress >= to) continue;
        from = page.progress;
        failures = 0;
      }
      return null;
    } catch (thrown) {
      signal.throwIfAborted();
      failures += 1;
      const error = toBridgeError(thrown);
      const waitMs = error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (failures - 1);
      const mayHeal = error.kind === 'transient' || isNarrowable(error);
      if (!mayHeal || failures >= TRIES || waitMs > LONGEST_WAIT_MS)
        return { from, error, isFinal: !isNarrowable(error) };
      await clock.sleep(waitMs, signal);
    }
  }
}
