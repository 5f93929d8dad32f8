import type { Clock } from '../domain/clock.ts';
import type { Position } from '../domain/position.ts';

/** Notices that the wall clock of this machine was set. */
export interface ClockSteps {
  /** By how much it was set since the last call with this key; 0 when it was not, or it is the first. */
  since(key: string): number;
}

/** Two clocks of one machine drift apart by less, from one poll to the next. */
const LEAST_MS = 500;

export function createClockSteps(clock: Clock): ClockSteps {
  const offsets = new Map<string, number>();
  return {
    since(key) {
      const offset = clock.now() - clock.monotonic();
      const before = offsets.get(key) ?? offset;
      offsets.set(key, offset);
      return Math.abs(offset - before) < LEAST_MS ? 0 : offset - before;
    },
  };
}

/** What was seen of a connector, told in the time that holds now: its clock was not set with ours. */
export function inNewTime(position: Position, setMs: number): Position {
  if (setMs === 0) return position;
  const recent = position.recent.map((poll) => ({ ...poll, atMs: poll.atMs + setMs, lastMs: poll.lastMs + setMs }));
  return { ...position, recent };
}
