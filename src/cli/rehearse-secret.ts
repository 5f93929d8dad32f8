import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BridgeError, messageOf } from '../domain/errors.ts';
import type { Console } from './console.ts';

/** Stands for standard input. */
const STANDARD_INPUT = '-';
const MOST_BYTES = 64 * 1024;

/** A secret that was read, and the place where one that follows it is kept. */
export interface ReadSecret {
  readonly text: string;
  /** Puts another one in its place. @returns why it cannot be kept; null when it is */
  readonly keep: (text: string) => string | null;
}

/** Reads one line of text from a file, or from standard input for `-`. Throws BridgeError `REHEARSE_SECRET`. */
export async function readSecret(path: string, { cwd, input }: Pick<Console, 'cwd' | 'input'>): Promise<ReadSecret> {
  if (path === STANDARD_INPUT) {
    const text = oneLine(await readAll(input), 'standard input');
    return { text, keep: () => 'the old one came from standard input: use --secret-file FILE, or make another one' };
  }
  const file = resolve(cwd, path);
  const text = oneLine(readBytes(file), file);
  return { text, keep: (next) => replaceFile(file, next) };
}

async function readAll(input: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MOST_BYTES) break;
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw unreadable(`the file of the secret cannot be read: ${messageOf(cause)}`, cause);
  }
}

function oneLine(bytes: Buffer, place: string): string {
  const text = bytes.toString('utf8').replace(/[\r\n]+$/, '');
  if (text !== '' && bytes.length <= MOST_BYTES && !/[\r\n\0\ufffd]/.test(text)) return text;
  throw unreadable(`${place} does not hold one line of text`);
}

/** Mode 0600, in one step: a reader finds the old one or the new one. */
function replaceFile(file: string, text: string): string | null {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, `${text}\n`, { mode: 0o600, flag: 'wx' });
    chmodSync(temporary, 0o600);
    renameSync(temporary, file);
    return null;
  } catch (thrown) {
    rmSync(temporary, { force: true });
    return messageOf(thrown);
  }
}

function unreadable(message: string, cause?: unknown): BridgeError {
  return new BridgeError({
    code: 'REHEARSE_SECRET',
    kind: 'operator',
    message,
    hint: 'Put the password, the URL key or the refresh token alone into a file, as one line, or give - and pipe it in.',
    cause,
  });
}
