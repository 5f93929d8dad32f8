/** Time as the code may see it. Injected everywhere, so tests and rehearsals never wait. */
export interface Clock {
  /** Wall clock, epoch milliseconds; may step back. */
  now(): number;
  /** Milliseconds that only grow; for intervals. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
