import { describe, expect, it } from 'vitest';
import { writtenTime } from '../../../src/domain/observation-time.ts';

describe('a time in a request', () => {
  it.each<[string, string, string, number | null]>([
    ['2026-01-31T12:00:00.123Z', "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", 'Z', 1],
    ['2026-01-31T12%3A00%3A00.1234567Z', "yyyy-MM-dd'T'HH:mm:ss.SSSSSSS'Z'", 'Z', 1],
    ['2026-01-31+12%3A00%3A00', 'yyyy-MM-dd HH:mm:ss', 'none', 1000],
    ['2026-01-31T12:00:00+02:00', "yyyy-MM-dd'T'HH:mm:ssXXX", '+02:00', 1000],
    ['2026-01-31T12:00:00%2B0200', "yyyy-MM-dd'T'HH:mm:ssXX", '+0200', 1000],
    ['2026-01-31T12:00', "yyyy-MM-dd'T'HH:mm", 'none', 60_000],
    ['1769860800123', 'epoch milliseconds', 'none', 1],
    ['1769860800', 'epoch seconds', 'none', 1000],
    ['$START_AT_TIME', 'the placeholder itself', 'none', null],
    ['%24START_AT_TIME', 'the placeholder itself', 'none', null],
    ['', 'empty', 'none', null],
    ['yesterday', 'not readable', 'none', null],
  ])('%s is written as %s', (raw, pattern, zone, unitMs) => {
    expect(writtenTime(raw)).toMatchObject({ pattern, zone, unitMs, escaped: raw.includes('%') });
  });

  it.each([
    '2026-01-31T12:00:00Z%26key%3Dsecret-value',
    'key=secret-value',
    'x;access_token=secret-value',
    'PASSWORD%3dsecret-value',
  ])('is kept without a login that was written into it: %s', (raw) => {
    expect(writtenTime(raw).text).not.toContain('secret-value');
  });
});
