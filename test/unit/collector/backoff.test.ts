import { describe, expect, it } from 'vitest';
import { createBackoff } from '../../../src/collector/backoff.ts';
import { steppedClock } from '../../support/clock.ts';

describe('the wait after a failure', () => {
  it('is a fifth shorter or longer by chance', () => {
    const waits = [0, 0.25, 0.5, 0.999].map((random) =>
      createBackoff({ clock: steppedClock(0), random: () => random }).wait(3, undefined),
    );
    expect(waits).toEqual([48_000, 54_000, 60_000, 71_976]);
  });

  it('is never shorter than Microsoft asked for, however long that is', () => {
    const backoff = createBackoff({ clock: steppedClock(0), random: () => 0 });
    expect(backoff.wait(1, 7_200_000)).toBe(7_200_000);
    expect(backoff.wait(100, 1000)).toBe(480_000);
  });

  it('is over when its time has passed', () => {
    const clock = steppedClock(0);
    const backoff = createBackoff({ clock, random: () => 0.5 });
    expect(backoff.isWaiting()).toBe(false);
    backoff.wait(1, undefined);
    clock.step(14_999);
    expect(backoff.isWaiting()).toBe(true);
    clock.step(1);
    expect(backoff.isWaiting()).toBe(false);
  });
});
