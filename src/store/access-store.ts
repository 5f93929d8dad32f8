import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type DatabaseRole, guard } from './store-error.ts';

export interface StoredConnector {
  readonly name: string;
  readonly secretHash: string;
}
export interface StoredOperator {
  readonly name: string;
  readonly passwordHash: string;
}

/** Connectors and operators that were created, apart from the event store: losing events must not lose logins. */
export interface AccessStore {
  connectors(): readonly StoredConnector[];
  operators(): readonly StoredOperator[];
  addConnector(connector: StoredConnector): void;
  addOperator(operator: StoredOperator): void;
  close(): void;
}

const LOGINS: DatabaseRole = {
  name: 'the database of logins',
  whenDamaged:
    'It holds the logins that FlexBridge made; no event is in it. Restore a backup of it, or move it aside and start: new logins are written to initial-credentials, for the connector and for you.',
};

const SCHEMA = `
CREATE TABLE IF NOT EXISTS connector (name TEXT PRIMARY KEY, secret_hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS operator (name TEXT PRIMARY KEY, password_hash TEXT NOT NULL) WITHOUT ROWID;
`;

function open(path: string): Database.Database {
  const db = new Database(path, { timeout: 5000 });
  try {
    chmodSync(path, 0o600);
    db.exec(SCHEMA);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** `<data>/access.db`, mode 0600. Throws a BridgeError when it cannot be opened. */
export function openAccessStore(dataDir: string): AccessStore {
  const path = join(dataDir, 'access.db');
  const guarded = <Result>(work: () => Result): Result => guard(path, work, LOGINS);
  return guarded(() => {
    const db = open(path);
    const connectors = db.prepare<[], StoredConnector>(
      'SELECT name, secret_hash AS secretHash FROM connector ORDER BY name',
    );
    const operators = db.prepare<[], StoredOperator>(
      'SELECT name, password_hash AS passwordHash FROM operator ORDER BY name',
    );
    const putConnector = db.prepare<[string, string]>(
      'INSERT OR REPLACE INTO connector (name, secret_hash) VALUES (?, ?)',
    );
    const putOperator = db.prepare<[string, string]>(
      'INSERT OR REPLACE INTO operator (name, password_hash) VALUES (?, ?)',
    );
    return {
      connectors: () => guarded(() => connectors.all()),
      operators: () => guarded(() => operators.all()),
      addConnector: ({ name, secretHash }) => {
        guarded(() => putConnector.run(name, secretHash));
      },
      addOperator: ({ name, passwordHash }) => {
        guarded(() => putOperator.run(name, passwordHash));
      },
      close: () => {
        db.close();
      },
    };
  });
}
