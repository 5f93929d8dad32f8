import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { renameDurably } from './durable-file.ts';
import { applyMigrations, refuseNewer, refuseOlder, SCHEMA_VERSION, schemaVersion } from './schema.ts';
import { damaged, lookAtStart } from './sqlite-integrity.ts';
import { type Upgrade, upgrade } from './sqlite-upgrade.ts';
import { guard } from './store-error.ts';

export type Sqlite = Database.Database;

export interface OpenOptions {
  readonly readOnly?: boolean;
  /** How long a write waits for that of another process. It holds up this one: SQLite is called synchronously. */
  readonly busyMs?: number;
  /** Brings an older schema up to date, after a backup; without it an older one is refused. */
  readonly upgrade?: UpgradeOptions;
  /** Looks for damage first, as long as that takes. */
  readonly look?: boolean;
}

export interface UpgradeOptions {
  readonly nowMs: number;
  readonly withBackup: boolean;
  readonly tell: (upgrade: Upgrade) => void;
}

/** For commands. Waiting is no harm to them, and what they ask for ought to be done. */
const COMMAND_BUSY_MS = 5000;

/** What one reset of the log leaves of its file: a backup that is under way lets it grow. */
const LOG_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the event database, a new one with the schema of this program.
 * Page size and cache are the measured ones for 2 KB bodies (29k inserts/s, 2.4 GB per million events).
 */
export function openSqlite(path: string, options: OpenOptions = {}): Sqlite {
  const { readOnly = false, busyMs = COMMAND_BUSY_MS } = options;
  return guard(path, () => {
    if (!readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (!readOnly && !existsSync(path)) createDatabase(path);
    // SQLite would take it for a new database, and delete the log that may still hold everything.
    if (statSync(path, { throwIfNoEntry: false })?.size === 0) throw damaged(path, 'it is empty: 0 bytes');
    const db = new Database(path, { timeout: COMMAND_BUSY_MS, readonly: readOnly, fileMustExist: true });
    try {
      prepare(db, path, options);
      db.pragma(`busy_timeout = ${busyMs}`);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

/** The version first of all: to change the journal mode would already be to touch a newer program's file. */
function prepare(db: Sqlite, path: string, { readOnly = false, look = false, upgrade: wanted }: OpenOptions): void {
  const version = schemaVersion(db);
  refuseNewer(version, path);
  if (readOnly || wanted === undefined) refuseOlder(version, path);
  if (look) lookAtStart(db, path);
  // 32 MiB: with 64 a 50 MB array of the SIEM API, read and stored, took 191 MiB instead of 156, and inserts were no faster.
  db.pragma('cache_size = -32768');
  db.pragma('foreign_keys = ON');
  if (readOnly) return;
  db.pragma('journal_mode = WAL');
  db.pragma(`journal_size_limit = ${LOG_LIMIT_BYTES}`);
  // A page and its checkpoint are one promise: it must be on the disk before the next page is asked for.
  db.pragma('synchronous = FULL');
  if (wanted !== undefined && version < SCHEMA_VERSION) upgrade(db, path, wanted);
}

/** Beside its place and then there by its name: a start that is killed leaves no half of a database. */
function createDatabase(path: string): void {
  const draft = `${path}.new`;
  for (const file of [draft, `${draft}-journal`]) rmSync(file, { force: true });
  makeDraft(draft).close();
  renameDurably(draft, path);
}

/** A new database for one writer, in no hurry to be on the disk: it is of use only once it is whole, and moved then. */
export function makeDraft(path: string): Sqlite {
  const db = new Database(path);
  db.pragma('page_size = 16384');
  db.pragma('journal_mode = MEMORY');
  db.pragma('synchronous = OFF');
  applyMigrations(db);
  return db;
}
