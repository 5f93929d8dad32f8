import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/config/formats.ts';

describe('a schedule', () => {
  it.each([
    '*/30 * * * * *',
    '* * * * *',
    '0,15,30,45 * * * *',
    '0 9-17/2 * * mon-fri',
    '0 22-2 * * *',
    '59 23 31 12 7',
    '0 0 1 jan,JUL *',
  ])('%s is taken', (text) => {
    expect(FORMATS.cron(text)).toBe(true);
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
    '1,,2 * * * *',
    '*  * * * *',
    '@hourly',
    '* * * * fun',
    '1-2-3 * * * *',
    '*/2/2 * * * *',
  ])('%j is refused', (text) => {
    expect(FORMATS.cron(text)).toBe(false);
  });
});

describe('a size or off', () => {
  it.each(['off', '1B', '20GB', '20GiB'])('%s is taken', (text) => {
    expect(FORMATS['size-or-off'](text)).toBe(true);
  });

  it.each(['', '0GB', 'OFF', 'none', '20', '-1GB'])('%j is refused', (text) => {
    expect(FORMATS['size-or-off'](text)).toBe(false);
  });
});

describe('a duration or off', () => {
  it.each(['off', '0s', '5m'])('%s is taken', (text) => {
    expect(FORMATS['duration-or-off'](text)).toBe(true);
  });

  it.each(['', 'no', '5', '5 m'])('%j is refused', (text) => {
    expect(FORMATS['duration-or-off'](text)).toBe(false);
  });
});
