import { setTimeout } from 'node:timers/promises';

/** Time as the code may see it. Injected everywhere, so tests and rehearsals never wait. */
export interface Clock {
  /** Wall clock, epoch milliseconds; may step back. */
  now(): number;
  /** Milliseconds that only grow; for intervals. */
  monotonic(): number;
  /** Resolves once `monotonic` has grown by this much; rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    await setTimeout(ms, undefined, { signal }).catch((thrown: unknown) => {
      signal.throwIfAborted();
      throw thrown;
    });
  },
};
