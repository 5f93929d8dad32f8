import type { Clock } from '../../src/domain/clock.ts';

export interface SteppedClock extends Clock {
  /** Moves both clocks on; a negative step moves only the wall clock, as an administrator would. */
  step(ms: number): void;
}

export function steppedClock(start: string | number): SteppedClock {
  let wall = typeof start === 'number' ? start : Date.parse(start);
  let grown = 0;
  const step = (ms: number): void => {
    wall += ms;
    grown += Math.max(0, ms);
  };
  return {
    now: () => wall,
    monotonic: () => grown,
    step,
    // Nobody waits: time jumps to the end of the sleep.
    async sleep(ms, signal) {
      await Promise.resolve();
      signal.throwIfAborted();
      step(ms);
    },
  };
}
