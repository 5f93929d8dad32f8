import { describe, expect, it } from 'vitest';
import { createTools, evaluate } from '../../../../src/connector/interpreter/evaluate.ts';
import { parseExpression } from '../../../../src/connector/interpreter/expression.ts';
import type { Value } from '../../../../src/connector/interpreter/value.ts';

const TOKENS = new Map<string, Value | null>([
  ['text', { kind: 'string', text: 'SHA1=AA,MD5=0F' }],
  ['upper', { kind: 'string', text: ' Ab ' }],
  ['empty', { kind: 'string', text: '' }],
  ['none', null],
  ['number', { kind: 'string', text: '9223372036854775807' }],
  ['int', { kind: 'integer', number: 7 }],
  ['ms', { kind: 'long', number: 1_600_000_000_123n }],
  ['flag', { kind: 'string', text: 'true' }],
  ['ip', { kind: 'string', text: 'from fe80::1' }],
  ['time', { kind: 'string', text: '2020-09-30T14:11:44.0779765Z' }],
  ['path', { kind: 'string', text: 'C:\\a\\b' }],
]);

function run(text: string): { value: Value | null; warnings: readonly string[] } {
  const parsed = parseExpression(text);
  if (parsed.kind === 'malformed') throw new Error(parsed.reason);
  const warnings: string[] = [];
  const value = evaluate(
    parsed.expression,
    TOKENS,
    createTools((message) => warnings.push(message)),
  );
  return { value, warnings };
}

const string = (text: string): Value => ({ kind: 'string', text });
const long = (number: bigint): Value => ({ kind: 'long', number });
const integer = (number: number): Value => ({ kind: 'integer', number });
const timestamp = (iso: string): Value => ({ kind: 'timestamp', epochMs: Date.parse(iso) });

describe('operations', () => {
  it.each([
    ['text', string('SHA1=AA,MD5=0F')],
    ['undeclared', null],
    ['none', null],
    ['__stringConstant("a \\"b\\"")', string('a "b"')],
    ['__stringConstant(Azure NSG)', string('Azure NSG')],
    ['__stringConstant(text)', string('text')],
    ['__getVendor("Microsoft")', string('Microsoft')],
    ['__integerConstant(42)', integer(42)],
    ['__integerConstant("-1")', integer(-1)],
    ['__integerConstant(x)', null],
    ['__safeToLong(number)', long(9_223_372_036_854_775_807n)],
    ['__safeToLong("x")', null],
    ['__safeToInteger(number)', null],
    ['__safeToInteger("5")', integer(5)],
    ['__integerToLong(int)', long(7n)],
    ['__integerToLong(text)', null],
    ['__longToInteger(ms)', null],
    ['__longToString(ms)', string('1600000000123')],
    ['__longToTimeStamp(ms)', timestamp('2020-09-13T12:26:40.123Z')],
    ['__longToTimeStamp(none)', null],
    ['__concatenate("a",none,int)', string('a7')],
    ['__concatenate(none,none)', null],
    ['__oneOf(none, empty, text)', string('SHA1=AA,MD5=0F')],
    ['__oneOfLong(none,ms)', long(1_600_000_000_123n)],
    ['__ifThenElse(flag,"true","yes","no")', string('yes')],
    ['__ifThenElse(flag,"false","yes",)', null],
    ['__ifThenElse(none,,"unset","set")', string('unset')],
    ['__safeToLong(__simpleMap(flag,"true=1","false=0"))', long(1n)],
    ['__simpleMap(text,"true=1")', null],
    ['__simpleMap("a","a=b=c")', string('b=c')],
    ['__regexToken(text,".*MD5=(\\w+).*")', string('0F')],
    ['__regexToken(text,"MD5=(\\w+)")', string('0F')],
    ['__regexToken(text,"(a)?.*")', null],
    ['__regexTokenNoWarning(text,"MD5=(\\w+)")', null],
    ['__regexTokenNoWarning(text,".*MD5=(\\w+)")', string('0F')],
    ['__regexTokenAsAddress(ip,"from (.*)")', { kind: 'address', text: 'fe80::1', version: 6 }],
    ['__regexTokenAsAddress(ip,"from (\\d.*)")', null],
    ['__regexTokenAsInteger("n=5","n=(.*)")', integer(5)],
    ['__regexTokenAsLong("n=5","n=(.*)")', long(5n)],
    ['__replaceAll(path,"\\\\","/")', string('C:/a/b')],
    ['__replaceAll(path,\\\\,//)', string('C://a//b')],
    ['__replaceAll(text,"(\\w+)=(\\w+)","$2:$1")', string('AA:SHA1,0F:MD5')],
    ['__split("The string to split"," ",2)', string('string')],
    ['__split(text,",",3)', null],
    ['__split("a~b",\\~,2)', string('b')],
    ['__split("a1b22c","\\d+","3")', string('c')],
    ['__toLowerCase(upper)', string(' ab ')],
    ['__toUpperCase(upper)', string(' AB ')],
    ['__stringTrim(upper)', string('Ab')],
    ['__length(upper)', integer(4)],
    ['__getTimeZone(__stringConstant("UTC"))', string('UTC')],
    ['__getTimeZone("-08:00")', string('-08:00')],
    ['__safeToDate("2020-09-30 14:11:44")', timestamp('2020-09-30T14:11:44Z')],
    ['__createLocalTimeStampFromSecondsSinceEpoch("1600000000")', timestamp('2020-09-13T12:26:40Z')],
    ['__createOptionalTimeStampFromString(empty,"yyyy")', null],
    ['__parseMultipleTimeStamp("2020","MM/yyyy","yyyy")', timestamp('2020-01-01T00:00:00Z')],
    [
      '__createOptionalTimeStampFromString(__concatenate(__regexToken(time,"(.*T\\d{2}:\\d{2}:\\d{2}).*"),"Z"),"yyyy-MM-dd\'T\'HH:mm:ssX")',
      timestamp('2020-09-30T14:11:44Z'),
    ],
  ])('%s', (text, expected) => {
    expect(run(text)).toEqual({ value: expected, warnings: [] });
  });

  it.each([
    ['__regexToken(text,"(x)")', 'no match'],
    ['__regexToken(text,"S.*")', 'no group'],
    ['__regexToken(text,"(a)\\1")', 'not translated'],
    ['__regexTokenAsAddress(text,"(.*)")', 'is no address'],
    ['__replaceAll(text,"S","$1")', 'names a group'],
    ['__split(text,",","two")', 'is no position'],
    ['__longToTimeStamp(text)', 'epoch milliseconds'],
    ['__longToTimeStamp(__safeToLong("9000000000000000"))', 'epoch milliseconds'],
    ['__createOptionalTimeStampFromString(text,"yyyy")', 'fits no date format'],
    ['__parseMultipleTimeStamp(text,"yyyy","MM")', 'fits no date format'],
    ['__getTimeZone("nowhere")', 'no time zone'],
    ['__sum("1","2")', 'not evaluated'],
  ])('%s gives nothing and says why', (text, reason) => {
    const { value, warnings } = run(text);
    expect(value).toBeNull();
    expect(warnings).toEqual([expect.stringContaining(reason)]);
  });

  it('keeps control characters of a value out of its warnings', () => {
    const { warnings } = run('__longToTimeStamp("\u001b[2J\n\u2028")');
    expect(warnings).toEqual([expect.stringContaining('"\\u001b[2J\\u000a\\u2028"')]);
  });
});
