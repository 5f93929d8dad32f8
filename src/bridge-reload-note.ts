import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReloadTrouble } from './telemetry/observations.ts';

/**
 * Why the running bridge does not use the configuration that is on the disk. In a file of the data folder, so that
 * `doctor` and `status` beside it see it too.
 */
export interface ReloadNote {
  write(trouble: ReloadTrouble): void;
  clear(): void;
}

const NAME = 'config-reload.json';

export function createReloadNote(dataDir: string): ReloadNote {
  const file = join(dataDir, NAME);
  // The log has it where the folder cannot be written.
  return {
    write: (trouble) => {
      quietly(() => {
        writeFileSync(file, `${JSON.stringify(trouble)}\n`, { mode: 0o600 });
      });
    },
    clear: () => {
      quietly(() => {
        rmSync(file, { force: true });
      });
    },
  };
}

/** Null where there is nothing to tell, or nothing that can be read. */
export function readReloadNote(dataDir: string): ReloadTrouble | null {
  try {
    const found: unknown = JSON.parse(readFileSync(join(dataDir, NAME), 'utf8'));
    if (typeof found !== 'object' || found === null) return null;
    const [pid, sinceMs, meaning, remedy] = ['pid', 'sinceMs', 'meaning', 'remedy'].map((name): unknown =>
      Reflect.get(found, name),
    );
    const isWhole =
      typeof pid === 'number' &&
      typeof sinceMs === 'number' &&
      typeof meaning === 'string' &&
      typeof remedy === 'string';
    return isWhole ? { pid, sinceMs, meaning, remedy } : null;
  } catch {
    return null;
  }
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Nothing depends on it.
  }
}
