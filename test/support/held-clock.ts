import type { Clock } from '../../src/domain/clock.ts';

export interface HeldClock extends Clock {
  /** Moves both clocks on and wakes whoever has slept long enough. */
  step(ms: number): void;
}

interface Sleeper {
  readonly until: number;
  wake(): void;
}

/** A clock on which one who sleeps waits for the test, so that the sleep of one moves the time of nobody else. */
export function heldClock(start: string | number): HeldClock {
  const startMs = typeof start === 'number' ? start : Date.parse(start);
  const sleepers = new Set<Sleeper>();
  let grown = 0;
  return {
    now: () => startMs + grown,
    monotonic: () => grown,
    step(ms) {
      grown += ms;
      for (const sleeper of sleepers) if (sleeper.until <= grown) sleeper.wake();
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', abort);
        };
        const abort = (): void => {
          end();
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        };
        const sleeper = {
          until: grown + ms,
          wake: () => {
            end();
            resolve();
          },
        };
        if (signal.aborted) {
          abort();
          return;
        }
        sleepers.add(sleeper);
        signal.addEventListener('abort', abort);
      }),
  };
}
