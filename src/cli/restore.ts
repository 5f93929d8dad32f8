import { resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../domain/clock.ts';
import { acquireInstanceLock } from '../store/instance-lock.ts';
import { type BackupContents, checkBackup, restore as putBack, type RestoreReport } from '../store/sqlite-restore.ts';
import { account } from './account.ts';
import { confirm } from './confirm.ts';
import type { Console } from './console.ts';
import { openProgress } from './progress-line.ts';
import { showBytes } from './show-bytes.ts';

export interface RestoreOptions {
  readonly config?: string;
  readonly check?: boolean;
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Puts a backup in the place of the store; `--check` only looks through it. */
export async function restore(file: string, options: RestoreOptions, console: Console): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const path = resolve(console.cwd, file);
  const { json } = options;
  const say = json ? (): void => undefined : console.out;
  // Beforehand, so that nobody is asked about a file that cannot be put back.
  const contents = checkBackup(path);
  say(contentsText(contents));
  if (options.check) {
    console.out(json ? `${JSON.stringify(contents, null, 2)}\n` : 'It is whole, and can be put back.\n');
    return 0;
  }
  const lock = acquireInstanceLock(config.store.path, process.pid);
  const progress = openProgress({ out: json ? console.err : console.out, isTerminal: console.isTerminal });
  try {
    if (!options.yes && !json && !(await confirm(`Put it in the place of ${config.store.path}?`, console))) {
      say('Nothing was changed.\n');
      return 1;
    }
    const report = await putBack({
      file: path,
      storePath: config.store.path,
      dataDir: config.dataDir,
      all: options.all ?? false,
      requestedBy: account(),
      nowMs: systemClock.now(),
      progress: showBytes(progress),
    });
    progress.end();
    console.out(json ? `${JSON.stringify(report, null, 2)}\n` : doneText(report, config.store.path));
    return 0;
  } finally {
    progress.end();
    lock.release();
  }
}

function contentsText({ file, schema, takenMs, program, alerts, feeds, connectors, files }: BackupContents): string {
  const taken = takenMs === null ? 'a copy without a note of its time' : `taken ${new Date(takenMs).toISOString()}`;
  return [
    `${file}: ${taken}${program === null ? '' : `, by version ${program}`}, schema ${schema}`,
    `  ${alerts} alerts; ${feeds.map(({ name, lastSeq }) => `feed ${name} up to ${lastSeq}`).join(', ') || 'no feed'}; positions of ${connectors} connectors`,
    `  ${files.length === 0 ? 'no logins, no certificate' : files.join(', ')}`,
    '',
  ].join('\n');
}

function doneText({ aside, placed, leftOut }: RestoreReport, path: string): string {
  return [
    `Done: ${path} is what the backup holds.`,
    ...(aside === null ? [] : [`What was there is kept as ${aside}; delete it when it is not needed any more.`]),
    ...(placed.length === 0 ? [] : [`Put in place: ${placed.join(', ')}.`]),
    ...(leftOut.length === 0 ? [] : [`Left as they are here: ${leftOut.join(', ')} (--all puts those of the backup).`]),
    'Start flexbridge serve: Microsoft is read again from where the backup had got to, and connectors get once more what they took since.',
    '',
  ].join('\n');
}
