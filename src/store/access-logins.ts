import type Database from 'better-sqlite3';
import type { ConnectorAuth, ConnectorAuthKind } from '../domain/connector-auth.ts';
import type { AccessStore, StoredConnector, StoredOperator } from './access-store.ts';

interface ConnectorRow {
  readonly name: string;
  readonly kind: ConnectorAuthKind;
  readonly hashes: string;
  readonly clientId: string | null;
  readonly redirectUris: string | null;
  readonly acceptsBasic: number | null;
  readonly rotates: number | null;
  readonly feeds: string | null;
  readonly createdMs: number;
}

const COLUMNS = `name, kind, hashes, client_id AS clientId, redirect_uris AS redirectUris, accepts_basic AS acceptsBasic,
  rotates, feeds, created_ms AS createdMs`;

/** The tables `connector` and `operator`. */
export function accessLogins(
  db: Database.Database,
): Pick<AccessStore, 'connectors' | 'operators' | 'putConnector' | 'removeConnector' | 'addOperator'> {
  const connectors = db.prepare<[], ConnectorRow>(`SELECT ${COLUMNS} FROM connector ORDER BY name`);
  const operators = db.prepare<[], StoredOperator>(
    'SELECT name, password_hash AS passwordHash FROM operator ORDER BY name',
  );
  const putConnector = db.prepare<ConnectorRow>(
    `INSERT OR REPLACE INTO connector
       (name, kind, hashes, client_id, redirect_uris, accepts_basic, rotates, feeds, created_ms)
     VALUES (@name, @kind, @hashes, @clientId, @redirectUris, @acceptsBasic, @rotates, @feeds, @createdMs)`,
  );
  const putOperator = db.prepare<[string, string]>(
    'INSERT OR REPLACE INTO operator (name, password_hash) VALUES (?, ?)',
  );
  const removals = ['DELETE FROM code WHERE connector = ?', 'DELETE FROM refresh_token WHERE connector = ?'].map(
    (sql) => db.prepare<[string]>(sql),
  );
  const removeConnector = db.prepare<[string]>('DELETE FROM connector WHERE name = ?');
  return {
    connectors: () => connectors.all().map(toConnector),
    operators: () => operators.all(),
    putConnector: (connector) => {
      putConnector.run(toRow(connector));
    },
    removeConnector: (name) =>
      db
        .transaction(() => {
          for (const removal of removals) removal.run(name);
          return removeConnector.run(name).changes > 0;
        })
        .immediate(),
    addOperator: ({ name, passwordHash }) => {
      putOperator.run(name, passwordHash);
    },
  };
}

function toConnector(row: ConnectorRow): StoredConnector {
  const { name, feeds, createdMs } = row;
  return { name, auth: toAuth(row), feeds: feeds === null ? null : textsIn(feeds), createdMs };
}

function toAuth(row: ConnectorRow): ConnectorAuth {
  const { kind } = row;
  const hashes = textsIn(row.hashes);
  switch (kind) {
    case 'basic':
      return { kind, secretHashes: hashes };
    case 'oauth2':
      return {
        kind,
        clientId: row.clientId ?? row.name,
        secretHashes: hashes,
        redirectUris: textsIn(row.redirectUris ?? '[]'),
        acceptsBasic: row.acceptsBasic === 1,
        rotatesRefreshTokens: row.rotates === 1,
      };
    case 'urlKey':
      return { kind, keyHashes: hashes };
    case 'mtls':
      return { kind, fingerprints: hashes };
  }
}

function toRow({ name, auth, feeds, createdMs }: StoredConnector): ConnectorRow {
  const client = auth.kind === 'oauth2' ? auth : null;
  return {
    name,
    kind: auth.kind,
    hashes: JSON.stringify(hashesOf(auth)),
    clientId: client?.clientId ?? null,
    redirectUris: client === null ? null : JSON.stringify(client.redirectUris),
    acceptsBasic: client === null ? null : Number(client.acceptsBasic),
    rotates: client === null ? null : Number(client.rotatesRefreshTokens),
    feeds: feeds === null ? null : JSON.stringify(feeds),
    createdMs,
  };
}

function hashesOf(auth: ConnectorAuth): readonly string[] {
  switch (auth.kind) {
    case 'basic':
    case 'oauth2':
      return auth.secretHashes;
    case 'urlKey':
      return auth.keyHashes;
    case 'mtls':
      return auth.fingerprints;
  }
}

/** A list as it was written by `toRow`. */
function textsIn(json: string): readonly string[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
