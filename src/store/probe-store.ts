import { accessSync, closeSync, constants, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';
import { lookAtEnds, lookAtEveryPage } from './sqlite-integrity.ts';
import { type DatabaseRole, guard } from './store-error.ts';

const FOLDER: DatabaseRole = { name: 'the data folder', whenDamaged: 'Look at its disk.' };
/** Of what a write needs: more than the file system can hide in a file of no length. */
const TRIAL_BYTES = 64 * 1024;
/** Longer than a turn of the bridge holds the write lock. Nothing else can run in this process meanwhile. */
const BUSY_MS = 1500;
/** Up to this size every page is looked at: about a second from a slow disk. A larger database is sampled. */
const FULL_LOOK_BYTES = 256 * 1024 ** 2;

/** What trying the store out came to; null: nothing is wrong with it. */
export interface StoreProbe {
  /** What is damaged: code STORE_DAMAGED. */
  readonly damage: BridgeError | null;
  /** Why nothing can be written: any other code of the store. */
  readonly unwritable: BridgeError | null;
}

/**
 * Tries the data folder and the event database out, beside a bridge that may be running: a file of 64 KiB that is taken
 * away again, a write transaction that writes nothing, and a look for damage that ends. No data is touched.
 */
export function probeStore(path: string): StoreProbe {
  const damage = damageIn(path);
  return {
    damage,
    unwritable:
      failureOf(() => {
        tryFolder(path);
      }) ?? (damage === null ? lockFailure(path) : null),
  };
}

/** A database that cannot be opened is not damaged for that: whoever reads it says why. */
function damageIn(path: string): BridgeError | null {
  if (!existsSync(path)) return null;
  const failure = failureOf(() => {
    withDatabase(path, { readonly: true }, (db) => {
      if (bytesOf(db) <= FULL_LOOK_BYTES) lookAtEveryPage(db, path);
      else lookAtEnds(db);
    });
  });
  return failure?.code === 'STORE_DAMAGED' ? failure : null;
}

function tryFolder(path: string): void {
  const folder = dirname(path);
  // A folder that is not there yet is made by serve, where it may.
  if (!existsSync(folder)) {
    guard(
      folder,
      () => {
        accessSync(nearest(folder), constants.W_OK);
      },
      FOLDER,
    );
    return;
  }
  const trial = join(folder, `.flexbridge-doctor-${process.pid}`);
  guard(
    folder,
    () => {
      try {
        const file = openSync(trial, 'wx', 0o600);
        try {
          writeSync(file, Buffer.alloc(TRIAL_BYTES, 1));
          fsyncSync(file);
        } finally {
          closeSync(file);
        }
      } finally {
        rmSync(trial, { force: true });
      }
    },
    FOLDER,
  );
}

function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

function lockFailure(path: string): BridgeError | null {
  if (!existsSync(path)) return null;
  return failureOf(() => {
    withDatabase(path, { timeout: BUSY_MS }, (db) => {
      db.exec('BEGIN IMMEDIATE');
      db.exec('ROLLBACK');
    });
  });
}

function withDatabase(path: string, options: Database.Options, work: (db: Database.Database) => void): void {
  guard(path, () => {
    const db = new Database(path, { ...options, fileMustExist: true });
    try {
      work(db);
    } finally {
      db.close();
    }
  });
}

function bytesOf(db: Database.Database): number {
  return Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
}

function failureOf(work: () => void): BridgeError | null {
  try {
    work();
    return null;
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown;
    throw thrown;
  }
}
