import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../domain/clock.ts';
import { backup as backUp } from '../store/sqlite-backup.ts';
import { size } from '../telemetry/wording.ts';
import type { Console } from './console.ts';
import { noStore } from './open-store.ts';
import { openProgress } from './progress-line.ts';
import { showBytes } from './show-bytes.ts';
import { version } from './version.ts';

export interface BackupOptions {
  readonly config?: string;
  readonly out: string;
  readonly force?: boolean;
  /** `--no-tls` */
  readonly tls: boolean;
  readonly json?: boolean;
}

/** Copies the store into one file, beside a `serve` that goes on. */
export async function backup(options: BackupOptions, { out, err, cwd, isTerminal }: Console): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const { path } = config.store;
  if (!existsSync(path)) throw noStore(path);
  const progress = openProgress({ out: options.json ? err : out, isTerminal });
  try {
    const report = await backUp({
      storePath: path,
      dataDir: config.dataDir,
      withTls: options.tls,
      out: resolve(cwd, options.out),
      replace: options.force ?? false,
      program: version(),
      nowMs: systemClock.now(),
      progress: showBytes(progress),
    });
    progress.end();
    const beside = report.files.length === 0 ? '' : `Beside the events it holds ${report.files.join(', ')}.\n`;
    out(
      options.json
        ? `${JSON.stringify({ ...report, taken: new Date(report.takenMs).toISOString() }, null, 2)}\n`
        : `${report.file}: ${size(report.bytes)}, ${report.alerts} alerts, looked through and whole.\n${beside}Put it back with: flexbridge restore ${report.file}\n`,
    );
    return 0;
  } finally {
    progress.end();
  }
}
