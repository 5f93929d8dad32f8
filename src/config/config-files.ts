import { readFile, stat } from 'node:fs/promises';

/** The files that a configuration names, as the loader may see them. */
export interface ConfigFiles {
  /** Throws Node's error (`code` ENOENT, EACCES, EISDIR, ...). */
  read(path: string): Promise<Buffer>;
  /** Permission bits; null where the system has none. */
  mode(path: string): Promise<number | null>;
}

export const diskFiles: ConfigFiles = {
  read: (path) => readFile(path),
  // Windows makes the bits up.
  mode: async (path) => (process.platform === 'win32' ? null : (await stat(path)).mode & 0o777),
};

/** Why a file could not be read, in words. */
export function readFailure(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error';
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EISDIR') return 'is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  return `cannot be read (${code})`;
}
