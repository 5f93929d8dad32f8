import fc from 'fast-check';
import { getProperties } from 'properties-file';
import { describe, expect, it } from 'vitest';
import { BLANK, comment, entry, writeProperties } from '../../../src/connector/properties-text.ts';

describe('writeProperties', () => {
  it('writes one key and its value a line, with LF at the end of each', () => {
    expect(writeProperties([comment('made'), BLANK, entry('a', 'x'), entry('b', '')])).toBe('# made\n\na=x\nb=\n');
  });

  it('escapes in a key all that would end it or start a comment', () => {
    expect(writeProperties([entry('a b\\c=d:e#f!g', 'v')])).toBe('a\\ b\\\\c\\=d\\:e\\#f\\!g=v\n');
  });

  it('doubles backslashes in a value once and leaves its punctuation alone', () => {
    expect(writeProperties([entry('k', '"\\d+" = a:b #c!')])).toBe('k="\\\\d+" = a:b #c!\n');
  });

  it('never writes the backslash-u of a path, which would make Java refuse the whole file', () => {
    expect(writeProperties([entry('k', 'C:\\users')])).toBe('k=C:\\\\users\n');
  });

  it('escapes the first leading blank only, and keeps trailing ones', () => {
    expect(writeProperties([entry('k', '  a  ')])).toBe('k=\\  a  \n');
  });

  it('writes pure ASCII: controls and other letters as escapes, a surrogate pair as two', () => {
    expect(writeProperties([entry('k', '\t\n\r\f\u0000é漢😀\u007f')])).toBe(
      'k=\\t\\n\\r\\f\\u0000\\u00E9\\u6F22\\uD83D\\uDE00\\u007F\n',
    );
  });

  it('keeps a comment a comment whatever line ends it holds', () => {
    const text = writeProperties([comment('one\ra=1\nb=2\r\nc=3\u2028d=\u00e9\\')]);
    expect(text).toBe('# one\n# a=1\n# b=2\n# c=3\\u2028d=\\u00E9\\\n');
    expect(getProperties(text)).toEqual({});
  });

  it('refuses a second line with the same key, which Java would take in silence', () => {
    expect(() => writeProperties([entry('k', 'a'), entry('j', 'b'), entry('k', 'a')])).toThrow(
      expect.objectContaining({ code: 'PROPERTIES_DUPLICATE_KEY' }),
    );
  });

  it('is read back key for key and value for value, whatever the strings are', () => {
    // The reading library builds a plain object, which cannot hold this one name.
    const key = anyText.filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(fc.array(fc.tuple(key, anyText, anyText), { maxLength: 8 }), (rows) => {
        const wanted = new Map(rows.map(([name, value]) => [name, value]));
        const notes = rows.map(([, , note]) => comment(note));
        const text = writeProperties([...notes, ...[...wanted].map(([name, value]) => entry(name, value))]);
        expect(text).toMatch(/^[\n\x20-\x7e]*$/);
        expect(new Map(Object.entries(getProperties(text)))).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });
});

/** UTF-16 units of every kind, lone surrogates included, with the ones that matter to the format often. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom('\\', ' ', '=', ':', '#', '!', '\t', '\f', '\r', '\n', 'u', '0', '"'),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 12 },
  )
  .map((units) => units.join(''));
