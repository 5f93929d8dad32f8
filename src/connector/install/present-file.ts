import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileFailure, installError } from './install-error.ts';
import { statPlain } from './plain-path.ts';

export interface PresentFile {
  readonly bytes: Buffer;
  readonly sha256: string;
  /** Permission bits. */
  readonly mode: number;
}

/** Far above any file of a pack, and above a Java's store of certificates. */
const MOST_BYTES = 32 * 1024 * 1024;

const READ = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK);

/**
 * The file at an absolute path, null where there is none.
 * @throws BridgeError INSTALL_LINK, INSTALL_NOT_A_FILE, INSTALL_UNWRITABLE and the like
 */
export async function readPresent(path: string): Promise<PresentFile | null> {
  const stats = await statPlain(path);
  if (stats === null) return null;
  requireFile(path, stats);
  try {
    const handle = await open(path, READ);
    try {
      const opened = await handle.stat();
      requireFile(path, opened);
      const bytes = await handle.readFile();
      return { bytes, sha256: sha256Of(bytes), mode: opened.mode & 0o777 };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw fileFailure('reading', path, thrown);
  }
}

export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function requireFile(path: string, stats: Stats): void {
  const why = stats.isFile()
    ? stats.size > MOST_BYTES
      ? `has more than ${MOST_BYTES / 2 ** 20} MB`
      : null
    : 'is no ordinary file';
  if (why === null) return;
  throw installError(
    'INSTALL_NOT_A_FILE',
    `${path} ${why}, where a file of the pack is to be`,
    'Look at what it is, and move it away; then run the command again.',
  );
}
