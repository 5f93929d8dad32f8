import { describe, expect, it } from 'vitest';
import { parseMoment } from '../../../src/cli/moment.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

describe('a time on the command line', () => {
  it.each([
    ['2026-01-31T11:00:00Z', NOW - 3_600_000],
    ['2026-01-31 11:00', NOW - 3_600_000],
    ['2026-01-31T12:00:00.1234567+01:00', NOW - 3_600_000 + 123],
    ['1769857200', NOW - 3_600_000],
    ['60m', NOW - 3_600_000],
    [' 7d ', NOW - 7 * 86_400_000],
  ])('may be %j', (text, ms) => {
    expect(parseMoment(text, '--from', NOW)).toBe(ms);
  });

  it.each(['', 'now', 'yesterday', '2026-01-31', '2026-02-30T00:00:00Z', '-1h', '$START_AT_TIME'])(
    'is not %j, and it is said which option that was',
    (text) => {
      expect(() => parseMoment(text, '--from', NOW)).toThrow(/^cannot read .* as the time of --from$/);
    },
  );
});
