import { describe, expect, it } from 'vitest';
import { fitClock } from '../../../src/domain/clock-fit.ts';
import type { TimeStep } from '../../../src/domain/time-steps.ts';

const EVERY = 30_000;
const QUARTER = 900_000;

/** Times so far from the requests that carried them, and these so far apart. */
function steps(fromAsking: readonly number[], everyMs: (step: number) => number = () => EVERY): readonly TimeStep[] {
  let atMs = 1_000_000;
  return fromAsking.map((offMs, at) => {
    const beforeMs = atMs;
    atMs += everyMs(at);
    return { ms: atMs + offMs, unitMs: 1, byMs: 1, atMs, polls: 1, beforeMs, stampOffMs: null };
  });
}

describe('a time that runs with a clock', () => {
  it('is that of the request, or of the one before, whichever clock need not be wrong', () => {
    expect(fitClock(steps([-5, -9, -700, -3]))).toMatchObject({ kind: 'asking', isOff: false });
    expect(fitClock(steps([-EVERY - 5, -EVERY - 900, -EVERY - 10, -EVERY - 1200]))).toMatchObject({
      kind: 'earlier',
      isOff: false,
    });
    const uneven = (step: number) => EVERY + (step % 2) * 1500;
    expect(fitClock(steps([-EVERY, -EVERY, -EVERY, -EVERY], uneven))).toMatchObject({ kind: 'earlier' });
  });

  it('is, where both would be wrong, the one that varies less', () => {
    const uneven = (step: number) => EVERY + step * 100;
    expect(fitClock(steps([-7000, -7000, -7000, -7000], uneven))).toMatchObject({ kind: 'asking', offMs: -7000 });
    const earlier = [0, 100, 200, 300].map((by) => -EVERY - by - 7000);
    expect(fitClock(steps(earlier, uneven))).toMatchObject({ kind: 'earlier', offMs: -7000 });
  });

  it('is, where neither varies, the one nearest to a zone', () => {
    expect(fitClock(steps(Array.from({ length: 4 }, () => QUARTER + 4000)))).toMatchObject({ kind: 'asking' });
    expect(fitClock(steps(Array.from({ length: 4 }, () => QUARTER - EVERY + 4000)))).toMatchObject({ kind: 'earlier' });
  });

  it('is none with too few times, or where most do not fit', () => {
    expect(fitClock([])).toBeNull();
    expect(fitClock(steps([-5]))).toBeNull();
    expect(fitClock(steps([-7000, -7000]))).toBeNull();
    expect(fitClock(steps([-500_000, -90_000, -200_000, -5, -6]))).toBeNull();
  });
});
