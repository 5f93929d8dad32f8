import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../src/domain/printable.ts';

describe('printable text', () => {
  it('keeps what can be read, whatever the script', () => {
    for (const text of ['', 'C:\\Windows\\a.exe -x "1"', 'Zürich 東京 مرحبا', '👩‍💻 🏴‍☠️'])
      expect(printable(text)).toBe(text);
  });

  it.each([
    ['a terminal escape', '\u001b[2Jx', '\ufffd[2Jx'],
    ['a C1 escape', '\u009b31mx', '\ufffd31mx'],
    ['line ends', 'a\r\nb\u2028c\u2029d\u0085e', 'a\ufffd\ufffdb\ufffdc\ufffdd\ufffde'],
    ['NUL, tab, backspace and delete', '\0\t\b\u007f', '\ufffd\ufffd\ufffd\ufffd'],
    ['overrides and marks of direction', '\u202ea\u2066b\u061cc\u200f', '\ufffda\ufffdb\ufffdc\ufffd'],
    ['half of a surrogate pair', 'a\ud83d b', 'a\ufffd b'],
  ])('replaces %s', (_name, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('cuts at code points and marks the cut', () => {
    expect(printable('abcdef', 6)).toBe('abcdef');
    expect(printable('abcdefg', 6)).toBe('abcde…');
    expect(printable('😀'.repeat(3), 3)).toBe('😀😀😀');
    expect(printable('😀'.repeat(4), 3)).toBe('😀😀…');
    expect(printable('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
  });

  it('is never longer than asked, and the same again when printed twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (text, length) => {
        const once = printable(text, length);
        expect(Array.from(once).length).toBeLessThanOrEqual(length);
        expect(printable(once, length)).toBe(once);
        expect(once.isWellFormed()).toBe(true);
      }),
    );
  });
});
