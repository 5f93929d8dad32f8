import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';
import { type DatabaseRole, guard } from './store-error.ts';

/** Held by `serve` for its life; the operating system frees it when the process dies, however it dies. */
export interface InstanceLock {
  release(): void;
}

const LOCK: DatabaseRole = {
  name: 'the lock file',
  whenDamaged:
    'It holds nothing to keep. Delete it while no FlexBridge runs on this store; the next start makes it anew.',
};
const WAIT_MS = 200;
const LOOK_MS = 100;
/** Turns that two starts of the same moment may take before one of them has waited long enough. */
const TURNS = 10;

/**
 * One `serve` per database. The lock is a write transaction left open on `<store>.lock`: unlike a pid file it cannot
 * be left behind, and readers still see who holds it.
 * @throws BridgeError INSTANCE_RUNNING naming the pid of the holder
 */
export function acquireInstanceLock(storePath: string, pid: number): InstanceLock {
  const path = `${storePath}.lock`;
  return guarded(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const db = new Database(path, { timeout: WAIT_MS });
    try {
      db.exec('CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER NOT NULL)');
      hold(db, pid);
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
  return guarded(path, () => {
    // Long enough for another look like this one to be over, which holds the lock for an instant.
    const db = new Database(path, { timeout: LOOK_MS });
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

function guarded<Result>(path: string, work: () => Result): Result {
  return guard(path, work, LOCK);
}

/**
 * Leaves a write transaction open, with the pid in the table before it where others can read it. Two that start at the
 * same moment may take turns: whoever ends up with the lock makes sure that the pid is its own.
 */
function hold(db: Database.Database, pid: number): void {
  db.exec('BEGIN IMMEDIATE');
  for (let turn = 0; turn < TURNS && holder(db) !== pid; turn += 1) {
    db.prepare<[number]>('INSERT OR REPLACE INTO holder (one, pid) VALUES (1, ?)').run(pid);
    db.exec('COMMIT');
    db.exec('BEGIN IMMEDIATE');
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

/** The pid written last; null when the table is not there yet. */
function holder(db: Database.Database): number | null {
  try {
    return db.prepare<[], { readonly pid: number }>('SELECT pid FROM holder').get()?.pid ?? null;
  } catch {
    return null;
  }
}
