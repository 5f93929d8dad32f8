import { describe, expect, it } from 'vitest';
import { estimateCatchUp } from '../../../src/domain/catch-up-estimate.ts';

const SECOND = 1000;

describe('the estimate of when a backlog is gone', () => {
  it('goes on at the pace that was watched', () => {
    const watched = [
      { atMs: 0, left: 1000 },
      { atMs: 20 * SECOND, left: 900 },
      { atMs: 60 * SECOND, left: 400 },
    ];
    expect(estimateCatchUp(watched)).toEqual({ kind: 'at', atMs: 100 * SECOND });
  });

  it('is not known from one look, or from two that are too close', () => {
    expect(estimateCatchUp([])).toEqual({ kind: 'unknown' });
    expect(estimateCatchUp([{ atMs: 0, left: 5 }])).toEqual({ kind: 'unknown' });
    expect(
      estimateCatchUp([
        { atMs: 0, left: 5 },
        { atMs: SECOND, left: 4 },
      ]),
    ).toEqual({ kind: 'unknown' });
  });

  it('is none where it does not become less, and done where nothing is left', () => {
    const growing = (atMs: number) =>
      estimateCatchUp([
        { atMs: 0, left: 5 },
        { atMs, left: 6 },
      ]);
    expect(growing(30 * SECOND)).toEqual({ kind: 'unknown' });
    expect(growing(120 * SECOND)).toEqual({ kind: 'stuck' });
    expect(estimateCatchUp([{ atMs: 0, left: 0 }])).toEqual({ kind: 'done' });
  });
});
