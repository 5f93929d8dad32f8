import { RegexRefusal, type RegexScanner, readCharacterClass, readEscape } from './java-regex-atoms.ts';

export interface TranslatedRegex {
  /** Source for `new RegExp(source, 'u')`. */
  readonly source: string;
  readonly groups: number;
}

/** A piece of the pattern, with what decides whether Java and JavaScript agree on repeating it. */
interface Piece {
  readonly js: string;
  readonly minLength: number;
  readonly capture: 'none' | 'itself' | 'inside';
  readonly isAssertion: boolean;
}

const NOTHING: Piece = { js: '', minLength: 0, capture: 'none', isAssertion: false };
/** Java: before a final line terminator too, where JavaScript's `$` is the very end. */
const END = '(?=(?:\\r\\n|(?<!\\r)\\n|[\\r\\u0085\\u2028\\u2029])?(?![\\s\\S]))';
const DOT = '[^\\n\\r\\u0085\\u2028\\u2029]';
const DEEPEST_NESTING = 100;

/**
 * A `java.util.regex` pattern (without flags) as a JavaScript one that matches the same text and captures the same
 * groups. Throws `RegexRefusal` for what Java rejects and for what the two languages treat differently and cannot be
 * rewritten: back references, possessive and atomic groups, lookbehind, `\b`, inline flags but a leading `(?s)`,
 * captures that repeat in a way JavaScript resets.
 */
export function translateJavaRegex(pattern: string): TranslatedRegex {
  const isDotAll = pattern.startsWith('(?s)');
  const scanner: RegexScanner = { text: pattern, at: isDotAll ? 4 : 0, groups: 0 };
  const piece = readAlternatives(scanner, isDotAll ? '[\\s\\S]' : DOT, 0);
  if (scanner.at < pattern.length) throw new RegexRefusal('a closing parenthesis without an opening one', true);
  return { source: piece.js, groups: scanner.groups };
}

function readAlternatives(scanner: RegexScanner, dot: string, depth: number): Piece {
  if (depth > DEEPEST_NESTING) throw new RegexRefusal(`groups nested more than ${DEEPEST_NESTING} deep`, false);
  let all = readSequence(scanner, dot, depth);
  while (scanner.text[scanner.at] === '|') {
    scanner.at += 1;
    const next = readSequence(scanner, dot, depth);
    all = {
      js: `${all.js}|${next.js}`,
      minLength: Math.min(all.minLength, next.minLength),
      capture: all.capture === 'none' ? next.capture : 'inside',
      isAssertion: false,
    };
  }
  return all;
}

function readSequence(scanner: RegexScanner, dot: string, depth: number): Piece {
  let all = NOTHING;
  for (;;) {
    const char = scanner.text[scanner.at];
    if (char === undefined || char === '|' || char === ')') return all;
    const piece = readQuantified(scanner, readAtom(scanner, dot, depth));
    all = {
      js: all.js + piece.js,
      minLength: all.minLength + piece.minLength,
      capture: piece.capture === 'none' ? all.capture : 'inside',
      isAssertion: false,
    };
  }
}

function readAtom(scanner: RegexScanner, dot: string, depth: number): Piece {
  const char = String.fromCodePoint(scanner.text.codePointAt(scanner.at) ?? 0);
  switch (char) {
    case '(':
      return readGroup(scanner, dot, depth);
    case '[':
      return consuming(readCharacterClass(scanner));
    case '\\':
      return asPiece(readEscape(scanner));
    case '*':
    case '+':
    case '?':
      throw new RegexRefusal(`"${char}" has nothing to repeat`, true);
    case '{':
      throw new RegexRefusal('repetitions of nothing', false);
    default:
      scanner.at += char.length;
  }
  if (char === '.') return consuming(dot);
  if (char === '^') return assertion('^');
  if (char === '$') return assertion(END);
  return consuming(char === ']' || char === '}' || char === '/' ? `\\${char}` : char);
}

function asPiece({ js, length }: { readonly js: string; readonly length: number }): Piece {
  return { ...NOTHING, js, minLength: length, isAssertion: length === 0 };
}

function consuming(js: string): Piece {
  return { ...NOTHING, js, minLength: 1 };
}

function assertion(js: string): Piece {
  return { ...NOTHING, js, isAssertion: true };
}

const GROUP_START = /^\((?:\?(:|=|!|<[a-zA-Z][a-zA-Z0-9]*>)|(?!\?))/;

function readGroup(scanner: RegexScanner, dot: string, depth: number): Piece {
  const [start, kind] = GROUP_START.exec(scanner.text.slice(scanner.at, scanner.at + 100)) ?? [];
  if (start === undefined) {
    const form = scanner.text.slice(scanner.at, scanner.at + 4);
    throw new RegexRefusal(`"${form}": lookbehind, atomic groups and inline flags are not translated`, false);
  }
  scanner.at += start.length;
  const isCapture = kind === undefined || kind.startsWith('<');
  if (isCapture) scanner.groups += 1;
  const body = readAlternatives(scanner, dot, depth + 1);
  if (scanner.text[scanner.at] !== ')') throw new RegexRefusal('a group is not closed', true);
  scanner.at += 1;
  const js = `${start}${body.js})`;
  if (kind === '=' || kind === '!') {
    if (body.capture !== 'none') throw new RegexRefusal('a capture inside a lookahead', false);
    return assertion(js);
  }
  const capture = isCapture && body.capture === 'none' ? 'itself' : body.capture;
  return { js, minLength: body.minLength, capture, isAssertion: false };
}

function readQuantified(scanner: RegexScanner, atom: Piece): Piece {
  const [whole, simple, low, comma, high, mode] =
    /^(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})([?+]?)/.exec(scanner.text.slice(scanner.at, scanner.at + 20)) ?? [];
  if (whole === undefined) {
    if (scanner.text[scanner.at] === '{') throw new RegexRefusal('"{" without a number of repetitions', true);
    return atom;
  }
  if (mode === '+') throw new RegexRefusal(`possessive quantifier "${whole}"`, false);
  if (atom.isAssertion) throw new RegexRefusal('a repeated assertion', false);
  scanner.at += whole.length;
  const min = simple === undefined ? Number(low) : simple === '+' ? 1 : 0;
  const max = greatestCount(simple, min, comma, high);
  if (max < min) throw new RegexRefusal(`"${whole}" ends before it begins`, true);
  refuseDisagreement(atom, max, whole);
  return { ...atom, js: atom.js + whole, minLength: atom.minLength * min };
}

function greatestCount(
  simple: string | undefined,
  min: number,
  comma: string | undefined,
  high: string | undefined,
): number {
  if (simple === '?') return 1;
  if (simple !== undefined) return Number.POSITIVE_INFINITY;
  if (comma === undefined) return min;
  return high === undefined ? Number.POSITIVE_INFINITY : Number(high);
}

/** JavaScript forgets captures at each turn and gives up on empty turns; Java does neither. */
function refuseDisagreement(atom: Piece, max: number, quantifier: string): void {
  if (atom.minLength === 0) throw new RegexRefusal(`"${quantifier}" after something that can be empty`, false);
  if (max === 0) throw new RegexRefusal(`"${quantifier}" repeats nothing`, false);
  if (max > 1 && atom.capture === 'inside') throw new RegexRefusal('a capture inside a repeated group', false);
}
