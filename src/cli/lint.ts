import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { LintNote } from '../connector/interpreter/lint-note.ts';
import { loadParser } from '../connector/interpreter/load-parser.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import type { Console } from './console.ts';
import { lintRemedy } from './lint-remedy.ts';

export interface LintOptions {
  readonly json?: boolean;
}

/** Reads a parser file as the connector would and prints what is wrong with it; exit code 1 with an error. */
export async function lint(file: string, options: LintOptions, { out, cwd }: Console): Promise<number> {
  const path = resolve(cwd, file);
  const notes = notesOf(await readParserFile(path)).map((note) => ({ ...note, remedy: lintRemedy(note.code) }));
  const errors = notes.filter(({ level }) => level === 'error').length;
  const warnings = notes.length - errors;
  if (options.json) {
    out(`${JSON.stringify({ file: path, errors, warnings, notes }, null, 2)}\n`);
  } else {
    for (const note of notes) out(noteText(note));
    out(`${printable(file)}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}\n`);
  }
  return errors === 0 ? 0 : 1;
}

/** In the order of the file; what is about the whole file comes first. */
function notesOf(bytes: Uint8Array): readonly LintNote[] {
  try {
    return loadParser(bytes).lint.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
  } catch (thrown) {
    if (!(thrown instanceof BridgeError)) throw thrown;
    const line = /^line (\d+): /.exec(thrown.message);
    const message = thrown.message.slice(line?.[0].length ?? 0);
    return [
      { level: 'error', code: thrown.code, key: null, line: line?.[1] === undefined ? null : Number(line[1]), message },
    ];
  }
}

function noteText(note: LintNote & { readonly remedy: string }): string {
  const { level, code, key, line, message, remedy } = note;
  const place = line === null ? 'file' : `line ${line}`;
  const about = key === null ? '' : `  ${printable(key)}`;
  return `${level.padEnd(7)}  ${place}${about}  [${code}]\n    ${printable(message, 500)}\n    -> ${remedy}\n`;
}

function counted(count: number, noun: string): string {
  return `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The largest published parser file has 100 kB. */
const MOST_BYTES = 5_000_000;

/** @throws BridgeError LINT_FILE */
async function readParserFile(path: string): Promise<Buffer> {
  const bytes = await readBytes(path);
  if (bytes.includes(0)) throw unreadable(`${path} is no text file: it holds zero bytes`);
  return bytes;
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    // A pipe that nobody writes to must not hold the command up.
    const handle = await open(path, constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK));
    try {
      const stats = await handle.stat();
      if (stats.isDirectory()) throw unreadable(`${path} is a folder`);
      if (!stats.isFile()) throw unreadable(`${path} is no ordinary file`);
      if (stats.size > MOST_BYTES)
        throw unreadable(`${path} has more than ${MOST_BYTES / 1_000_000} MB, the most that lint reads`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw thrown instanceof BridgeError ? thrown : unreadable(`cannot read ${path}: ${messageOf(thrown)}`, thrown);
  }
}

function unreadable(message: string, cause?: unknown): BridgeError {
  return new BridgeError({
    code: 'LINT_FILE',
    kind: 'operator',
    message,
    hint: 'Give a parser file, as in lint default.jsonparser.properties.',
    cause,
  });
}
