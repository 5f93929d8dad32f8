import { BridgeError } from '../domain/errors.ts';

export interface Comment {
  readonly kind: 'comment';
  /** May hold several lines; each becomes a comment line. */
  readonly text: string;
}
export interface Entry {
  readonly kind: 'entry';
  readonly key: string;
  readonly value: string;
}
export interface Blank {
  readonly kind: 'blank';
}
export type PropertyLine = Comment | Entry | Blank;

export function comment(text: string): Comment {
  return { kind: 'comment', text };
}
export function entry(key: string, value: string): Entry {
  return { kind: 'entry', key, value };
}
export const BLANK: Blank = { kind: 'blank' };

/**
 * A Java properties file that `java.util.Properties.load` reads back value for value, as ISO-8859-1 or UTF-8 alike:
 * pure ASCII, LF, no BOM (rules: arcsight-parser 1). Java would let the last of two equal keys win in silence, so a
 * second one throws `PROPERTIES_DUPLICATE_KEY`.
 */
export function writeProperties(lines: readonly PropertyLine[]): string {
  const keys = new Set<string>();
  for (const line of lines) {
    if (line.kind !== 'entry') continue;
    if (keys.has(line.key)) throw duplicateKey(line.key);
    keys.add(line.key);
  }
  return lines.map(lineText).join('');
}

function lineText(line: PropertyLine): string {
  switch (line.kind) {
    case 'blank':
      return '\n';
    case 'comment':
      return commentText(line.text);
    case 'entry':
      return `${escapeKey(line.key)}=${escapeValue(line.value)}\n`;
  }
}

function commentText(text: string): string {
  // Any of Java's line ends would turn the rest of the text into an entry.
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => `# ${escapeUnsafe(line)}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

function escapeKey(key: string): string {
  return escapeUnsafe(key.replaceAll(/[\\ =:#!]/g, '\\$&'));
}

function escapeValue(value: string): string {
  return escapeUnsafe(value.replaceAll('\\', '\\\\').replace(/^ /, '\\ '));
}

/** Control characters and everything past ASCII, by UTF-16 unit: a surrogate pair becomes two escapes. */
function escapeUnsafe(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (unit) => SHORT_ESCAPES.get(unit) ?? unicodeEscape(unit));
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\f', '\\f'],
]);

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function duplicateKey(key: string): BridgeError {
  return new BridgeError({
    code: 'PROPERTIES_DUPLICATE_KEY',
    kind: 'bug',
    message: `writing a properties file: the key ${JSON.stringify(key)} appears twice, and Java would keep only the last`,
    hint: 'This is a defect of the generator: one key, one line. Please report it.',
  });
}
