import { describe, expect, it } from 'vitest';
import { createPace } from '../../../src/http/pace.ts';

const SECOND = 1000;

describe('the pace', () => {
  it('watches each thing by itself, from one look to the next', () => {
    const pace = createPace();
    expect(pace.note('a', { atMs: 0, left: 100 })).toEqual({ kind: 'unknown' });
    expect(pace.note('b', { atMs: 0, left: 10 })).toEqual({ kind: 'unknown' });
    expect(pace.note('a', { atMs: 50 * SECOND, left: 50 })).toEqual({ kind: 'at', atMs: 100 * SECOND });
    expect(pace.note('b', { atMs: 50 * SECOND, left: 8 })).toEqual({ kind: 'at', atMs: 250 * SECOND });
  });

  it('forgets what is older than ten minutes, and begins anew once nothing was left', () => {
    const pace = createPace();
    pace.note('a', { atMs: 0, left: 1000 });
    pace.note('a', { atMs: 500 * SECOND, left: 300 });
    expect(pace.note('a', { atMs: 700 * SECOND, left: 200 })).toEqual({ kind: 'at', atMs: 1100 * SECOND });
    expect(pace.note('a', { atMs: 710 * SECOND, left: 0 })).toEqual({ kind: 'done' });
    expect(pace.note('a', { atMs: 720 * SECOND, left: 50 })).toEqual({ kind: 'unknown' });
  });

  it('does not mind a clock that steps back', () => {
    const pace = createPace();
    pace.note('a', { atMs: 100 * SECOND, left: 100 });
    expect(pace.note('a', { atMs: 50 * SECOND, left: 90 })).toEqual({ kind: 'unknown' });
  });
});
