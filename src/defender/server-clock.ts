import type { Clock } from '../domain/clock.ts';

const FRESH_MS = 600_000;

/** Microsoft's clock as its answers show it. */
export interface ServerClock {
  /** Takes the Date header of an answer. `arrivedAt`: when it did, of the monotonic clock; now, when left out. */
  observe(dateHeader: string | undefined, arrivedAt?: number): void;
  /** Epoch ms, never ahead of Microsoft's clock; null when nothing was seen within the last ten minutes. */
  now(): number | null;
}

/**
 * A Date header is cut to whole seconds and was written before it arrived, so adding the time since arrival never gets
 * ahead. The local wall clock takes no part: it may be wrong.
 */
export function createServerClock({ clock }: { clock: Clock }): ServerClock {
  let seen: { readonly dateMs: number; readonly atMs: number } | null = null;
  return {
    observe(dateHeader, arrivedAt = clock.monotonic()) {
      const dateMs = Date.parse(dateHeader ?? '');
      if (!Number.isNaN(dateMs)) seen = { dateMs, atMs: arrivedAt };
    },
    now() {
      if (seen === null) return null;
      const ageMs = clock.monotonic() - seen.atMs;
      return ageMs > FRESH_MS ? null : Math.floor(seen.dateMs + ageMs);
    },
  };
}
