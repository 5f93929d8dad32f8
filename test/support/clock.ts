import type { Clock } from '../../src/domain/clock.ts';

export interface SteppedClock extends Clock {
  /** Moves both clocks on; a negative step moves only the wall clock, as an administrator would. */
  step(ms: number): void;
}

export function steppedClock(start: string | number): SteppedClock {
  let wall = typeof start === 'number' ? start : Date.parse(start);
  let grown = 0;
  return {
    now: () => wall,
    monotonic: () => grown,
    step(ms) {
      wall += ms;
      grown += Math.max(0, ms);
    },
  };
}
