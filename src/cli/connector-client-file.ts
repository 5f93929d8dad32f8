import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { PLACEHOLDERS } from '../connector/client-file.ts';
import { readProperties } from '../connector/interpreter/properties-reader.ts';
import { BridgeError, messageOf } from '../domain/errors.ts';
import { renameDurably } from '../store/durable-file.ts';

/** A client properties file that lies ready beside its place. */
export interface StagedFile {
  readonly path: string;
  /** Puts it there, in one step. @throws BridgeError CLIENT_FILE */
  commit(): void;
  /** Takes it away again. */
  discard(): void;
}

const MOST_BYTES = 100_000;

/**
 * Writes the file under another name, mode 0600, so that what can fail fails before a secret is changed. What stands at
 * its place may be replaced when it is this client's own file or the one of the pack that waits to be filled in.
 * @param text a client properties file
 * @throws BridgeError CLIENT_FILE_EXISTS, CLIENT_FILE_LINK, CLIENT_FILE
 */
export function stageClientFile(path: string, text: string): StagedFile {
  checkPlace(path, text);
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  const discard = (): void => {
    rmSync(draft, { force: true });
  };
  try {
    writeNew(draft, text);
  } catch (cause) {
    discard();
    throw unwritable(path, cause);
  }
  return {
    path,
    commit() {
      try {
        renameDurably(draft, path);
      } catch (cause) {
        discard();
        throw unwritable(path, cause);
      }
    },
    discard,
  };
}

export function clientFilePath(cwd: string, path: string): string {
  return resolve(cwd, path);
}

/** `O_EXCL` follows no link either. */
function writeNew(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function checkPlace(path: string, text: string): void {
  const stat = lookAt(path);
  if (stat === null) return;
  if (stat.isSymbolicLink()) {
    throw new BridgeError({
      code: 'CLIENT_FILE_LINK',
      kind: 'operator',
      message: `${path} is a link, and a secret is not written through one`,
      hint: 'Name the file itself, or remove the link.',
    });
  }
  if (
    stat.isFile() &&
    stat.size <= MOST_BYTES &&
    isReplaceable(readExisting(path), readProperties(Buffer.from(text)).values)
  )
    return;
  throw new BridgeError({
    code: 'CLIENT_FILE_EXISTS',
    kind: 'operator',
    message: `${path} is there already, and is not the client file of this connector`,
    hint: 'Give another path, or move the file away first. Nothing was changed.',
  });
}

function lookAt(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

type Values = ReadonlyMap<string, string>;

/** Another bridge may have a client of the same id: its file has another `token_url`. */
function isReplaceable(existing: Values | null, next: Values): boolean {
  if (existing === null || existing.get('token_url') !== next.get('token_url')) return false;
  const clientId = existing.get('client_id');
  return clientId === PLACEHOLDERS.clientId || clientId === next.get('client_id');
}

/** Null: no properties file. */
function readExisting(path: string): Values | null {
  try {
    return readProperties(readFileSync(path)).values;
  } catch {
    return null;
  }
}

function unwritable(path: string, cause: unknown): BridgeError {
  return new BridgeError({
    code: 'CLIENT_FILE',
    kind: 'operator',
    message: `cannot write the client file ${path}: ${messageOf(cause)}`,
    hint: 'Name a file in a folder that exists and that this account may write.',
    cause,
  });
}
