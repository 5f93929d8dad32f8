import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/config/secret.ts';

describe('a secret', () => {
  const secret = new Secret('hunter2');

  it('gives its text only when asked to reveal it', () => {
    expect(secret.reveal()).toBe('hunter2');
  });

  it.each([
    ['String()', String(secret)],
    ['concatenation', ['', secret].join('')],
    ['a template', String.raw({ raw: ['', ''] }, secret)],
    ['coercion to a primitive', secret[Symbol.toPrimitive]()],
    ['inspect', inspect(secret)],
    ['format', format('%s', secret)],
  ])('is masked by %s', (_, text) => {
    expect(text).toBe('[secret]');
  });

  it('is masked inside JSON', () => {
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
  });

  it('keeps its text out of every property that can be listed or copied', () => {
    const seen = [
      inspect(secret, { showHidden: true, customInspect: false }),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(structuredClone(secret)),
      JSON.stringify(Reflect.ownKeys(secret).map(String)),
    ].join('');
    expect(seen).not.toContain('hunter2');
  });
});
