import { describe, expect, it } from 'vitest';
import { parseDuration, parseSize } from '../../../src/config/quantity.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['0s', 0],
    ['30s', 30_000],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['3650d', 315_360_000_000],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', 's', '1.5h', '-1s', '30 s', '30S', '1w', '3651d', '999999999d', '1h30m', '30s\n', '1constructor'])(
    '%j is refused',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );
});

describe('a size', () => {
  it.each([
    ['100B', 100],
    ['64KB', 64_000],
    ['5MB', 5_000_000],
    ['20GB', 20_000_000_000],
    ['1KiB', 1024],
    ['5MiB', 5_242_880],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '5', '5mb', '5M', '1.5MB', '-5MB', '5 MB'])('%j is refused', (text) => {
    expect(parseSize(text)).toBeNull();
  });
});
