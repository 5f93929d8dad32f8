import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../../../src/connector/interpreter/expression.ts';

const parsed = (text: string) => {
  const result = parseExpression(text);
  if (result.kind === 'malformed') throw new Error(result.reason);
  return result.expression;
};
const raw = (text: string) => ({ kind: 'raw', text });
const quoted = (text: string) => ({ kind: 'quoted', text });
const call = (operation: string, ...args: readonly unknown[]) => ({ kind: 'call', operation, args });
const nothing = { kind: 'nothing' };

describe('expression of a mapping', () => {
  it('is a token when it is a bare word, blanks and punctuation included', () => {
    expect(parsed('Destination IP')).toEqual(raw('Destination IP'));
    expect(parsed(' i/f_dir ')).toEqual(raw('i/f_dir'));
    expect(parsed('')).toEqual(nothing);
  });

  it('nests operations', () => {
    expect(parsed('__a(__b(tok,"x"),__c())')).toEqual(call('__a', call('__b', raw('tok'), quoted('x')), call('__c')));
  });

  it('tolerates blanks around commas and takes an empty argument or null for nothing', () => {
    expect(parsed('__op( a , "b" ,,null)')).toEqual(call('__op', raw('a'), quoted('b'), nothing, nothing));
  });

  it('keeps commas and parentheses inside quotes, turns \\" into a quote and leaves other backslashes alone', () => {
    expect(parsed('__op("a,(b\\")","\\w+\\\\(\\S+)")')).toEqual(
      call('__op', quoted('a,(b")'), quoted('\\w+\\\\(\\S+)')),
    );
  });

  it('ends a quoted argument after an escaped backslash', () => {
    expect(parsed('__op("(.*)\\\\","x")')).toEqual(call('__op', quoted('(.*)\\\\'), quoted('x')));
  });

  it('takes raw arguments up to the comma or parenthesis of the call, balanced ones inside', () => {
    expect(parsed('__op(Azure NSG,\\~,a(b,c)d)')).toEqual(call('__op', raw('Azure NSG'), raw('\\~'), raw('a(b,c)d')));
  });

  it.each([
    ['__op("a', 'not closed'],
    ['__op("a"b)', 'followed by more text'],
    ['__op(a', 'closing parenthesis'],
    ['__op(a) $ ', 'after the closing parenthesis'],
    [`${'__a('.repeat(60)}x${')'.repeat(60)}`, 'more than 50'],
  ])('refuses %s', (text, reason) => {
    const result = parseExpression(text);
    expect(result.kind === 'malformed' && result.reason).toContain(reason);
  });
});
