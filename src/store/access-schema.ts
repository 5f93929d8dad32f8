import { chmodSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { BridgeError } from '../domain/errors.ts';

/** What the first releases wrote, without a version: one secret for each connector, every feed open to it. */
const UNVERSIONED = `
CREATE TABLE IF NOT EXISTS connector (name TEXT PRIMARY KEY, secret_hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS operator (name TEXT PRIMARY KEY, password_hash TEXT NOT NULL) WITHOUT ROWID;
`;

/** Lists are JSON arrays of text. A column that the connector's kind does not have is null. */
const KINDS = `
ALTER TABLE connector RENAME TO connector_basic;
CREATE TABLE connector (
  name TEXT PRIMARY KEY, kind TEXT NOT NULL, hashes TEXT NOT NULL, client_id TEXT, redirect_uris TEXT,
  accepts_basic INTEGER, rotates INTEGER, feeds TEXT, created_ms INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO connector (name, kind, hashes, created_ms)
  SELECT name, 'basic', json_array(secret_hash), :madeMs FROM connector_basic;
DROP TABLE connector_basic;
CREATE TABLE signing_key (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL);
CREATE TABLE code (
  hash TEXT PRIMARY KEY, client_id TEXT NOT NULL, connector TEXT NOT NULL, redirect_uri TEXT NOT NULL,
  code_challenge TEXT, operator TEXT NOT NULL, expires_ms INTEGER NOT NULL, grant_id TEXT NOT NULL,
  used INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE refresh_token (
  hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL, connector TEXT NOT NULL, client_id TEXT NOT NULL,
  created_by TEXT NOT NULL, created_ms INTEGER NOT NULL, used_ms INTEGER, replaced_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX refresh_token_of_grant ON refresh_token (grant_id);
`;

/** What this program writes. */
const VERSION = 1;

/** At opening, and for commands: waiting is no harm to them. */
const COMMAND_BUSY_MS = 5000;
/** Longest wait of `serve`: SQLite is called synchronously, so nothing else is answered meanwhile. */
const SERVE_BUSY_MS = 250;

/** @throws what SQLite throws; BridgeError STORE_NEWER */
export function openAccessDatabase(path: string, { serving }: { readonly serving: boolean }): Database.Database {
  // Nothing but a first start ever wrote an unversioned file: so old are its logins.
  const madeMs = Math.floor(statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const db = new Database(path, { timeout: COMMAND_BUSY_MS });
  try {
    chmodSync(path, 0o600);
    if (versionOf(db) !== VERSION) migrate(db, path, madeMs);
    if (serving) db.pragma(`busy_timeout = ${SERVE_BUSY_MS}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function versionOf(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Looks at the version again inside the transaction: another process may have been faster. */
function migrate(db: Database.Database, path: string, madeMs: number): void {
  db.transaction(() => {
    const version = versionOf(db);
    if (version > VERSION) throw newer(path, version);
    if (version === VERSION) return;
    db.exec(UNVERSIONED);
    db.exec(KINDS.replace(':madeMs', String(madeMs)));
    db.pragma(`user_version = ${VERSION}`);
  }).immediate();
}

function newer(path: string, version: number): BridgeError {
  return new BridgeError({
    code: 'STORE_NEWER',
    kind: 'operator',
    message: `the database of logins ${path} has schema version ${version}; this program knows versions up to ${VERSION}`,
    hint: 'A newer FlexBridge wrote it. Start that version, or restore a backup made before the upgrade. Nothing was changed.',
  });
}
