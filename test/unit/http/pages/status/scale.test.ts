import { describe, expect, it } from 'vitest';
import { axisEnd, timeAxisEnd } from '../../../../../src/http/pages/status/scale.ts';

describe('the end of an axis', () => {
  it.each([
    [0, 2],
    [2, 2],
    [3, 4],
    [4, 4],
    [5, 10],
    [11, 20],
    [41, 100],
    [999, 1000],
    [1000, 1000],
    [1001, 2000],
  ])('for %i is %i', (value, end) => {
    expect(axisEnd(value)).toBe(end);
  });

  it.each([
    [0, 1000],
    [3000, 4000],
    [41_000, 60_000],
    [59 * 60_000, 3_600_000],
    [25 * 3_600_000, 2 * 86_400_000],
    [5 * 86_400_000, 10 * 86_400_000],
  ])('for %i ms is %i ms', (ms, end) => {
    expect(timeAxisEnd(ms)).toBe(end);
  });
});
