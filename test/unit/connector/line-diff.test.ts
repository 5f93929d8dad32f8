import { describe, expect, it } from 'vitest';
import { lineDiff } from '../../../src/connector/line-diff.ts';

describe('lineDiff', () => {
  it('is empty for equal texts', () => {
    expect(lineDiff(['a', 'b'], ['a', 'b'])).toEqual([]);
  });

  it('names a changed line by what goes and what comes, and no line around it', () => {
    expect(lineDiff(['a', 'old', 'c'], ['a', 'new', 'c'])).toEqual(['- old', '+ new']);
  });

  it('finds lines added and taken away at both ends', () => {
    expect(lineDiff(['gone', 'a', 'b'], ['a', 'b', 'more'])).toEqual(['- gone', '+ more']);
  });

  it('stops after forty lines and counts the rest', () => {
    const diff = lineDiff(
      [],
      Array.from({ length: 50 }, (_, index) => String(index)),
    );
    expect(diff).toHaveLength(41);
    expect(diff.at(-1)).toBe('... and 10 more');
  });
});
