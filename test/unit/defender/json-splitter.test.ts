import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJsonSplitter } from '../../../src/defender/json-splitter.ts';
import { failureOf } from './loopback.ts';

/** Elements of a text that arrives in pieces of these lengths, the last one to its end. */
function split(text: string, lengths: readonly number[] = [], maxBytes = 10_000): readonly unknown[] {
  const splitter = createJsonSplitter({ host: 'siem.example', maxBytes });
  const bytes = Buffer.from(text);
  const found: unknown[] = [];
  let from = 0;
  for (const length of [...lengths, bytes.length]) {
    found.push(...splitter.push(bytes.subarray(from, from + length)));
    from += length;
  }
  splitter.end();
  return found;
}

function codeOf(text: string, lengths: readonly number[] = [], maxBytes?: number): unknown {
  try {
    split(text, lengths, maxBytes);
    return null;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? thrown.code : thrown;
  }
}

const pieces = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 60 });

describe('an array that arrives in pieces', () => {
  it('gives the elements that JSON.parse would, wherever the pieces are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), pieces, fc.constantFrom(0, 2), (elements, lengths, indent) => {
        const text = JSON.stringify(elements, null, indent);
        expect(split(text, lengths, 1_000_000)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('may be empty, have blanks around it, and begin with a byte-order mark', () => {
    expect(split('[]')).toEqual([]);
    expect(split('\ufeff \r\n[ {"a":1} ,\t{} ]\n ', [1, 1, 1])).toEqual([{ a: 1 }, {}]);
  });

  it('is not disturbed by brackets, quotes and commas in texts', () => {
    const hostile = [{ a: '],[{"\\"},' }, ['\\', '\u2028"]'], '[', '\\\\"'];
    expect(split(JSON.stringify(hostile), [1, 1, 1, 1, 1, 1, 1, 1, 1])).toEqual(hostile);
  });

  it('gives an element as soon as it is complete', () => {
    const splitter = createJsonSplitter({ host: 'siem.example', maxBytes: 1000 });
    expect(splitter.push(Buffer.from('[{"a":1},{"a"'))).toEqual([{ a: 1 }]);
    expect(splitter.form).toBe('list');
    expect(splitter.push(Buffer.from(':2}]'))).toEqual([{ a: 2 }]);
  });

  it('may be one object without its array', () => {
    expect(split('{"a":[1,{"b":2}],"c":"}"} ', [3, 3])).toEqual([{ a: [1, { b: 2 }], c: '}' }]);
  });
});

describe('an array that is no whole array', () => {
  it('is refused wherever it is cut off', () => {
    const text = '[{"a":"x,]"},{"b":[1,2]},3]';
    for (let length = 0; length < text.length; length += 1) {
      expect([length, codeOf(text.slice(0, length), [2, 5])]).toEqual([length, 'UPSTREAM_BAD_JSON']);
    }
    expect(codeOf(text)).toBeNull();
  });

  it.each([
    '[1,]',
    '[,1]',
    '[1 2]',
    '[{]}',
    '[1}',
    '{"a":1]',
    '[1]2',
    '[1][2]',
    '{} {}',
    '[{"a":01}]',
    'null',
    '"x"',
    '[1,,2]',
  ])('is refused when it is %s', (text) => {
    expect(codeOf(text)).toBe('UPSTREAM_BAD_JSON');
    expect(codeOf(text, [1, 1])).toBe('UPSTREAM_BAD_JSON');
  });

  it('is called a web page when it is one', () => {
    expect(codeOf(' <!doctype html>')).toBe('UPSTREAM_NOT_JSON');
  });

  it('is refused when one element is too large, however it arrives', () => {
    const text = JSON.stringify([{ a: 'x'.repeat(200) }]);
    expect(codeOf(text, [], 100)).toBe('RESPONSE_TOO_LARGE');
    expect(codeOf(text, [10, 10, 10, 80], 100)).toBe('RESPONSE_TOO_LARGE');
    expect(codeOf(text, [10, 10, 10, 80], 300)).toBeNull();
  });

  it('gives nothing of a broken element, and its text for the quarantine', async () => {
    const splitter = createJsonSplitter({ host: 'siem.example', maxBytes: 1000 });
    const failure = await failureOf(Promise.resolve().then(() => splitter.push(Buffer.from('[{"a":tru},{"b":1}]'))));
    expect(failure).toHaveProperty('answer', '{"a":tru}');
    expect(String(failure)).not.toContain('tru}');
  });
});
