import { describe, expect, it } from 'vitest';
import { agree, conflict, same, shared } from '../../../src/domain/natural-key.ts';

describe('two natural keys', () => {
  it('agree when nothing contradicts and something more than the device is the same', () => {
    expect(agree(['dev', '7', ''], ['dev', '7', 't'], 'dev')).toBe(true);
    expect(agree(['dev', '7', 't'], ['dev', '8', 't'], 'dev')).toBe(false);
    expect(agree(['', 'sha'], ['dev', 'sha'])).toBe(true);
  });

  it('do not agree on the device alone, in whatever case it is written', () => {
    expect(agree(['dev-a', '', ''], ['dev-a', '7', ''], 'dev-a')).toBe(false);
    expect(agree(['dev-a', '', ''], ['dev-a', '7', ''], 'DEV-A')).toBe(false);
    expect(agree(['dev-a', '', ''], ['dev-a', '7', ''])).toBe(true);
  });

  it('do not agree when they have nothing in common', () => {
    expect(agree(['', ''], ['', ''])).toBe(false);
    expect(agree(['a', ''], ['', 'b'])).toBe(false);
    expect(agree([], [])).toBe(false);
  });

  it('conflict where both are filled and differ, seen from either side', () => {
    for (const [a, b, expected] of [
      [['a', ''], ['', 'b'], false],
      [['a', 'x'], ['a', 'y'], true],
      [['a'], ['a', 'b'], false],
      [[], ['a'], false],
    ] as const) {
      expect(conflict(a, b)).toBe(expected);
      expect(conflict(b, a)).toBe(expected);
    }
  });

  it('share as many parts as are filled and equal, without the device', () => {
    expect(shared(['d', 'a', 'b', ''], ['d', 'a', 'c', ''])).toBe(2);
    expect(shared(['d', 'a', 'b', ''], ['d', 'a', 'c', ''], 'D')).toBe(1);
  });

  it('are the same only part by part and in number', () => {
    expect(same(['a', ''], ['a', ''])).toBe(true);
    expect(same(['a', ''], ['a'])).toBe(false);
    expect(same(['a', 'b'], ['b', 'a'])).toBe(false);
  });
});
