import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';
import { guard } from './sqlite.ts';

/** Held by `serve` for its life; the operating system frees it when the process dies, however it dies. */
export interface InstanceLock {
  release(): void;
}

/**
 * One `serve` per database. The lock is a write transaction left open on `<store>.lock`: unlike a pid file it cannot
 * be left behind, and readers still see who holds it.
 * @throws BridgeError INSTANCE_RUNNING naming the pid of the holder
 */
export function acquireInstanceLock(storePath: string, pid: number): InstanceLock {
  const path = `${storePath}.lock`;
  return guard(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const db = new Database(path, { timeout: 200 });
    try {
      db.exec('CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER NOT NULL)');
      begin(db, storePath);
      db.prepare<[number]>('INSERT OR REPLACE INTO holder (one, pid) VALUES (1, ?)').run(pid);
      db.exec('COMMIT');
      begin(db, storePath);
    } catch (error) {
      const failure = isBusy(error) ? running(db, storePath) : error;
      db.close();
      throw failure;
    }
    return {
      release: () => {
        db.close();
      },
    };
  });
}

/** The pid of the `serve` that holds this store, or null when none does. */
export function runningInstance(storePath: string): number | null {
  const path = `${storePath}.lock`;
  if (!existsSync(path)) return null;
  return guard(path, () => {
    const db = new Database(path, { timeout: 0 });
    try {
      db.exec('BEGIN IMMEDIATE');
      db.exec('ROLLBACK');
      return null;
    } catch (error) {
      if (isBusy(error)) return holder(db);
      throw error;
    } finally {
      db.close();
    }
  });
}

/** Takes the write lock; whoever is second finds it taken. */
function begin(db: Database.Database, storePath: string): void {
  try {
    db.exec('BEGIN IMMEDIATE');
  } catch (error) {
    throw isBusy(error) ? running(db, storePath) : error;
  }
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_BUSY')
  );
}

function running(db: Database.Database, storePath: string): BridgeError {
  const pid = holder(db);
  return new BridgeError({
    code: 'INSTANCE_RUNNING',
    kind: 'operator',
    message: `another FlexBridge${pid === null ? '' : ` (pid ${pid})`} is already serving ${storePath}`,
    hint: `Stop it first, or give this one a store of its own (store.path).`,
  });
}

function holder(db: Database.Database): number | null {
  try {
    return db.prepare<[], { readonly pid: number }>('SELECT pid FROM holder').get()?.pid ?? null;
  } catch {
    return null;
  }
}
