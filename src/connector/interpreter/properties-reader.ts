import { BridgeError } from '../../domain/errors.ts';
import type { LintNote } from './lint-note.ts';

export interface PropertiesFile {
  /** In the order of the file; of a key that occurs twice, the last value at the first place. */
  readonly values: ReadonlyMap<string, string>;
  /** 1-based line on which the effective value of a key starts. */
  readonly lines: ReadonlyMap<string, number>;
  readonly lint: readonly LintNote[];
}

interface LogicalLine {
  readonly text: string;
  readonly line: number;
}

/**
 * Reads a file as `java.util.Properties.load(InputStream)` does, so ISO-8859-1. Throws `PROPERTIES_MALFORMED` where Java
 * throws. (The package properties-file differs from Java when a logical line begins with a lone backslash: what follows
 * is a comment or nothing to Java, an entry to the package. Hence this reader.)
 */
export function readProperties(bytes: Uint8Array): PropertiesFile {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const values = new Map<string, string>();
  const lines = new Map<string, number>();
  const lint: LintNote[] = encodingNotes(text);
  for (const { text: logical, line } of logicalLines(text)) {
    const { rawKey, rawValue } = splitEntry(logical);
    const key = unescaped(rawKey, line);
    const earlier = lines.get(key);
    if (earlier !== undefined) {
      const message = `given on line ${earlier} and again on line ${line}; Java keeps the last one`;
      lint.push({ level: 'error', code: 'DUPLICATE_KEY', key, line, message });
    }
    values.set(key, unescaped(rawValue, line));
    lines.set(key, line);
  }
  return { values, lines, lint };
}

function encodingNotes(text: string): LintNote[] {
  const notes: LintNote[] = [];
  if (text.startsWith('\u00ef\u00bb\u00bf')) {
    const message = 'the file starts with a byte order mark, which becomes part of its first key';
    notes.push({ level: 'error', code: 'BYTE_ORDER_MARK', key: null, line: 1, message });
  }
  const at = text.search(/[\u0080-\u00ff]/);
  if (at >= 0) {
    const line = text.slice(0, at).split(/\r\n|\r|\n/).length;
    const message = 'not plain ASCII: Java reads each byte as one ISO-8859-1 character; write \\uXXXX instead';
    notes.push({ level: 'warning', code: 'NOT_ASCII', key: null, line, message });
  }
  return notes;
}

/** Joins continued lines. While nothing is collected yet, Java still takes a line for blank or a comment. */
function* logicalLines(text: string): Generator<LogicalLine> {
  const natural = text.split(/\r\n|\r|\n/);
  // What follows the last line end is no line, unless there is something in it.
  const count = natural.at(-1) === '' ? natural.length - 1 : natural.length;
  const endsWithPair = text.endsWith('\r\n');
  let collected = '';
  let start = 0;
  for (let index = 0; index < count; index += 1) {
    const content = (natural[index] ?? '').replace(/^[ \t\f]+/, '');
    if (collected === '') {
      if (content === '' || content.startsWith('#') || content.startsWith('!')) continue;
      start = index + 1;
    }
    const isContinued = /(?:^|[^\\])(?:\\\\)*\\$/.test(content);
    collected += isContinued ? content.slice(0, -1) : content;
    if (isContinued && index < count - 1) continue;
    // A lone backslash as the very last line is an entry without key to Java, but not before CR LF.
    if (isContinued && collected === '' && endsWithPair) continue;
    yield { text: collected, line: start };
    collected = '';
  }
  if (collected !== '') yield { text: collected, line: start };
}

/** The key ends at the first unescaped `=`, `:` or blank; then blanks, at most one `=` or `:`, and blanks are skipped. */
function splitEntry(logical: string): { rawKey: string; rawValue: string } {
  const rawKey = /^(?:\\[\s\S]|[^\\=: \t\f])*/.exec(logical)?.[0] ?? '';
  const rest = logical.slice(rawKey.length);
  return { rawKey, rawValue: rest.replace(/^[ \t\f]*[=:]?[ \t\f]*/, '') };
}

const CONTROL_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
]);

function unescaped(raw: string, line: number): string {
  return raw.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (code !== 'u') return CONTROL_ESCAPES.get(code) ?? code;
    throw new BridgeError({
      code: 'PROPERTIES_MALFORMED',
      kind: 'operator',
      message: `line ${line}: "\\u" is not followed by four hexadecimal digits; Java refuses the whole file`,
      hint: 'Double the backslash where it stands for itself, as in C:\\\\users.',
    });
  });
}
