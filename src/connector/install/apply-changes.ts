import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Owner } from './connector-home.ts';
import { fileFailure, installError } from './install-error.ts';
import { type PresentFile, readPresent } from './present-file.ts';

/** One file, as it was found and as it shall be. */
export interface Change {
  /** Absolute. */
  readonly target: string;
  readonly before: PresentFile | null;
  /** Null: the file goes. */
  readonly after: { readonly bytes: Uint8Array; readonly mode: number } | null;
  /** Absolute path, in the same folder, under which `before` stays; null where it need not. */
  readonly keepAs: string | null;
}

export interface ChangeSet {
  readonly changes: readonly Change[];
  /** Absolute paths of folders to make, each after the one it is in. */
  readonly folders: readonly string[];
  readonly owner: Owner | null;
}

/** A change with its files at hand, so that only renames are left. */
interface Staged {
  readonly change: Change;
  /** The new content beside its place. */
  readonly fresh: string | null;
  /** Where what was there before is, once the change is done. */
  readonly undo: string | null;
}

/**
 * Does all changes or none. A reader finds each file old or new, never half. A crash in between leaves some files old and
 * some new, each whole, and hidden `.tmp` files beside them.
 * @throws BridgeError of the first change that failed, after what was done has been undone; INSTALL_HALFWAY where that failed too
 */
export async function applyChanges({ changes, folders, owner }: ChangeSet): Promise<void> {
  const made: string[] = [];
  const scratch: string[] = [];
  const done: Staged[] = [];
  try {
    for (const folder of folders) await makeFolder(folder, owner, made);
    const staged: Staged[] = [];
    for (const change of changes) staged.push(await stage(change, owner, scratch));
    for (const each of staged) {
      await commit(each);
      done.push(each);
    }
  } catch (thrown) {
    const stuck = await undoAll(done);
    await removeAll(scratch.filter((path) => !stuck.some(({ undo }) => undo === path)));
    for (const folder of made.toReversed()) await rmdir(folder).catch(() => undefined);
    throw stuck.length === 0 ? thrown : halfway(stuck, thrown);
  }
  const kept = new Set(changes.map(({ keepAs }) => keepAs));
  await removeAll(scratch.filter((path) => !kept.has(path)));
  for (const folder of new Set(changes.map(({ target }) => dirname(target)))) await syncFolder(folder);
}

async function makeFolder(folder: string, owner: Owner | null, made: string[]): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o755 });
    made.push(folder);
    if (owner !== null) await chown(folder, owner.uid, owner.gid);
  } catch (thrown) {
    throw fileFailure('making the folder', folder, thrown);
  }
}

async function stage(change: Change, owner: Owner | null, scratch: string[]): Promise<Staged> {
  const { target, before, after, keepAs } = change;
  const write = async (path: string, content: { readonly bytes: Uint8Array; readonly mode: number }): Promise<void> => {
    await writeThrough(path, content, { owner, scratch }).catch((thrown: unknown) => {
      throw fileFailure('writing', path, thrown);
    });
  };
  const fresh = after === null ? null : beside(target);
  const undo = before === null ? null : (keepAs ?? beside(target));
  if (fresh !== null && after !== null) await write(fresh, after);
  // What a file that only its owner may read held stays so in the copy.
  if (undo !== null && before !== null && after !== null)
    await write(undo, { bytes: before.bytes, mode: before.mode & after.mode });
  else if (undo !== null) scratch.push(undo);
  return { change, fresh, undo };
}

function beside(target: string): string {
  return join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Makes the file, which must not be there; `wx` follows no link. */
async function writeThrough(
  path: string,
  { bytes, mode }: { readonly bytes: Uint8Array; readonly mode: number },
  { owner, scratch }: { readonly owner: Owner | null; readonly scratch: string[] },
): Promise<void> {
  const handle = await open(path, 'wx', mode);
  scratch.push(path);
  try {
    await handle.writeFile(bytes);
    if (owner !== null) await handle.chown(owner.uid, owner.gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function commit({ change: { target, before }, fresh, undo }: Staged): Promise<void> {
  const now = await readPresent(target);
  if (now?.sha256 !== before?.sha256) throw changedMeanwhile(target);
  try {
    if (fresh !== null) await rename(fresh, target);
    else if (undo !== null) await rename(target, undo);
  } catch (thrown) {
    throw fileFailure('replacing', target, thrown);
  }
}

/** The last first; answers with those that stay as they are. */
async function undoAll(done: readonly Staged[]): Promise<readonly Staged[]> {
  const stuck: Staged[] = [];
  for (const each of done.toReversed()) {
    const { change, undo } = each;
    try {
      if (undo === null) await rm(change.target);
      else {
        if (change.before !== null && process.platform !== 'win32') await chmod(undo, change.before.mode);
        await rename(undo, change.target);
      }
    } catch {
      stuck.push(each);
    }
  }
  return stuck;
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true }).catch(() => undefined);
}

/** A rename survives a power cut once its folder is written; Windows cannot open a folder and needs no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function changedMeanwhile(target: string): Error {
  return installError(
    'INSTALL_CHANGED',
    `${target} was changed by somebody else while this command ran; nothing was done`,
    'See who else works in this folder, then run the command again.',
  );
}

function halfway(stuck: readonly Staged[], cause: unknown): Error {
  const places = stuck.map(({ change, undo }) =>
    undo === null ? change.target : `${change.target} (before: ${undo})`,
  );
  return installError(
    'INSTALL_HALFWAY',
    `the command failed, and what it had done could not all be undone: ${places.join(', ')}`,
    'Put these files back by hand: rename what is named as before; remove the others. Then see to the cause (disk, rights) and run the command again.',
    cause,
  );
}
