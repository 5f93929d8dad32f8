import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';
import { freeBytes, makeEmpty, renameDurably, untaken, utcStamp } from './durable-file.ts';
import { applyMigrations, SCHEMA_VERSION, schemaVersion } from './schema.ts';
import { throughCheck } from './sqlite-integrity.ts';

/** What bringing a database up to date would do, or did. Nothing when `from` equals `to`. */
export interface Upgrade {
  readonly from: number;
  readonly to: number;
  /** The copy made before; null when there is nothing in the database yet. */
  readonly backup: string | null;
  /** Size of the copy, at most. */
  readonly bytes: number;
}

/** Copies from before an upgrade that are kept: the last one, and one to compare it with. */
const KEPT_BACKUPS = 2;
/** Room that the migrations themselves may need beside the copy. */
const SPARE_BYTES = 64 * 1024 * 1024;

export function plannedUpgrade(db: Database.Database, path: string, nowMs: number): Upgrade {
  const from = schemaVersion(db);
  const bytes = usedBytes(db);
  const name = `${path}.schema${from}-${utcStamp(nowMs)}.backup`;
  return { from, to: SCHEMA_VERSION, backup: from === 0 || isEmpty(db) ? null : untaken(name), bytes };
}

/**
 * Brings a database up to date, after a copy of it; the two newest such copies are kept.
 * @param tell called before the work begins, which may take minutes
 * @throws BridgeError STORE_NO_ROOM when there is no space for the copy; nothing was changed then
 */
export function upgrade(
  db: Database.Database,
  path: string,
  options: { readonly nowMs: number; readonly withBackup: boolean; readonly tell: (upgrade: Upgrade) => void },
): void {
  const planned = plannedUpgrade(db, path, options.nowMs);
  if (planned.from < SCHEMA_VERSION) {
    const backup = options.withBackup ? planned.backup : null;
    if (backup !== null) demandRoom(path, planned.bytes);
    if (planned.from > 0) options.tell({ ...planned, backup });
    if (backup !== null) copyTo(db, backup);
  }
  applyMigrations(db);
  if (planned.from < SCHEMA_VERSION) removeOldBackups(path);
}

function isEmpty(db: Database.Database): boolean {
  const found = db.prepare<[], { readonly found: 0 | 1 }>(
    `SELECT EXISTS (SELECT 1 FROM alert) OR EXISTS (SELECT 1 FROM record) OR EXISTS (SELECT 1 FROM position)
       OR EXISTS (SELECT 1 FROM source) AS found`,
  );
  return found.get()?.found !== 1;
}

function usedBytes(db: Database.Database): number {
  const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map((name) =>
    Number(db.pragma(name, { simple: true })),
  );
  return ((pages ?? 0) - (free ?? 0)) * (size ?? 0);
}

function demandRoom(path: string, bytes: number): void {
  const free = freeBytes(dirname(path));
  const needed = bytes + SPARE_BYTES;
  if (free === null || free >= needed) return;
  throw new BridgeError({
    code: 'STORE_NO_ROOM',
    kind: 'operator',
    message: `the database ${path} is of an older schema, and there is no room for the backup before it is brought up to date: ${megabytes(needed)} are needed, ${megabytes(free)} are free`,
    hint: 'Free space on the disk of the data folder; or make a backup elsewhere (flexbridge backup --out DIR) and then run flexbridge migrate --no-backup. Nothing was changed.',
  });
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

/** One consistent state, without the free pages; under its name only once it is whole. */
function copyTo(db: Database.Database, backup: string): void {
  const part = `${backup}.part`;
  rmSync(part, { force: true });
  makeEmpty(part);
  try {
    db.prepare<[string]>('VACUUM INTO ?').run(part);
    throughCheck(part);
    renameDurably(part, backup);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function removeOldBackups(path: string): void {
  const folder = dirname(path);
  const start = `${basename(path)}.schema`;
  const stampOf = (name: string): string => name.slice(name.indexOf('-', start.length));
  const backups = readdirSync(folder)
    .filter((name) => name.startsWith(start) && name.endsWith('.backup'))
    .toSorted((a, b) => (stampOf(a) < stampOf(b) ? 1 : -1));
  for (const name of backups.slice(KEPT_BACKUPS)) rmSync(join(folder, name), { force: true });
}
