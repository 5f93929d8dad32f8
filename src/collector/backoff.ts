import type { Clock } from '../domain/clock.ts';

/** Waits between tries after failures: doubling from 15 s to 10 min, a fifth more or less by chance, without end. */
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 600_000;
const JITTER = 0.2;

export interface Backoff {
  isWaiting(): boolean;
  /** Begins the wait after so many failures in a row; answers its length in milliseconds. */
  wait(failures: number, retryAfterMs: number | undefined): number;
}

/** @param random from 0 to below 1: tenants that failed together must not come back together */
export function createBackoff({ clock, random }: { readonly clock: Clock; readonly random: () => number }): Backoff {
  let waitUntil = Number.NEGATIVE_INFINITY;
  return {
    isWaiting: () => clock.monotonic() < waitUntil,
    wait(failures, retryAfterMs = 0) {
      const doubled = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
      const scattered = Math.round(doubled * (1 - JITTER + 2 * JITTER * random()));
      const waitMs = Math.max(scattered, retryAfterMs);
      waitUntil = clock.monotonic() + waitMs;
      return waitMs;
    },
  };
}
