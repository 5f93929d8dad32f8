import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';
import { type BackedUpFile, dropBackupTables, noRoom, readBackupFiles, readBackupNote } from './backup-file.ts';
import { freeBytes, makeEmpty, syncPath } from './durable-file.ts';
import { applyMigrations, refuseNewer, schemaVersion } from './schema.ts';
import { copyDatabase } from './sqlite-backup.ts';
import { lookAtEveryPage } from './sqlite-integrity.ts';
import { continueFrom, readPresent } from './sqlite-succession.ts';
import { type DatabaseRole, guard, toStoreError } from './store-error.ts';
import { clearDraft, draftFilesName, draftName, finishSwap, swapIn } from './store-swap.ts';

export interface RestoreRequest {
  readonly file: string;
  readonly storePath: string;
  readonly dataDir: string;
  /** Logins and certificate take the place of those that are there; otherwise they are put only where there are none. */
  readonly all: boolean;
  readonly requestedBy: string;
  readonly nowMs: number;
  readonly progress: (done: number, total: number) => void;
}

/** What a backup holds. */
export interface BackupContents {
  readonly file: string;
  readonly schema: number;
  /** Null in a copy that was made another way. */
  readonly takenMs: number | null;
  readonly program: string | null;
  readonly alerts: number;
  readonly feeds: readonly { readonly name: string; readonly lastSeq: number }[];
  readonly connectors: number;
  readonly files: readonly string[];
}

export interface RestoreReport {
  readonly contents: BackupContents;
  /** Where the database of before is; null when there was none. */
  readonly aside: string | null;
  /** Of the files beside the database: put in place, and left out because there are such already. */
  readonly placed: readonly string[];
  readonly leftOut: readonly string[];
}

const BACKUP: DatabaseRole = {
  name: 'the backup',
  whenDamaged: 'It cannot be put back: take another one. The store was not touched.',
};

/**
 * Looks through a backup; changes nothing.
 * @throws BridgeError BACKUP_FOREIGN, STORE_NEWER, STORE_DAMAGED, STORE_CANNOT_OPEN
 */
export function checkBackup(file: string): BackupContents {
  return guard(
    file,
    () => {
      const db = openBackup(file);
      try {
        lookAtEveryPage(db, file);
        return contentsOf(db, file);
      } finally {
        db.close();
      }
    },
    BACKUP,
  );
}

/**
 * Puts a backup in the place of the present database, which is kept under another name. A kill leaves the one or the other
 * (`store-swap.ts`). Only while nobody serves the store.
 * @throws BridgeError as `checkBackup`; STORE_NO_ROOM
 */
export async function restore(request: RestoreRequest): Promise<RestoreReport> {
  const { file, storePath, nowMs } = request;
  guard(storePath, () => {
    mkdirSync(dirname(storePath), { recursive: true, mode: 0o700 });
    finishSwap(storePath);
    clearDraft(storePath);
  });
  const source = guard(file, () => openBackup(file), BACKUP);
  try {
    const contents = guard(file, () => contentsOf(source, file), BACKUP);
    demandRoom(storePath, file);
    const draft = draftName(storePath);
    guard(storePath, () => {
      makeEmpty(draft);
    });
    await copyDatabase(source, draft, request.progress);
    const files = guard(file, () => prepareDraft(draft, request, contents), BACKUP);
    return guard(storePath, () => {
      const placed = chooseFiles(files, request);
      layOut(placed, draftFilesName(storePath));
      return {
        contents,
        aside: swapIn(storePath, 'replaced', nowMs).aside,
        placed: placed.map(({ name }) => name),
        leftOut: files.filter((one) => !placed.includes(one)).map(({ name }) => name),
      };
    });
  } catch (error) {
    clearDraft(storePath);
    throw toStoreError(storePath, error);
  } finally {
    source.close();
  }
}

function openBackup(file: string): Database.Database {
  if (statSync(file, { throwIfNoEntry: false })?.size === 0) throw foreign(file);
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const version = schemaVersion(db);
    refuseNewer(version, file);
    if (version === 0) throw foreign(file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function contentsOf(db: Database.Database, file: string): BackupContents {
  const note = readBackupNote(db);
  return {
    file,
    schema: schemaVersion(db),
    takenMs: note?.takenMs ?? null,
    program: note?.program ?? null,
    alerts: Number(db.prepare("SELECT value FROM meta WHERE key = 'alerts'").pluck().get() ?? 0),
    feeds: db
      .prepare<[], { readonly name: string; readonly lastSeq: number }>(
        'SELECT name, last_seq AS lastSeq FROM feed ORDER BY name',
      )
      .all(),
    connectors: Number(db.prepare('SELECT count(DISTINCT connector) FROM position').pluck().get()),
    files: readBackupFiles(db).map(({ name }) => name),
  };
}

/** Makes the copy the next state of the store; answers the files that were in it. */
function prepareDraft(
  draft: string,
  { storePath, file, requestedBy, nowMs }: RestoreRequest,
  { takenMs }: BackupContents,
): readonly BackedUpFile[] {
  const db = new Database(draft);
  try {
    db.pragma('journal_mode = DELETE');
    lookAtEveryPage(db, file);
    const files = readBackupFiles(db);
    // Keys of the certificate are in it: nothing of them stays behind in the database.
    db.pragma('secure_delete = ON');
    dropBackupTables(db);
    applyMigrations(db);
    continueFrom(db, readPresent(storePath), {
      atMs: nowMs,
      who: requestedBy,
      details: { file: basename(file), taken: takenMs === null ? null : new Date(takenMs).toISOString() },
    });
    return files;
  } finally {
    db.close();
  }
}

function chooseFiles(files: readonly BackedUpFile[], { all, dataDir }: RestoreRequest): readonly BackedUpFile[] {
  const groupOf = (name: string): string => name.split('/')[0] ?? name;
  return files.filter(({ name }) => all || !existsSync(join(dataDir, groupOf(name))));
}

function layOut(files: readonly BackedUpFile[], folder: string): void {
  if (files.length === 0) return;
  mkdirSync(folder, { mode: 0o700 });
  for (const { name, content } of files) {
    const to = join(folder, name);
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    writeFileSync(to, content, { mode: 0o600 });
    syncPath(to);
  }
}

function demandRoom(storePath: string, file: string): void {
  const free = freeBytes(dirname(storePath));
  const needed = statSync(file).size;
  if (free !== null && free < needed) throw noRoom(`the database in ${dirname(storePath)}`, needed, free);
}

function foreign(file: string): BridgeError {
  return new BridgeError({
    code: 'BACKUP_FOREIGN',
    kind: 'operator',
    message: `${file} is no backup of FlexBridge`,
    hint: 'Give a file that flexbridge backup made, or a copy of the event database. Nothing was changed.',
  });
}
