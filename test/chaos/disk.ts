import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The disk of the bridge's data. */
export interface Disk {
  readonly folder: string;
  /** Null when it cannot be filled, with the reason. */
  readonly unlimited: string | null;
  fill(): void;
  empty(): void;
  remove(): void;
}

const MEGABYTES = 48;
const FILLER = 'filler';

/** A tmpfs of limited size where this account may mount one, else a plain folder. */
export function createDisk(folder: string): Disk {
  mkdirSync(folder, { mode: 0o700 });
  const { status, stderr, error } = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m,mode=0700`, 'tmpfs', folder],
    { encoding: 'utf8' },
  );
  const unlimited = status === 0 ? null : `a size-limited tmpfs cannot be mounted: ${error?.message ?? stderr.trim()}`;
  const empty = (): void => {
    rmSync(join(folder, FILLER), { force: true });
  };
  return {
    folder,
    unlimited,
    fill() {
      if (unlimited === null) fill(join(folder, FILLER));
    },
    empty,
    remove() {
      empty();
      if (unlimited === null) spawnSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Large pieces, then smaller ones, until not a byte is left. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  for (const bytes of [1 << 20, 1 << 12, 1]) writeUntilFull(file, Buffer.alloc(bytes));
  closeSync(file);
}

function writeUntilFull(file: number, piece: Buffer): void {
  try {
    for (;;) writeSync(file, piece);
  } catch {
    // ENOSPC: there is no room for a piece of this size.
  }
}
