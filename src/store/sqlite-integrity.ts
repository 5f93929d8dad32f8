import Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';
import { guard, OPENED_DATABASE, toStoreError } from './store-error.ts';
import { isUnwritable } from './upkeep.ts';

/**
 * Up to this size every page is looked at when the last end was not an orderly one: 0.3 s a GB where the system still
 * has the file in memory, 4 s a GB from a disk of 250 MB/s. A larger database is only sampled, for the feed must be back.
 */
export const FULL_LOOK_BYTES = 4 * 1024 ** 3;

/** Row of `meta` while a service has the database open; left behind by one that was killed. */
const SERVING = 'serving';

/**
 * Before anything is written: every page after an end that was not orderly, both ends of every table otherwise.
 * @throws BridgeError STORE_DAMAGED
 */
export function lookAtStart(db: Database.Database, path: string): void {
  if (wasServing(db) && sizeOf(db) <= FULL_LOOK_BYTES) lookAtEveryPage(db, path);
  else lookAtEnds(db);
}

/** @throws BridgeError STORE_DAMAGED */
export function lookAtEveryPage(db: Database.Database, path: string): void {
  const answer = String(db.pragma('quick_check(1)', { simple: true }));
  if (answer !== 'ok') throw damaged(path, answer);
}

/** The same for a file that nobody has open; it is not changed. */
export function throughCheck(path: string): void {
  guard(path, () => {
    const db = new Database(path, { readonly: true, fileMustExist: true });
    try {
      lookAtEveryPage(db, path);
    } finally {
      db.close();
    }
  });
}

/** Every page, and every index against its table. Null when the database is whole; its own damage is told, not thrown. */
export function damageOf(path: string): BridgeError | null {
  try {
    guard(path, () => {
      const db = new Database(path, { readonly: true, fileMustExist: true });
      try {
        const answer = String(db.pragma('integrity_check(1)', { simple: true }));
        if (answer !== 'ok') throw damaged(path, answer);
      } finally {
        db.close();
      }
    });
    return null;
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'STORE_DAMAGED') return error;
    throw error;
  }
}

export function damaged(path: string, words: string): BridgeError {
  return new BridgeError({
    code: 'STORE_DAMAGED',
    kind: 'operator',
    message: `${OPENED_DATABASE.name} ${path} is damaged (${words.replaceAll('\n', ' ')})`,
    hint: OPENED_DATABASE.whenDamaged,
  });
}

/** From here on an end without `markClosed` was not an orderly one. A database that cannot be written is served too. */
export function markServing(db: Database.Database, path: string, nowMs: number): void {
  const mark = db.prepare<[string, string]>('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  whileWritable(path, () => mark.run(SERVING, new Date(nowMs).toISOString()));
}

/** Where it cannot be noted, the next start only looks more closely. */
export function markClosed(db: Database.Database): void {
  try {
    db.prepare<[string]>('DELETE FROM meta WHERE key = ?').run(SERVING);
  } catch {
    // A database that cannot be read or written is closed all the same.
  }
}

function whileWritable(path: string, write: () => unknown): void {
  try {
    write();
  } catch (error) {
    if (!isUnwritable(toStoreError(path, error))) throw error;
  }
}

function wasServing(db: Database.Database): boolean {
  if (!tables(db).some(({ name }) => name === 'meta')) return false;
  return db.prepare<[string]>('SELECT 1 FROM meta WHERE key = ?').get(SERVING) !== undefined;
}

function sizeOf(db: Database.Database): number {
  return Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
}

/** From the root to the first and the last row of each table. Throws SQLite's own error. */
export function lookAtEnds(db: Database.Database): void {
  for (const { name, key } of tables(db)) {
    for (const order of ['ASC', 'DESC']) db.prepare(`SELECT * FROM "${name}" ORDER BY ${key} ${order} LIMIT 1`).get();
  }
}

function tables(db: Database.Database): readonly { readonly name: string; readonly key: string }[] {
  return db
    .prepare<[], { readonly name: string; readonly wr: 0 | 1 }>(
      "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all()
    .map(({ name, wr }) => ({ name, key: wr === 1 ? keyOf(db, name) : 'rowid' }));
}

function keyOf(db: Database.Database, table: string): string {
  return db
    .prepare<[string], { readonly name: string }>('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk')
    .all(table)
    .map(({ name }) => `"${name}"`)
    .join(', ');
}
