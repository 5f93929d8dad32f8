import type { Clock } from '../../src/domain/clock.ts';

/** A clock that runs as the real one does and can be moved besides. */
export interface MovedClock extends Clock {
  /** Lets time pass: both clocks move on, and who has slept long enough wakes. */
  pass(ms: number): void;
  /** Sets the wall clock by so much, as an administrator would. */
  set(byMs: number): void;
}

interface Sleeper {
  readonly until: number;
  readonly look: () => void;
}

/** @param aheadMs how far its wall clock is ahead of the real one; negative: behind */
export function movedClock(aheadMs: number): MovedClock {
  let wallMs = aheadMs;
  let passedMs = 0;
  const sleepers = new Set<Sleeper>();
  const monotonic = (): number => performance.now() + passedMs;
  return {
    now: () => Date.now() + wallMs,
    monotonic,
    pass(ms) {
      wallMs += ms;
      passedMs += ms;
      for (const { look } of [...sleepers]) look();
    },
    set(byMs) {
      wallMs += byMs;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const end = (): void => {
          clearTimeout(timer);
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', abort);
        };
        const abort = (): void => {
          end();
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        };
        const look = (): void => {
          clearTimeout(timer);
          const leftMs = sleeper.until - monotonic();
          if (leftMs > 0) {
            timer = setTimeout(look, leftMs);
            return;
          }
          end();
          resolve();
        };
        const sleeper: Sleeper = { until: monotonic() + ms, look };
        if (signal.aborted) {
          abort();
          return;
        }
        sleepers.add(sleeper);
        signal.addEventListener('abort', abort);
        look();
      }),
  };
}
