import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';
import { type BackedUpFile, noRoom, writeBackupTables } from './backup-file.ts';
import { freeBytes, makeEmpty, renameDurably, utcStamp } from './durable-file.ts';
import { refuseNewer, schemaVersion } from './schema.ts';
import { lookAtEveryPage, markClosed } from './sqlite-integrity.ts';
import { type DatabaseRole, guard, toStoreError } from './store-error.ts';

export interface BackupRequest {
  readonly storePath: string;
  /** Files that the bridge made itself lie here: logins, certificate. */
  readonly dataDir: string;
  /** The certificate with its keys too. */
  readonly withTls: boolean;
  /** A file, or a folder to make one in, which exists. */
  readonly out: string;
  /** A file of that name may be replaced. */
  readonly replace: boolean;
  readonly program: string;
  readonly nowMs: number;
  /** Bytes, of all. */
  readonly progress: (done: number, total: number) => void;
}

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly schema: number;
  readonly takenMs: number;
  readonly alerts: number;
  /** What is in it beside the events, by path below the data folder. */
  readonly files: readonly string[];
}

/** Copied before others have their turn. */
const STEP_BYTES = 8 * 1024 * 1024;
const BACKUP: DatabaseRole = {
  name: 'the backup',
  whenDamaged: 'The copy does not read back as it was written: look at the disk it lies on. It was deleted again.',
};

/**
 * Copies one state of the store into one file, while it is served and written; the log of the store cannot be shortened
 * meanwhile. The file is complete and looked through once it has its name, for its owner only.
 * @throws BridgeError BACKUP_EXISTS, STORE_NO_ROOM, STORE_...
 */
export async function backup(request: BackupRequest): Promise<BackupReport> {
  const { storePath, out, nowMs, replace } = request;
  const file = isFolder(out) ? join(out, `flexbridge-${utcStamp(nowMs)}.backup`) : out;
  if (existsSync(file) && (!replace || isFolder(file))) throw taken(file);
  const files = filesOf(request);
  const part = `${file}.part`;
  const source = guard(storePath, () => new Database(storePath, { readonly: true, fileMustExist: true }));
  try {
    const schema = guard(storePath, () => schemaVersion(source));
    refuseNewer(schema, storePath);
    const alerts = guard(storePath, () => alertsIn(source));
    demandRoom(file, source);
    guard(file, () => {
      rmSync(part, { force: true });
      makeEmpty(part);
    });
    await copyDatabase(source, part, request.progress);
    guard(
      file,
      () => {
        finish(part, file, request, files);
      },
      BACKUP,
    );
    return { file, bytes: statSync(file).size, schema, takenMs: nowMs, alerts, files: files.map(({ name }) => name) };
  } catch (error) {
    rmSync(part, { force: true });
    throw toStoreError(storePath, error);
  } finally {
    source.close();
  }
}

/** Of one moment: what is committed later is not in it. */
export async function copyDatabase(
  source: Database.Database,
  to: string,
  progress: (done: number, total: number) => void,
): Promise<void> {
  const pageSize = Number(source.pragma('page_size', { simple: true }));
  // While it is read in one transaction, a commit of another process does not make the copy begin anew.
  source.exec('BEGIN');
  try {
    source.prepare('SELECT count(*) FROM sqlite_schema').get();
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        progress((totalPages - remainingPages) * pageSize, totalPages * pageSize);
        return Math.ceil(STEP_BYTES / pageSize);
      },
    });
    const bytes = Number(source.pragma('page_count', { simple: true })) * pageSize;
    progress(bytes, bytes);
  } finally {
    source.exec('COMMIT');
  }
}

function finish(part: string, file: string, { nowMs, program }: BackupRequest, files: readonly BackedUpFile[]): void {
  const db = new Database(part);
  try {
    // A file without others beside it, which can be read from a disk that cannot be written.
    db.pragma('journal_mode = DELETE');
    markClosed(db);
    writeBackupTables(db, { takenMs: nowMs, program }, files);
    lookAtEveryPage(db, part);
  } finally {
    db.close();
  }
  renameDurably(part, file);
}

function filesOf({ dataDir, withTls }: BackupRequest): readonly BackedUpFile[] {
  const access = join(dataDir, 'access.db');
  const tls = join(dataDir, 'tls');
  return guard(dataDir, () => [
    ...(existsSync(access) ? [{ name: basename(access), content: contentOf(access) }] : []),
    ...(withTls && isFolder(tls)
      ? readdirSync(tls, { withFileTypes: true })
          .filter((entry) => entry.isFile() && entry.name.endsWith('.pem'))
          .map(({ name }) => ({ name: `tls/${name}`, content: readFileSync(join(tls, name)) }))
      : []),
  ]);
}

/** A database may be written while it is read. */
function contentOf(database: string): Buffer {
  const db = new Database(database, { readonly: true, fileMustExist: true });
  try {
    return db.serialize();
  } finally {
    db.close();
  }
}

function alertsIn(db: Database.Database): number {
  return Number(db.prepare("SELECT value FROM meta WHERE key = 'alerts'").pluck().get() ?? 0);
}

function demandRoom(file: string, source: Database.Database): void {
  const free = freeBytes(dirname(file));
  const needed =
    Number(source.pragma('page_count', { simple: true })) * Number(source.pragma('page_size', { simple: true }));
  if (free !== null && free < needed) throw noRoom(`the backup ${file}`, needed, free);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function taken(file: string): BridgeError {
  return new BridgeError({
    code: 'BACKUP_EXISTS',
    kind: 'operator',
    message: `there is a ${isFolder(file) ? 'folder' : 'file'} ${file} already`,
    hint: 'Give another name with --out, or a folder to make one in; --force replaces a file once the new one is complete.',
  });
}
