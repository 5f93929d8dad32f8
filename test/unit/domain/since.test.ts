import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import { isStamp, parseSince } from '../../../src/domain/since.ts';

function msOf(text: string): number {
  const since = parseSince(text);
  if (since.kind === 'none') throw new Error(`no time in ${text}`);
  return since.ms;
}

describe('the since grammar', () => {
  const at = Date.parse('2026-01-31T12:34:56.789Z');
  it.each([
    ['2026-01-31T12:34:56.789Z', at],
    ['2026-01-31T12:34:56.7891234Z', at],
    ['2026-01-31T12:34:56.789123456Z', at],
    ['2026-01-31T12:34:56Z', at - 789],
    ['2026-01-31T12:34:56', at - 789],
    ['2026-01-31 12:34:56', at - 789],
    ['2026-01-31T14:34:56.789+02:00', at],
    ['2026-01-31T14:34:56.789 02:00', at],
    ['2026-01-31T14:34:56.789+0200', at],
    ['2026-01-31T14:34:56.789 0200', at],
    ['2026-01-31T07:34:56.789-05:00', at],
    ['2026-01-31T12:34:56,789Z', at],
    ['1769862896', at - 789],
    ['1769862896789', at],
  ])('reads %s', (text, ms) => {
    expect(msOf(text)).toBe(ms);
  });

  it.each([[undefined], [''], ['   '], ['$START_AT_TIME']])('takes %j as no time', (text) => {
    expect(parseSince(text)).toEqual({ kind: 'none' });
  });

  it.each([
    'tomorrow',
    '2026-02-30T00:00:00Z',
    '2026-01-31T25:00:00Z',
    '31.01.2026',
    '12',
    '2026-01-31T12:00:00+99:00',
    '$START',
  ])('refuses %s and says what it read', (text) => {
    expect(() => parseSince(text)).toThrow(BridgeError);
    expect(() => parseSince(text)).toThrow(JSON.stringify(text));
  });

  it('knows a stamp at the precision that was sent, and only at that', () => {
    expect(isStamp(parseSince('2026-01-31T12:34:56.789Z'), at)).toBe(true);
    expect(isStamp(parseSince('2026-01-31T12:34:56Z'), at)).toBe(true);
    expect(isStamp(parseSince('1769862896'), at)).toBe(true);
    expect(isStamp(parseSince('2026-01-31T12:34:56.7Z'), at)).toBe(true);
    expect(isStamp(parseSince('2026-01-31T12:34Z'), at)).toBe(true);
    expect(isStamp(parseSince('2026-01-31T12:35Z'), at)).toBe(false);
    expect(isStamp(parseSince('2026-01-31T12:34:56.788Z'), at)).toBe(false);
    expect(isStamp(parseSince('2026-01-31T12:34:57Z'), at)).toBe(false);
    expect(isStamp({ kind: 'none' }, at)).toBe(false);
  });
});
