import { describe, expect, it } from 'vitest';
import { compileDateFormat } from '../../../../src/connector/interpreter/java-date-format.ts';

function parse(pattern: string, text: string): string | null {
  const compiled = compileDateFormat(pattern);
  if (compiled.kind === 'refused') throw new Error(compiled.reason);
  const epochMs = compiled.format.parse(text);
  return epochMs === null ? null : new Date(epochMs).toISOString();
}

const DEFENDER = '2020-09-30T14:11:44.0779765Z';

describe('SimpleDateFormat as the connector has it', () => {
  it.each([
    ["yyyy-MM-dd'T'HH:mm:ss.SSSX", DEFENDER, '2020-09-30T14:24:43.765Z'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSSSSSX", DEFENDER, '2020-09-30T14:24:43.765Z'],
    ["yyyy-MM-dd'T'HH:mm:ss", DEFENDER, '2020-09-30T14:11:44.000Z'],
    ["YYYY-MM-DD'T'hh:mm:ss.SSSX", DEFENDER, '2019-12-29T14:24:43.765Z'],
    ["yyyy-MM-dd'T'HH:mm:ssX", '2020-09-30T14:11:44Z', '2020-09-30T14:11:44.000Z'],
    ["yyyy-MM-dd'T'HH:mm:ssX", '2020-09-30T14:11:44+02', '2020-09-30T12:11:44.000Z'],
    ["yyyy-MM-dd'T'HH:mm:ssXXX", '2020-09-30T14:11:44-03:30', '2020-09-30T17:41:44.000Z'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", '2020-09-30T14:11:44.077Z', null],
    ["yyyy-MM-dd'T'HH:mm:ssz", '2020-09-30T14:11:44Z', null],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSX", '2020-09-30T14:11:44Z', null],
    ['yyyy-MM-dd HH:mm:ss', '2020-09-30 14:11:44', '2020-09-30T14:11:44.000Z'],
    ['dd/MMM/yyyy:HH:mm:ss', '30/sep/2020:14:11:44', '2020-09-30T14:11:44.000Z'],
    ['MM/dd/yyyy hh:mm:ss a', '09/30/2020 12:11:44 AM', '2020-09-30T00:11:44.000Z'],
    ['MMM dd HH:mm:ss', 'Sep 30 14:11:44', '1970-09-30T14:11:44.000Z'],
    ['yyyy-MM-dd', '2020-02-30', '2020-03-01T00:00:00.000Z'],
    ['yyyy-MM-dd', '30.09.2020', null],
    ['yyyy-MM-dd', '1500-01-01', null],
  ])('reads %s on %s as %s', (pattern, text, expected) => {
    expect(parse(pattern, text)).toBe(expected);
  });

  it.each(['YYYY-MM-DDThh:mm:ss.SSSX', "yyyy'", 'XXXX', 'b'])('calls %s invalid, as Java does', (pattern) => {
    expect(compileDateFormat(pattern)).toMatchObject({ kind: 'refused', isInvalid: true });
  });

  it.each(['yy-MM-dd', 'ww', 'G yyyy', 'yyyy YYYY', 'EEE yyyy', 'HH hh'])(
    'says that it does not evaluate %s',
    (pattern) => {
      expect(compileDateFormat(pattern)).toMatchObject({ kind: 'refused', isInvalid: false });
    },
  );
});
