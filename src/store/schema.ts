import type Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';
import { initial } from './migrations/0001-initial.ts';
import { migrateToQuarantine } from './migrations/0002-quarantine.ts';
import { readIn } from './migrations/0003-read-in.ts';
import { delivery } from './migrations/0004-delivery.ts';
import { operations } from './migrations/0005-operations.ts';

/** Applied in order; `user_version` is the number of those applied. Only ever appended to. */
const MIGRATIONS: readonly ((db: Database.Database) => void)[] = [
  (db) => db.exec(initial),
  migrateToQuarantine,
  (db) => db.exec(readIn),
  (db) => db.exec(delivery),
  (db) => db.exec(operations),
];

/** What this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** 0: nothing in it yet. */
export function schemaVersion(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** @throws BridgeError STORE_NEWER */
export function refuseNewer(version: number, path: string): void {
  if (version <= SCHEMA_VERSION) return;
  throw new BridgeError({
    code: 'STORE_NEWER',
    kind: 'operator',
    message: `the database ${path} has schema version ${version}; this program knows versions up to ${SCHEMA_VERSION}`,
    hint: 'A newer FlexBridge wrote it. Start that version, or restore a backup made before the upgrade. Nothing was changed.',
  });
}

/** @throws BridgeError STORE_OLDER */
export function refuseOlder(version: number, path: string): void {
  if (version === SCHEMA_VERSION) return;
  throw new BridgeError({
    code: 'STORE_OLDER',
    kind: 'operator',
    message: `the database ${path} has schema version ${version}; this program needs version ${SCHEMA_VERSION}`,
    hint: 'Start this version of flexbridge serve once, or run flexbridge migrate: it brings the database up to date and makes a backup before. Nothing was changed.',
  });
}

/** Looks at the version again inside each transaction: another process may have been faster. */
export function applyMigrations(db: Database.Database): void {
  for (const [index, apply] of MIGRATIONS.entries()) {
    db.transaction(() => {
      if (index < schemaVersion(db)) return;
      apply(db);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}
