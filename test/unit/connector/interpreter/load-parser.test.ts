import { describe, expect, it } from 'vitest';
import { loadParser } from '../../../../src/connector/interpreter/load-parser.ts';

const CLEAN = [
  'trigger.node.location=/',
  'token.count=2',
  'token[0].name=Severity',
  'token[0].location=Severity',
  'token[1].name=When',
  'token[1].type=TimeStamp',
  'token[1].format=yyyy-MM-dd',
  'token[1].location=When',
  'event.deviceSeverity=Severity',
  'event.endTime=When',
  'severity.map.high.if.deviceSeverity=High',
];

function notes(...lines: readonly string[]): readonly string[] {
  const { lint } = loadParser(Buffer.from([...CLEAN, ...lines].join('\n'), 'latin1'));
  return lint.map(({ level, code, line }) => `${level} ${code} ${line ?? '-'}`);
}

describe('lint of a parser file', () => {
  it('says nothing about a clean file', () => {
    expect(notes('replace.defaults=true', '# comment', 'additionaldata.enabled=true')).toEqual([]);
  });

  it.each([
    ['token.count=3', ['error DUPLICATE_KEY 12', 'error TOKEN_INDEX_GAP 12']],
    ['token.count=1', ['error DUPLICATE_KEY 12', 'error TOKEN_BEYOND_COUNT 5', 'warning UNDECLARED_TOKEN 10']],
    ['token.count=x', ['error DUPLICATE_KEY 12', 'error BAD_TOKEN_COUNT 12']],
    ['token[0].type=Date', ['error UNKNOWN_TOKEN_TYPE 12']],
    ['token[0].name=When', ['error DUPLICATE_KEY 12', 'error DUPLICATE_TOKEN 5', 'warning UNDECLARED_TOKEN 9']],
    ['token[0].format=__uri()', ['warning FORMAT_NOT_EVALUATED 12']],
    ['token[0].location=/Severity', ['error DUPLICATE_KEY 12', 'warning ABSOLUTE_LOCATION 12']],
    ['token[1].format=YYYY-MM-DDThh', ['error DUPLICATE_KEY 12', 'error BAD_DATE_FORMAT 12']],
    ['event.startTime=Severity', ['error FIELD_TYPE_MISMATCH 12']],
    ['event.startTime=__safeToLong(Severity)', ['error FIELD_TYPE_MISMATCH 12']],
    ['event.sourceAddress=Severity', ['error FIELD_TYPE_MISMATCH 12']],
    ['event.message=severity', ['warning UNDECLARED_TOKEN 12']],
    ['event.message=__oneOf(severity,Severity)', ['warning UNDECLARED_TOKEN 12']],
    ['event.message==__regexToken(Severity,"(.*)")', ['warning UNDECLARED_TOKEN 12']],
    ['event.message=__stringConstant("a") root@host', ['error MALFORMED_EXPRESSION 12']],
    ['event.message=__forceLong(Severity)', ['error UNKNOWN_OPERATION 12']],
    ['event.message=__sum(Severity)', ['warning OPERATION_NOT_EVALUATED 12']],
    ['event.message=__stringConstant()', ['error WRONG_ARGUMENT_COUNT 12']],
    ['event.message=__regexToken(Severity,"(.*")', ['error BAD_REGEX 12']],
    ['event.message=__regexToken(Severity,"(?i)(a)")', ['warning REGEX_NOT_EVALUATED 12']],
    ['event.startTime=__createOptionalTimeStampFromString(Severity,"yyyy\'")', ['error BAD_DATE_FORMAT 12']],
    ['event.startTime=__parseMultipleTimeStamp(Severity,"yyyy","ww")', ['warning DATE_FORMAT_NOT_EVALUATED 12']],
    ['event.summary=Severity', ['error UNKNOWN_EVENT_FIELD 12']],
    ['event.deviceCustomString1=Severity', ['warning FIELD_WITHOUT_LABEL 12']],
    ['event.flexNumber1=__safeToLong("1")', ['warning FIELD_WITHOUT_LABEL 12']],
    ['severity.map.urgent.if.deviceSeverity=x', ['error UNKNOWN_SEVERITY_LEVEL 12']],
    ['severity.map.low.if.name=x', ['warning SEVERITY_FIELD 12']],
    ['severity.map.low.if.deviceSeverity=High', ['warning SEVERITY_TWICE -']],
    ['extraprocessor.count=1', ['warning KEY_NOT_EVALUATED 12']],
    ['toket[1].type=String', ['warning UNKNOWN_KEY 12']],
    ['additionaldata.Note=__op(', ['error MALFORMED_EXPRESSION 12']],
  ])('%s', (line, expected) => {
    expect(notes(line)).toEqual(expected);
  });

  it('names every index that is missing when all tokens have the same one', () => {
    const { lint } = loadParser(
      Buffer.from('trigger.node.location=/\ntoken.count=3\ntoken[0].name=a\ntoken[0].location=a'),
    );
    expect(lint.find(({ code }) => code === 'TOKEN_INDEX_GAP')?.message).toContain('1, 2');
  });

  it('notes what a file lacks', () => {
    const { lint } = loadParser(Buffer.from('token[0].type=String\ntoken[1].name=a'));
    expect(lint.map(({ code }) => code)).toEqual([
      'BAD_TOKEN_COUNT',
      'TOKEN_WITHOUT_NAME',
      'TOKEN_WITHOUT_LOCATION',
      'NO_TRIGGER',
      'NO_DEVICE_SEVERITY',
    ]);
  });

  it('notes a device severity without a severity map', () => {
    const file = 'trigger.node.location=/\ntoken.count=0\nevent.deviceSeverity=__stringConstant("High")';
    expect(loadParser(Buffer.from(file)).lint.map(({ code }) => code)).toEqual(['NO_SEVERITY_MAP']);
  });
});
