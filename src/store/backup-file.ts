import type Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';

/**
 * A backup is one file: the event database as it was at one moment, and in two tables of their own what else of the data
 * folder a new machine needs. They are taken out when it is put back.
 */
export interface BackupNote {
  /** When the copy began, epoch ms. */
  readonly takenMs: number;
  readonly program: string;
}

/** A file beside the database: its path below the data folder. */
export interface BackedUpFile {
  readonly name: string;
  readonly content: Buffer;
}

const TABLES = ['backup_note', 'backup_file'] as const;

export function writeBackupTables(db: Database.Database, note: BackupNote, files: readonly BackedUpFile[]): void {
  db.transaction(() => {
    dropBackupTables(db);
    db.exec('CREATE TABLE backup_note (taken_ms INTEGER NOT NULL, program TEXT NOT NULL)');
    db.exec('CREATE TABLE backup_file (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID');
    db.prepare<[BackupNote]>('INSERT INTO backup_note VALUES (@takenMs, @program)').run(note);
    const insert = db.prepare<[BackedUpFile]>('INSERT INTO backup_file VALUES (@name, @content)');
    for (const file of files) insert.run(file);
  }).immediate();
}

/** Null in a copy that was made another way. */
export function readBackupNote(db: Database.Database): BackupNote | null {
  if (!hasTable(db, 'backup_note')) return null;
  return db.prepare<[], BackupNote>('SELECT taken_ms AS takenMs, program FROM backup_note').get() ?? null;
}

/** Their names are checked: a file that somebody else made must not write where it likes. */
export function readBackupFiles(db: Database.Database): readonly BackedUpFile[] {
  if (!hasTable(db, 'backup_file')) return [];
  return db
    .prepare<[], BackedUpFile>('SELECT name, content FROM backup_file ORDER BY name')
    .all()
    .filter(({ name }) => /^(access\.db|tls\/[\w-][\w.-]*)$/.test(name));
}

export function dropBackupTables(db: Database.Database): void {
  for (const table of TABLES) db.exec(`DROP TABLE IF EXISTS ${table}`);
}

function hasTable(db: Database.Database, table: string): boolean {
  return db.prepare<[string]>("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;
}

export function noRoom(what: string, needed: number, free: number): BridgeError {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  return new BridgeError({
    code: 'STORE_NO_ROOM',
    kind: 'operator',
    message: `there is no room for ${what}: ${megabytes(needed)} are needed, ${megabytes(free)} are free`,
    hint: 'Free space there, or name another place. Nothing was changed.',
  });
}
