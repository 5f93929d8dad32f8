import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { BridgeError, messageOf } from '../../domain/errors.ts';
import { renameDurably, untaken } from '../../store/durable-file.ts';

export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** A file as it was left. */
export interface WrittenFile {
  readonly path: string;
  /** Where the one that stood there is now; null where there was none, or the same. */
  readonly backup: string | null;
}

/**
 * Writes files so that each is there whole or not at all; when one cannot be written, none is. What stood there is kept
 * beside it as `.bak`.
 * @throws BridgeError SETUP_UNWRITABLE
 */
export function writeFiles(files: readonly NewFile[]): readonly WrittenFile[] {
  const drafts: { readonly file: NewFile; readonly draft: string; readonly path: string }[] = [];
  try {
    for (const file of files) {
      // Through a link, the file that it leads to is replaced, and the link stays.
      const path = existsSync(file.path) ? realpathSync(file.path) : file.path;
      const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
      drafts.push({ file, draft, path });
      writeDraft(draft, file, path);
    }
    return drafts.map(({ file, draft, path }) => {
      const backup = keepOld(path, file.text);
      renameDurably(draft, path);
      return { path: file.path, backup };
    });
  } catch (cause) {
    for (const { draft } of drafts) rmSync(draft, { force: true });
    throw unwritable(drafts.at(-1)?.file.path ?? '', cause);
  }
}

/** An owner and mode that somebody has given the old file stay. */
function writeDraft(draft: string, { text, mode }: NewFile, path: string): void {
  const old = existsSync(path) ? statSync(path) : null;
  const file = openSync(draft, 'wx', mode);
  try {
    if (old !== null && process.getuid?.() === 0) fchownSync(file, old.uid, old.gid);
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(draft, old === null ? mode : mode & old.mode & 0o777);
}

function keepOld(path: string, text: string): string | null {
  if (!existsSync(path) || readFileSync(path, 'utf8') === text) return null;
  const backup = untaken(`${path}.bak`);
  copyFileSync(path, backup);
  chmodSync(backup, statSync(path).mode & 0o777);
  return backup;
}

function unwritable(path: string, cause: unknown): BridgeError {
  return new BridgeError({
    code: 'SETUP_UNWRITABLE',
    kind: 'operator',
    message: `cannot write ${path}: ${messageOf(cause)}`,
    hint: 'Run it in a folder that this account may write to, with free space on its disk. What was there is still there.',
    cause,
  });
}
