import { describe, expect, it } from 'vitest';
import { readProperties } from '../../../../src/connector/interpreter/properties-reader.ts';

const read = (text: string) => readProperties(Buffer.from(text, 'latin1'));
const values = (text: string) => Object.fromEntries(read(text).values);

describe('properties reader', () => {
  it('ends natural lines at LF, CR and CRLF, drops leading blanks and ignores blank lines', () => {
    expect(values('a=1\nb=2\rc=3\r\n \t\f\n \t\fd=4')).toEqual({ a: '1', b: '2', c: '3', d: '4' });
  });

  it('takes # and ! for comments only as the first character that is no blank', () => {
    expect(values(' #a=1\n!b=2\nvalue#=v#x!')).toEqual({ 'value#': 'v#x!' });
  });

  it('does not continue a comment with a backslash', () => {
    expect(values('# comment \\\na=1')).toEqual({ a: '1' });
  });

  it('joins lines after an odd number of backslashes and drops the blanks that lead the next one', () => {
    expect(values('a=1\\\n \t 2\\\\\nb=3\\\\\\\n4')).toEqual({ a: '12\\', b: '3\\4' });
  });

  it('takes a continued line that starts with # for data', () => {
    expect(values('a=1\\\n#2')).toEqual({ a: '1#2' });
  });

  it('takes what follows a lone backslash for a new line, comments included', () => {
    expect(values('\\\n# comment\n\\\n\nb=1')).toEqual({ b: '1' });
  });

  it('ends a key at the first unescaped =, : or blank and skips at most one separator', () => {
    expect(values('a==b\nb:c\nc d\nd = :e\ne  :  =f')).toEqual({ a: '=b', b: 'c', c: 'd', d: ':e', e: '=f' });
  });

  it('keeps escaped separators and blanks in keys', () => {
    expect(values('a\\ b\\=c\\:d\\#=1')).toEqual({ 'a b=c:d#': '1' });
  });

  it('keeps trailing blanks of a value, and leading ones only when escaped', () => {
    expect(values('a= b \nc=\\ d')).toEqual({ a: 'b ', c: ' d' });
  });

  it('undoes escapes, and drops the backslash before any other character', () => {
    expect(values('a=\\t\\n\\r\\f\\u00e9\\uD83D\\uDE00\nb=(\\w+)\\.\\\\d')).toEqual({
      a: '\t\n\r\f\u00e9\u{1F600}',
      b: '(w+).\\d',
    });
  });

  it('refuses the whole file for a malformed \\u and names the line', () => {
    expect(() => read('ok=1\n\npath=C:\\users')).toThrow(/^line 3: /);
    expect(() => read('a=\\u12')).toThrow(expect.objectContaining({ code: 'PROPERTIES_MALFORMED' }));
  });

  it('keeps the last of two values under the same key and notes both lines', () => {
    const file = read('a=1\nb=2\na=3');
    expect([...file.values]).toEqual([
      ['a', '3'],
      ['b', '2'],
    ]);
    expect(file.lines.get('a')).toBe(3);
    expect(file.lint).toEqual([expect.objectContaining({ level: 'error', code: 'DUPLICATE_KEY', key: 'a', line: 3 })]);
    expect(file.lint[0]?.message).toContain('line 1');
  });

  it('gives an empty text for a key without a value', () => {
    expect(values('a=\nb\nc ')).toEqual({ a: '', b: '', c: '' });
  });

  it('reads UTF-8 as ISO-8859-1, as Java does, and notes the line', () => {
    const file = readProperties(Buffer.from('a=1\nb=\u00e9\u6f22', 'utf8'));
    expect(file.values.get('b')).toHaveLength(5);
    expect(file.lint).toEqual([expect.objectContaining({ level: 'warning', code: 'NOT_ASCII', line: 2 })]);
  });

  it('leaves a byte order mark in the first key and notes it', () => {
    const file = readProperties(Buffer.from('\ufeffa=1', 'utf8'));
    expect(file.values.has('a')).toBe(false);
    expect(file.lint.map(({ code }) => code)).toContain('BYTE_ORDER_MARK');
  });

  it('keeps a key named like a member of every object', () => {
    expect(read('__proto__=1').values.get('__proto__')).toBe('1');
  });
});
