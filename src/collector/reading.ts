import type { Page, Source } from '../defender/source.ts';
import type { Instant } from '../domain/instant.ts';
import { advance, type Step, type Window } from '../domain/window.ts';
import type { KnownStretches, Range } from './known-stretches.ts';
import type { Turn } from './turn.ts';

/** `finished`: everything asked for is stored; `paused`: the budget is used up, and reading on leads further. */
export type Outcome = 'finished' | 'paused';

export interface ReadOptions {
  /** Pages smaller than usual. */
  readonly pageSize?: number;
  /**
   * Where to go on after pages whose order proves nothing. Null: at the start of the window, because what was read
   * before them is in doubt too.
   */
  readonly fallback?: Instant | null;
}

export interface Reading {
  /**
   * Reads a part of the step's window page by page and stores each with its progress; passes over what is in the
   * quarantine already. Throws what the source throws; what is stored by then stays.
   */
  read(turn: Turn, step: Step, range: Range, signal: AbortSignal, options?: ReadOptions): Promise<Outcome>;
}

export function createReading({ source, known }: { readonly source: Source; readonly known: KnownStretches }): Reading {
  const readPart = async (
    turn: Turn,
    step: Step,
    part: Range,
    signal: AbortSignal,
    { pageSize, fallback = null }: ReadOptions,
  ): Promise<Outcome> => {
    const options = pageSize === undefined ? undefined : { pageSize };
    let from = part.from;
    for await (const page of answers(turn, source.pages(windowOf(step, part), signal, options))) {
      signal.throwIfAborted();
      const proven = provenOf(page, part);
      const progress = page.isLast ? part.to : (proven ?? fallback);
      const isLast = page.isLast && part.to === step.window.to;
      // Without a time that can be read, a record may be anywhere behind what was proven before.
      const readIn = { from, to: part.to };
      await turn.store({ ...page, readIn }, advance(turn.checkpoint(), step, { isLast, progress }));
      from = proven ?? from;
      // Stopping where nothing is proven, or within one instant, would begin the same again for ever.
      const leadsOn = proven !== null && proven > part.from;
      if (!page.isLast && leadsOn && turn.isSpent()) return 'paused';
    }
    return 'finished';
  };

  return {
    async read(turn, step, range, signal, options = {}) {
      let reached = range.from;
      for (const part of known.gaps(range)) {
        if ((await readPart(turn, step, part, signal, options)) === 'paused') return 'paused';
        reached = part.to;
        if (turn.isSpent() && reached < range.to) return 'paused';
      }
      // A position at the end has nothing left to read, but the step is not closed yet.
      if (reached < range.to || range.from >= range.to) {
        const isLast = range.to === step.window.to;
        await turn.store({}, advance(turn.checkpoint(), step, { isLast, progress: range.to }));
      }
      return 'finished';
    },
  };
}

function windowOf({ window }: Step, part: Range): Window {
  return { from: window.from, to: part.to, progress: part.from === window.from ? null : part.from };
}

/** A time at or behind the end cannot be where more of the same stretch is still to come. */
function provenOf({ progress }: Page, { to }: Range): Instant | null {
  return progress !== null && progress < to ? progress : null;
}

/** Pages, each counted as a request, and so is the one that failed. */
async function* answers(turn: Turn, pages: AsyncIterable<Page>): AsyncIterable<Page> {
  try {
    for await (const page of pages) {
      turn.spend();
      yield page;
    }
  } catch (thrown) {
    turn.spend();
    throw thrown;
  }
}
