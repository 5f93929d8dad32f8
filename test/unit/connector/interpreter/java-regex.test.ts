import { describe, expect, it } from 'vitest';
import { compileJavaRegex, type JavaRegex } from '../../../../src/connector/interpreter/java-regex.ts';

function compiled(pattern: string): JavaRegex {
  const result = compileJavaRegex(pattern);
  if (result.kind === 'refused') throw new Error(result.reason);
  return result.regex;
}
const whole = (pattern: string, text: string) => compiled(pattern).matchWhole(text);
const captured = (text: string | null) => ({ kind: 'captured', text });
const MISS = { kind: 'no-match' };

describe('Java pattern in JavaScript', () => {
  it('ends a line where Java does', () => {
    expect(whole('(.*)', 'a\u0085b')).toEqual(MISS);
    expect(compiled('(a)$').find('a\r\n')).toEqual(captured('a'));
    expect(compiled('(a)$').find('a\nb')).toEqual(MISS);
    expect(whole('(?s)(a.b)', 'a\nb')).toEqual(captured('a\nb'));
  });

  it('takes only ASCII blanks for \\s', () => {
    expect(whole('(\\s)', '\u00a0')).toEqual(MISS);
    expect(whole('([^\\S])', ' ')).toEqual(captured(' '));
    expect(whole('(\\S)', '\u00a0')).toEqual(captured('\u00a0'));
  });

  it('counts a character outside the basic plane once', () => {
    expect(whole('(.)', '\u{1F600}')).toEqual(captured('\u{1F600}'));
  });

  it('tells a group that took no part from an empty one', () => {
    expect(whole('(a)|b', 'b')).toEqual(captured(null));
    expect(whole('(a*)b', 'b')).toEqual(captured(''));
  });

  it('accepts escapes before characters that need none', () => {
    expect(whole('\\"(.*)\\"\\,\\-', '"x",-')).toEqual(captured('x'));
  });

  it.each(['(a', 'a)', '*a', 'a**', '[z-a]', 'a{2,1}', '(a\\'])('calls %s invalid, as Java does', (pattern) => {
    expect(compileJavaRegex(pattern)).toMatchObject({ kind: 'refused', isInvalid: true });
  });

  it.each([
    ...[
      '(a)\\1',
      'a++',
      '(?>a)',
      '(?i)a',
      '(?<=a)b',
      '\\bword',
      '\\p{Alpha}',
      '[a[b]]',
      '[a&&b]',
      '(?:(a)|b)*',
      '(a*)*',
    ],
    ...['(?=(a))b', '\\Qab\\E+', '(?=a)*', '\\012', '\\ud83d'],
  ])('refuses %s rather than to match something else', (pattern) => {
    expect(compileJavaRegex(pattern)).toMatchObject({ kind: 'refused', isInvalid: false });
  });
});
