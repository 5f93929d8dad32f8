import { describe, expect, it } from 'vitest';
import { newPosition, type Position } from '../../../src/domain/position.ts';
import { createClockSteps, inNewTime } from '../../../src/feed/clock-steps.ts';

const HOUR = 3_600_000;

function clockRig() {
  let wall = 1_000_000_000_000;
  let steady = 500;
  const clock = { now: () => wall, monotonic: () => steady, sleep: () => Promise.resolve() };
  return {
    clock,
    pass: (ms: number) => {
      wall += ms;
      steady += ms;
    },
    set: (ms: number) => {
      wall += ms;
    },
  };
}

describe('steps of the clock', () => {
  it('are what the wall clock was set by, not what time went by', () => {
    const { clock, pass, set } = clockRig();
    const steps = createClockSteps(clock);
    expect(steps.since('a')).toBe(0);
    pass(HOUR);
    expect(steps.since('a')).toBe(0);
    set(-HOUR);
    expect(steps.since('a')).toBe(-HOUR);
    expect(steps.since('a')).toBe(0);
  });

  it('are told to each who asks since it asked last', () => {
    const { clock, set } = clockRig();
    const steps = createClockSteps(clock);
    steps.since('a');
    set(HOUR);
    steps.since('b');
    set(HOUR);
    expect([steps.since('a'), steps.since('b')]).toEqual([2 * HOUR, HOUR]);
  });

  it('leave out what two clocks drift apart', () => {
    const { clock, set } = clockRig();
    const steps = createClockSteps(clock);
    steps.since('a');
    set(100);
    expect(steps.since('a')).toBe(0);
  });
});

describe('a position in new time', () => {
  it('has what was seen of the connector moved with the clock, and its own times as they were sent', () => {
    const since = '2026-01-31T12:00:00Z';
    const poll = { atMs: 10 * HOUR, lastMs: 11 * HOUR, polls: 2, pages: 1, since, address: '127.0.0.1', stampMs: 7 };
    const position: Position = {
      ...newPosition('arcsight-01', 'default', 4),
      recent: [{ ...poll, movedAfterBroken: false, heldAfterBroken: false }],
    };
    const [moved] = inNewTime(position, HOUR).recent;
    expect(moved).toMatchObject({ ...poll, atMs: 11 * HOUR, lastMs: 12 * HOUR });
    expect(inNewTime(position, 0)).toBe(position);
  });
});
