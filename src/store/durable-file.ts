import { closeSync, existsSync, fsyncSync, openSync, renameSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes sure that what was written to a file, or that names in a folder, outlive a power failure. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Renames so that either the old or the new state is there after a power failure, with the file's whole content. */
export function renameDurably(from: string, to: string): void {
  syncPath(from);
  renameSync(from, to);
  syncPath(dirname(to));
}

/** A file of mode 0600 that was not there before; throws EEXIST otherwise. */
export function makeEmpty(path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
}

/** Free bytes for this account on the disk of a folder; null where the file system does not say. */
export function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** `20260131T120000Z`: a time for a file's name. */
export function utcStamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
}

/** The path itself, or with `-2`, `-3`, ... behind it, so that none of the names made from it is taken. */
export function untaken(path: string, names: (path: string) => readonly string[] = (one) => [one]): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    if (!names(candidate).some((name) => existsSync(name))) return candidate;
  }
}
