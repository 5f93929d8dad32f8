import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { renameDurably, syncPath, untaken, utcStamp } from './durable-file.ts';

/**
 * Puts a new database in the place of the present one, whose files are kept under another name. The new one is made
 * beside it; with the rename to its staged name it counts, and whoever starts next finishes what is left to do. So a kill
 * leaves the old state or the new one, whenever it comes.
 *
 *   1. `<path>.draft` is written and closed, with the files that go with it in `<path>.draft.files`
 *   2. `.draft.files` becomes `<staged>.files`, then `.draft` becomes `<staged>`: from here on the new one counts
 *   3. the present database, its log and index are renamed to `<path>.<why>-<time>`, with `-wal` and `-shm`
 *   4. each file that goes with it takes its place; one that was there is renamed likewise
 *   5. `<staged>` becomes `<path>`
 */
export type SwapReason = 'damaged' | 'replaced';

export interface Swapped {
  /** Where the files of before are; null when there were none. */
  readonly aside: string | null;
}

const LOGS = ['', '-wal', '-shm'];

export function draftName(path: string): string {
  return `${path}.draft`;
}

/** A folder for the files that go with the draft, by their paths below the data folder. */
export function draftFilesName(path: string): string {
  return `${draftName(path)}.files`;
}

/** Nothing is left of a draft that was not finished. */
export function clearDraft(path: string): void {
  const draft = draftName(path);
  for (const left of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`, draftFilesName(path)])
    rmSync(left, { recursive: true, force: true });
}

/** The draft, complete and closed, takes the place of the present database. */
export function swapIn(path: string, why: SwapReason, nowMs: number): Swapped {
  const staged = stagedName(path, why, nowMs);
  if (existsSync(draftFilesName(path))) renameSync(draftFilesName(path), `${staged}.files`);
  renameDurably(draftName(path), staged);
  return finish(path, staged);
}

/** Finishes what a kill left half done; null when there was nothing. Only while no other process serves the store. */
export function finishSwap(path: string): Swapped | null {
  const folder = dirname(path);
  if (!existsSync(folder)) return null;
  const start = `${basename(path)}.incoming-`;
  const names = readdirSync(folder).filter((name) => name.startsWith(start));
  const staged = names.find((name) => !name.endsWith('.files'));
  // Files without their database: either it never came to count, or it is in its place already.
  for (const name of names) {
    if (name.endsWith('.files') && name !== `${staged}.files`) rmSync(join(folder, name), { recursive: true });
  }
  return staged === undefined ? null : finish(path, join(folder, staged));
}

function finish(path: string, staged: string): Swapped {
  const aside = `${path}.${basename(staged).slice(`${basename(path)}.incoming-`.length)}`;
  for (const log of LOGS) if (existsSync(`${path}${log}`)) renameSync(`${path}${log}`, untaken(`${aside}${log}`));
  placeFiles(path, `${staged}.files`);
  syncPath(dirname(path));
  renameDurably(staged, path);
  rmSync(`${staged}.files`, { recursive: true, force: true });
  return { aside: existsSync(aside) ? aside : null };
}

function placeFiles(path: string, files: string): void {
  if (!existsSync(files)) return;
  const stamp = basename(files).replace(/^.*\.incoming-(.*)\.files$/, '$1');
  for (const entry of readdirSync(files, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(dirname(path), from.slice(files.length + 1));
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    if (existsSync(to)) renameSync(to, untaken(`${to}.${stamp}`));
    renameSync(from, to);
    syncPath(dirname(to));
  }
}

function stagedName(path: string, why: SwapReason, nowMs: number): string {
  const tail = `${why}-${utcStamp(nowMs)}`;
  const free = untaken(tail, (one) => [...LOGS.map((log) => `${path}.${one}${log}`), `${path}.incoming-${one}`]);
  return `${path}.incoming-${free}`;
}
