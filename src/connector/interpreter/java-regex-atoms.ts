/** A pattern this reader does not run. `isInvalid`: Java does not either. */
export class RegexRefusal extends Error {
  readonly isInvalid: boolean;

  constructor(reason: string, isInvalid: boolean) {
    super(reason);
    this.name = 'RegexRefusal';
    this.isInvalid = isInvalid;
  }
}

export interface RegexScanner {
  readonly text: string;
  at: number;
  /** Capturing groups opened so far. */
  groups: number;
}

/** A member of a character class: one code point, or a set written as JavaScript has it inside brackets. */
type ClassMember = { readonly kind: 'point'; readonly code: number } | { readonly kind: 'set'; readonly js: string };

/** Java's `\s` without the flags: six ASCII blanks. JavaScript's takes all of Unicode's. */
const BLANKS = '\\t-\\r ';
const NOT_BLANKS = '\\u{0}-\\u{8}\\u{e}-\\u{1f}!-\\u{10ffff}';
const SETS: ReadonlyMap<string, string> = new Map([
  ['d', '0-9'],
  ['D', '\\D'],
  ['w', 'A-Za-z0-9_'],
  ['W', '\\W'],
  ['s', BLANKS],
  ['S', NOT_BLANKS],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['r', 0x0d],
  ['f', 0x0c],
  ['a', 0x07],
  ['e', 0x1b],
]);
const BEGINNING = '(?<![\\s\\S])';
const VERY_END = '(?![\\s\\S])';

/** An escape outside brackets, at its backslash. `length` 0: it consumes nothing. */
export function readEscape(scanner: RegexScanner): { readonly js: string; readonly length: number } {
  const next = scanner.text[scanner.at + 1];
  if (next === 'A' || next === 'z') {
    scanner.at += 2;
    return { js: next === 'A' ? BEGINNING : VERY_END, length: 0 };
  }
  if (next === 'Q') return readQuotation(scanner);
  const member = readEscapedMember(scanner);
  return { js: member.kind === 'set' ? `[${member.js}]` : literal(member.code), length: 1 };
}

/** A bracketed class, at its opening bracket. Unions and intersections are refused. */
export function readCharacterClass(scanner: RegexScanner): string {
  scanner.at += 1;
  const isNegated = scanner.text[scanner.at] === '^';
  if (isNegated) scanner.at += 1;
  if (scanner.text[scanner.at] === ']') throw new RegexRefusal('a character class that begins with "]"', false);
  let body = '';
  while (scanner.text[scanner.at] !== ']') body += readRange(scanner);
  scanner.at += 1;
  return `[${isNegated ? '^' : ''}${body}]`;
}

function readRange(scanner: RegexScanner): string {
  const first = readClassMember(scanner);
  if (first.kind === 'set') return first.js;
  const [dash, after] = [scanner.text[scanner.at], scanner.text[scanner.at + 1]];
  if (dash !== '-' || after === ']' || after === undefined) return literal(first.code);
  scanner.at += 1;
  const last = readClassMember(scanner);
  if (last.kind === 'set') throw new RegexRefusal('a range that ends in a class', false);
  if (last.code < first.code) throw new RegexRefusal('a range that ends before it begins', true);
  return `${literal(first.code)}-${literal(last.code)}`;
}

function readClassMember(scanner: RegexScanner): ClassMember {
  const code = scanner.text.codePointAt(scanner.at);
  if (code === undefined) throw new RegexRefusal('a character class is not closed', true);
  const char = String.fromCodePoint(code);
  if (char === '\\') return readEscapedMember(scanner);
  if (char === '[' || scanner.text.startsWith('&&', scanner.at)) {
    throw new RegexRefusal('a union or intersection of character classes', false);
  }
  scanner.at += char.length;
  return { kind: 'point', code };
}

const NUMBERED = /^\\(?:x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4}))/;

function readEscapedMember(scanner: RegexScanner): ClassMember {
  const rest = scanner.text.slice(scanner.at, scanner.at + 12);
  const [numbered, two, braced, four] = NUMBERED.exec(rest) ?? [];
  if (numbered !== undefined) {
    scanner.at += numbered.length;
    return { kind: 'point', code: codePoint(two ?? braced ?? four ?? '') };
  }
  const code = rest.codePointAt(1);
  if (code === undefined) throw new RegexRefusal('a backslash at the end', true);
  const char = String.fromCodePoint(code);
  const set = SETS.get(char);
  const control = CONTROLS.get(char);
  if (set === undefined && control === undefined && /[A-Za-z0-9]/.test(char)) {
    throw new RegexRefusal(`the escape "\\${char}" is not translated`, false);
  }
  scanner.at += 1 + char.length;
  return set === undefined ? { kind: 'point', code: control ?? code } : { kind: 'set', js: set };
}

function codePoint(hex: string): number {
  const code = Number.parseInt(hex, 16);
  // Java joins two escaped surrogates into one code point; one alone only finds itself in broken text.
  if (code >= 0xd800 && code <= 0xdfff) throw new RegexRefusal('an escaped surrogate', false);
  if (code > 0x10ffff) throw new RegexRefusal('a code point beyond Unicode', true);
  return code;
}

/** `\Q...\E` as one run of literal text, which must not be repeated as a whole: Java repeats its last character. */
function readQuotation(scanner: RegexScanner): { readonly js: string; readonly length: number } {
  const end = scanner.text.indexOf('\\E', scanner.at + 2);
  const quoted = scanner.text.slice(scanner.at + 2, end < 0 ? scanner.text.length : end);
  scanner.at = end < 0 ? scanner.text.length : end + 2;
  if (/[*+?{]/.test(scanner.text.charAt(scanner.at))) throw new RegexRefusal('a repeated quotation', false);
  const js = Array.from(quoted, (char) => literal(char.codePointAt(0) ?? 0)).join('');
  return { js, length: quoted.length };
}

function literal(code: number): string {
  return `\\u{${code.toString(16)}}`;
}
