import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../domain/clock.ts';
import { freeBytes } from '../store/durable-file.ts';
import { acquireInstanceLock } from '../store/instance-lock.ts';
import { lookAtUpgrade, upgradeStore } from '../store/sqlite-migrate.ts';
import type { Upgrade } from '../store/sqlite-upgrade.ts';
import { size } from '../telemetry/wording.ts';
import type { Console } from './console.ts';
import { noStore } from './open-store.ts';

export interface MigrateOptions {
  readonly config?: string;
  readonly check?: boolean;
  /** `--no-backup` */
  readonly backup: boolean;
  readonly json?: boolean;
}

/** Brings the database up to date, as a start of `serve` does; `--check` only says what would happen. */
export async function migrate(options: MigrateOptions, { out }: Console): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const { path } = config.store;
  if (!existsSync(path)) throw noStore(path);
  const nowMs = systemClock.now();
  const say = options.json ? (): void => undefined : out;
  let planned: Upgrade;
  if (options.check) {
    planned = lookAtUpgrade(path, nowMs);
    say(planText(planned, freeBytes(dirname(path))));
  } else {
    const lock = acquireInstanceLock(path, process.pid);
    try {
      planned = upgradeStore(path, {
        nowMs,
        withBackup: options.backup,
        tell: (upgrade) => {
          say(startText(upgrade));
        },
      });
      say(planned.from === planned.to ? current(planned) : `Done: it has schema ${planned.to} now.\n`);
    } finally {
      lock.release();
    }
  }
  if (options.json) out(`${JSON.stringify({ ...planned, path, done: !options.check }, null, 2)}\n`);
  return 0;
}

function planText(planned: Upgrade, free: number | null): string {
  const { from, to, backup, bytes } = planned;
  if (from === to) return current(planned);
  return [
    `The database has schema ${from}; this version brings it to ${to}.`,
    backup === null
      ? 'There is nothing in it yet, so no backup is made before.'
      : `Before that it is copied to ${backup}: up to ${size(bytes)}, ${free === null ? 'how much is free cannot be told' : `${size(free)} are free`}.`,
    'Nothing was changed: flexbridge migrate does it, and so does the next flexbridge serve.',
    '',
  ].join('\n');
}

function startText({ from, to, backup }: Upgrade): string {
  const copied = backup === null ? 'without a backup' : `after a copy to ${backup}`;
  return `The database has schema ${from}; it is brought to ${to}, ${copied} ...\n`;
}

function current({ to }: Upgrade): string {
  return `The database has schema ${to}, which is that of this version. There is nothing to do.\n`;
}
