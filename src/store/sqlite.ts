import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { BridgeError, type ErrorKind, messageOf } from '../domain/errors.ts';
import { initial } from './migrations/0001-initial.ts';
import { migrateToQuarantine } from './migrations/0002-quarantine.ts';
import { readIn } from './migrations/0003-read-in.ts';

export type Sqlite = Database.Database;

/** Applied in order; `user_version` is the number of those applied. Only ever appended to. */
const MIGRATIONS: readonly ((db: Sqlite) => void)[] = [
  (db) => db.exec(initial),
  migrateToQuarantine,
  (db) => db.exec(readIn),
];

/**
 * Opens the event database and brings its schema up to date.
 * Page size and cache are the measured ones for 2 KB bodies (29k inserts/s, 2.4 GB per million events).
 */
export function openSqlite(path: string, options: { readonly readOnly?: boolean } = {}): Sqlite {
  return guard(path, () => {
    if (!options.readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const db = new Database(path, {
      timeout: 5000,
      readonly: options.readOnly ?? false,
      fileMustExist: options.readOnly ?? false,
    });
    try {
      // First of all: to change the journal mode would already be to touch a newer program's file.
      checkVersion(db, path, options.readOnly ?? false);
      configure(db, options.readOnly ?? false);
      if (!options.readOnly) migrate(db);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

function configure(db: Sqlite, readOnly: boolean): void {
  if (!readOnly) {
    db.pragma('page_size = 16384');
    db.pragma('journal_mode = WAL');
    // A page and its checkpoint are one promise: it must be on the disk before the next page is asked for.
    db.pragma('synchronous = FULL');
  }
  // 32 MiB: with 64 a 50 MB array of the SIEM API, read and stored, took 191 MiB instead of 156, and inserts were no faster.
  db.pragma('cache_size = -32768');
  db.pragma('foreign_keys = ON');
}

function versionOf(db: Sqlite): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function checkVersion(db: Sqlite, path: string, readOnly: boolean): void {
  const version = versionOf(db);
  const known = MIGRATIONS.length;
  if (version > known) {
    throw new BridgeError({
      code: 'STORE_NEWER',
      kind: 'operator',
      message: `the database ${path} has schema version ${version}; this program knows versions up to ${known}`,
      hint: 'A newer FlexBridge wrote it. Start that version, or restore a backup made before the upgrade. Nothing was changed.',
    });
  }
  if (readOnly && version < known) {
    throw new BridgeError({
      code: 'STORE_OLDER',
      kind: 'operator',
      message: `the database ${path} has schema version ${version}; this program needs version ${known}`,
      hint: 'Start this version of flexbridge serve once: it brings the database up to date. Nothing was changed.',
    });
  }
}

/** Looks at the version again inside each transaction: another process may have been faster. */
function migrate(db: Sqlite): void {
  for (const [index, apply] of MIGRATIONS.entries()) {
    db.transaction(() => {
      if (index < versionOf(db)) return;
      apply(db);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}

/** What a file of SQLite's is for, as far as its failures differ by it. */
export interface DatabaseRole {
  /** Stands before its path. */
  readonly name: string;
  /** What to do when it is damaged, or is no database at all. */
  readonly whenDamaged: string;
}

/** The event database while it is opened: nothing is written before it turned out to be one. */
const OPENED_DATABASE: DatabaseRole = {
  name: 'the database',
  whenDamaged:
    'The file was not touched. Restore a backup, or move it aside and start: Microsoft is read again from initialLookback on.',
};

/** The event database later on, when the damage may be younger than the last write. */
export const RUNNING_DATABASE: DatabaseRole = {
  name: 'the database',
  whenDamaged:
    'Stop FlexBridge and look at the disk. Restore a backup, or move it aside and start: Microsoft is read again from initialLookback on.',
};

/** What SQLite says, in words an operator can act on. Source of the codes: sqlite.org/rescode.html. */
const CAUSES: readonly {
  readonly match: RegExp;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly meaning: string;
  /** Null where it depends on the file. */
  readonly hint: string | null;
}[] = [
  {
    match: /^SQLITE_(BUSY|LOCKED)/,
    code: 'STORE_BUSY',
    kind: 'transient',
    meaning: 'is locked by another process',
    hint: 'It is tried again. If it lasts, find the program that holds the file open.',
  },
  {
    match: /^SQLITE_FULL/,
    code: 'STORE_FULL',
    kind: 'operator',
    meaning: 'cannot grow: the disk is full',
    hint: 'Free space on the disk of the data folder. Collection goes on by itself; nothing is lost.',
  },
  {
    match: /^SQLITE_READONLY/,
    code: 'STORE_READ_ONLY',
    kind: 'operator',
    meaning: 'cannot be written',
    hint: 'Make the data folder writable for the account that runs FlexBridge.',
  },
  {
    match: /^SQLITE_(CORRUPT|NOTADB)/,
    code: 'STORE_DAMAGED',
    kind: 'operator',
    meaning: 'is damaged or is no SQLite database',
    hint: null,
  },
  {
    match: /^SQLITE_CANTOPEN/,
    code: 'STORE_CANNOT_OPEN',
    kind: 'operator',
    meaning: 'cannot be opened',
    hint: 'Check that the folder exists and belongs to the account that runs FlexBridge (store.path in the configuration).',
  },
];

export function toStoreError(path: string, thrown: unknown, role: DatabaseRole = OPENED_DATABASE): unknown {
  if (thrown instanceof BridgeError) return thrown;
  const code = codeOf(thrown);
  const text = messageOf(thrown);
  const known = CAUSES.find(({ match }) => match.test(code));
  if (known !== undefined) {
    return new BridgeError({
      code: known.code,
      kind: known.kind,
      message: `${role.name} ${path} ${known.meaning} (${text})`,
      hint: known.hint ?? role.whenDamaged,
      cause: thrown,
    });
  }
  if (!code.startsWith('SQLITE_') && !/^E[A-Z]+$/.test(code)) return thrown;
  return new BridgeError({
    code: 'STORE_FAILED',
    kind: 'operator',
    message: `${role.name} ${path} failed: ${text}`,
    hint: 'Check the disk, the path and the rights of the data folder (store.path in the configuration).',
    cause: thrown,
  });
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  // better-sqlite3 looks for the folder itself and throws a TypeError without a code.
  return thrown.message.startsWith('Cannot open database because') ? 'SQLITE_CANTOPEN' : '';
}

/** Runs `work`; what SQLite or the file system throws comes out as a BridgeError. */
export function guard<Result>(path: string, work: () => Result, role: DatabaseRole = OPENED_DATABASE): Result {
  try {
    return work();
  } catch (error) {
    throw toStoreError(path, error, role);
  }
}
