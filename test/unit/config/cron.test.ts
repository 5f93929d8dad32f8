import fc from 'fast-check';
import { validate } from 'node-cron';
import { describe, expect, it } from 'vitest';
import { isCron } from '../../../src/config/cron.ts';

describe('a schedule', () => {
  it.each([
    '*/30 * * * * *',
    '* * * * *',
    '0,15,30,45 * * * *',
    '0 9-17/2 * * mon-fri',
    '59 23 31 12 7',
    '0 0 1 jan,JUL *',
  ])('%s is taken', (text) => {
    expect(isCron(text)).toBe(true);
  });

  it.each([
    '',
    '* * *',
    '* * * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '5/10 * * * *',
    '*/0 * * * *',
    '9-5 * * * *',
    '1,,2 * * * *',
    '*  * * * *',
    '@hourly',
    '* * * * fun',
    '1-2-3 * * * *',
    '*/2/2 * * * *',
  ])('%j is refused', (text) => {
    expect(isCron(text)).toBe(false);
  });

  it('that is taken is always one that node-cron runs', () => {
    const number = fc.integer({ min: 0, max: 62 }).map(String);
    const word = fc.constantFrom('*', 'jan', 'dec', 'sun', 'sat', 'x', '');
    const part = fc.oneof(
      number,
      word,
      fc.tuple(number, number).map((ends) => ends.join('-')),
      fc.tuple(fc.oneof(number, word), number).map((ends) => ends.join('/')),
      fc.tuple(number, number, number).map(([from, to, step]) => `${from}-${to}/${step}`),
    );
    const field = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
    const text = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constant('*') }, field), { minLength: 4, maxLength: 7 });
    let taken = 0;
    fc.assert(
      fc.property(text, (fields) => {
        const schedule = fields.join(' ');
        if (!isCron(schedule)) return;
        taken += 1;
        expect(validate(schedule), schedule).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
