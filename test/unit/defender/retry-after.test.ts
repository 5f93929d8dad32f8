import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../src/defender/retry-after.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('Retry-After', () => {
  it('reads seconds', () => {
    expect(retryAfterMs('120', undefined, NOW)).toBe(120_000);
  });

  it('is not capped', () => {
    expect(retryAfterMs('86400', undefined, NOW)).toBe(86_400_000);
  });

  it('measures an HTTP date on the clock of the server that sent it', () => {
    const until = 'Sun, 01 Mar 2026 13:00:30 GMT';
    expect(retryAfterMs(until, 'Sun, 01 Mar 2026 13:00:00 GMT', NOW)).toBe(30_000);
    expect(retryAfterMs(until, undefined, NOW)).toBe(3_630_000);
  });

  it('does not ask to wait for a date that has passed', () => {
    expect(retryAfterMs('Sun, 01 Mar 2026 11:00:00 GMT', undefined, NOW)).toBe(0);
  });

  it.each([undefined, '', 'soon', '-5', '9'.repeat(30)])('is unknown for %s', (header) => {
    expect(retryAfterMs(header, undefined, NOW)).toBeUndefined();
  });
});
