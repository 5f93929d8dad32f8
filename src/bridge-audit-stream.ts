import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config/config.ts';
import type { AuditEntry } from './domain/audit.ts';
import type { BridgeEvent, Emit } from './domain/bridge-event.ts';
import type { Clock } from './domain/clock.ts';
import { toBridgeError } from './domain/errors.ts';
import { printable } from './domain/printable.ts';
import type { ErrandStore } from './store/errands.ts';
import { type AuditFile, type AuditLine, createAuditFile } from './telemetry/audit-file.ts';

/** The audit trail as a file: what this process wrote, and what commands beside it did. */
export interface AuditStream {
  start(): void;
  /** Writes what is there by now, and ends. */
  stop(): Promise<void>;
  /** A line that the store could not take. */
  add(entry: Omit<AuditEntry, 'atMs'>): void;
  /** Wrong logins stand in no trail: anybody could fill it. */
  tell(event: BridgeEvent): void;
  /** What is due by now. Never throws. */
  turn(): Promise<void>;
}

export interface AuditStreamDeps {
  readonly store: Pick<ErrandStore, 'auditAfter'>;
  readonly file: AuditFile;
  /** Where it is kept how far the file has got: see `audit-file-position`. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly emit: Emit;
}

const EVERY_MS = 1000;
const AT_ONCE = 500;
/** Lines of no trail that wait for a file which cannot be written. */
const MOST_WAITING = 1000;

/**
 * Follows the trail in the store by its numbers: commands write there too, and it is kept while the file cannot be
 * written. A crash may repeat a line, which its number shows, and loses none.
 */
export function createAuditStream({ store, file, dataDir, clock, emit }: AuditStreamDeps): AuditStream {
  const placeFile = join(dataDir, 'audit-file-position');
  let place = readPlace(placeFile);
  let waiting: AuditLine[] = [];
  let hasFailed = false;
  let timer: NodeJS.Timeout | undefined;
  let turning: Promise<void> | null = null;

  const add = (entry: Omit<AuditEntry, 'atMs'>): void => {
    if (waiting.length < MOST_WAITING) waiting.push({ ...entry, atMs: clock.now(), auditId: null });
  };

  const copy = async (): Promise<void> => {
    file.append(waiting);
    waiting = [];
    for (;;) {
      const lines = await store.auditAfter(place, AT_ONCE);
      file.append(lines);
      const last = lines.at(-1);
      if (last === undefined) return;
      place = last.auditId;
      writeFileSync(placeFile, `${place}\n`, { mode: 0o600 });
    }
  };

  const turn = async (): Promise<void> => {
    try {
      await copy();
      if (hasFailed) emit({ name: 'auditFileWritten', file: file.path });
      hasFailed = false;
    } catch (thrown) {
      // Once, not every second.
      if (!hasFailed) emit({ name: 'auditFileFailed', error: toBridgeError(thrown) });
      hasFailed = true;
    }
  };

  return {
    add,
    tell(event) {
      if (event.name !== 'loginFailed') return;
      const { login, address, by } = event;
      add({ who: printable(login), action: 'login-failed', details: { address: printable(address), by } });
    },
    turn,
    start() {
      const next = (): void => {
        turning ??= turn().finally(() => {
          turning = null;
        });
      };
      timer = setInterval(next, EVERY_MS);
      next();
    },
    async stop() {
      clearInterval(timer);
      await turning;
      await turn();
    },
  };
}

/** As it is configured; null: there is none. */
export function auditStream(
  { log, dataDir }: Pick<Config, 'log' | 'dataDir'>,
  deps: Pick<AuditStreamDeps, 'store' | 'clock' | 'emit'>,
): AuditStream | null {
  return log.auditFile === null ? null : createAuditStream({ ...deps, dataDir, file: createAuditFile(log.auditFile) });
}

/** Number of the last line that the file has; 0: it gets the whole trail. */
function readPlace(file: string): number {
  try {
    const place = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(place) ? place : 0;
  } catch {
    return 0;
  }
}
