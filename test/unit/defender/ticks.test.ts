import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromTicks, toTicks } from '../../../src/defender/ticks.ts';
import { instant } from '../../support/alerts.ts';

it('an instant keeps all its seven digits as ticks and back', () => {
  expect(toTicks(instant('1970-01-01T00:00:01.0000001Z'))).toBe(10_000_001n);
  expect(fromTicks(10_000_001n)).toBe('1970-01-01T00:00:01.0000001Z');
  const ticks = fc.bigInt({ min: 0n, max: toTicks(instant('2100-01-01T00:00:00Z')) });
  fc.assert(
    fc.property(ticks, ticks, (a, b) => {
      expect(toTicks(fromTicks(a))).toBe(a);
      expect(fromTicks(a) < fromTicks(b)).toBe(a < b);
    }),
  );
});
