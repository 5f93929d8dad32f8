import type { Clock } from '../domain/clock.ts';

const FRESH_MS = 600_000;

/** Microsoft's clock as its answers show it. */
export interface ServerClock {
  /** Takes the Date header of an answer. `arrivedAt`: when it did, of the monotonic clock; now, when left out. */
  observe(dateHeader: string | undefined, arrivedAt?: number): void;
  /** Epoch ms, never ahead of Microsoft's clock; null when nothing was seen within the last ten minutes. */
  now(): number | null;
}

/** Of so many answers the middle one is believed: one of Microsoft's servers, or a cache before them, may be wrong. */
const MOST_ANSWERS = 5;

/**
 * A Date header is cut to whole seconds and was written before it arrived, so adding the time since arrival never gets
 * ahead. The local wall clock takes no part: it may be wrong.
 */
export function createServerClock({ clock }: { clock: Clock }): ServerClock {
  /** How far each answer's date was ahead of the monotonic clock when it arrived, latest last. */
  let ahead: readonly number[] = [];
  let seenAt = Number.NEGATIVE_INFINITY;
  return {
    observe(dateHeader, arrivedAt = clock.monotonic()) {
      const dateMs = Date.parse(dateHeader ?? '');
      if (Number.isNaN(dateMs)) return;
      ahead = [...ahead, dateMs - arrivedAt].slice(-MOST_ANSWERS);
      seenAt = Math.max(seenAt, arrivedAt);
    },
    now() {
      if (clock.monotonic() - seenAt > FRESH_MS) ahead = [];
      // Of two it is the earlier one: what is read too early is read again, what is passed over is not.
      const middle = ahead.toSorted((a, b) => a - b)[Math.floor((ahead.length - 1) / 2)];
      return middle === undefined ? null : Math.floor(middle + clock.monotonic());
    },
  };
}
