import { randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import type { AccessStore, StoredCode, StoredRefreshToken } from './access-store.ts';

const DAY_MS = 86_400_000;
/** How long a token that has a successor is known as such. */
const REPLACED_KEPT_MS = 30 * DAY_MS;

type CodeRow = StoredCode & { readonly used: number };
type Grants = Omit<
  AccessStore,
  'version' | 'connectors' | 'operators' | 'putConnector' | 'removeConnector' | 'addOperator' | 'close'
>;

/** What OAuth2 has given out: the signing key, codes and refresh tokens. */
export function accessGrants(db: Database.Database): Grants {
  return { ...signing(db), ...codes(db), ...refreshTokens(db) };
}

function signing(db: Database.Database): Pick<Grants, 'signingKey'> {
  const read = db.prepare<[], Buffer>('SELECT key FROM signing_key').pluck();
  const make = db.prepare<[Buffer]>('INSERT OR IGNORE INTO signing_key (id, key) VALUES (1, ?)');
  // Whoever inserts second finds the key of the first.
  const made = db.transaction(() => {
    const key = randomBytes(32);
    make.run(key);
    return read.get() ?? key;
  });
  return { signingKey: () => read.get() ?? made.immediate() };
}

function codes(db: Database.Database): Pick<Grants, 'putCode' | 'takeCode'> {
  const put = db.prepare<StoredCode>(
    `INSERT INTO code (hash, client_id, connector, redirect_uri, code_challenge, operator, expires_ms, grant_id)
     VALUES (@codeHash, @clientId, @connector, @redirectUri, @codeChallenge, @operator, @expiresMs, @grant)`,
  );
  const forget = db.prepare<[number]>('DELETE FROM code WHERE expires_ms < ?');
  const find = db.prepare<[string], CodeRow>(
    `SELECT hash AS codeHash, client_id AS clientId, connector, redirect_uri AS redirectUri,
       code_challenge AS codeChallenge, operator, expires_ms AS expiresMs, grant_id AS "grant", used
     FROM code WHERE hash = ?`,
  );
  const use = db.prepare<[string]>('UPDATE code SET used = 1 WHERE hash = ?');
  return {
    putCode: (code) => {
      db.transaction(() => {
        // A code lives for a minute, so the end of this one stands for now.
        forget.run(code.expiresMs - DAY_MS);
        put.run(code);
      }).immediate();
    },
    takeCode: (codeHash) =>
      db
        .transaction(() => {
          const row = find.get(codeHash);
          if (row === undefined) return null;
          use.run(codeHash);
          const { used, ...code } = row;
          return { code, wasUsed: used === 1 };
        })
        .immediate(),
  };
}

const TOKEN_COLUMNS = `hash AS tokenHash, grant_id AS "grant", connector, client_id AS clientId, created_by AS createdBy,
  created_ms AS createdMs, used_ms AS usedMs, replaced_ms AS replacedMs`;

function refreshTokens(
  db: Database.Database,
): Pick<
  Grants,
  'putRefreshToken' | 'refreshToken' | 'refreshTokens' | 'hasGrant' | 'replaceRefreshToken' | 'noteUse' | 'revokeGrant'
> {
  const put = db.prepare<StoredRefreshToken>(
    `INSERT INTO refresh_token (hash, grant_id, connector, client_id, created_by, created_ms, used_ms, replaced_ms)
     VALUES (@tokenHash, @grant, @connector, @clientId, @createdBy, @createdMs, @usedMs, @replacedMs)`,
  );
  const one = db.prepare<[string], StoredRefreshToken>(`SELECT ${TOKEN_COLUMNS} FROM refresh_token WHERE hash = ?`);
  const all = db.prepare<[], StoredRefreshToken>(
    `SELECT ${TOKEN_COLUMNS} FROM refresh_token ORDER BY created_ms DESC, hash`,
  );
  const hasGrant = db.prepare<[string], number>('SELECT 1 FROM refresh_token WHERE grant_id = ?').pluck();
  const forget = db.prepare<[string, number]>('DELETE FROM refresh_token WHERE grant_id = ? AND replaced_ms < ?');
  const replace = db.prepare<[number, string]>('UPDATE refresh_token SET replaced_ms = ? WHERE hash = ?');
  const noteUse = db.prepare<[number, string]>('UPDATE refresh_token SET used_ms = ? WHERE hash = ?');
  const revocations = ['DELETE FROM code WHERE grant_id = ?', 'DELETE FROM refresh_token WHERE grant_id = ?'].map(
    (sql) => db.prepare<[string]>(sql),
  );
  return {
    putRefreshToken: (token) => {
      put.run(token);
    },
    refreshToken: (tokenHash) => one.get(tokenHash) ?? null,
    refreshTokens: () => all.all(),
    hasGrant: (grant) => hasGrant.get(grant) !== undefined,
    replaceRefreshToken: (tokenHash, successor) => {
      db.transaction(() => {
        const old = one.get(tokenHash);
        // Revoked meanwhile: a successor would bring it back.
        if (old === undefined || old.replacedMs !== null) return;
        forget.run(old.grant, successor.createdMs - REPLACED_KEPT_MS);
        replace.run(successor.createdMs, tokenHash);
        put.run(successor);
      }).immediate();
    },
    noteUse: (tokenHash, nowMs) => {
      const day = nowMs - (nowMs % DAY_MS);
      const token = one.get(tokenHash);
      // Looked at first: a refresh must be possible where nothing can be written.
      if (token !== undefined && (token.usedMs ?? -1) < day) noteUse.run(day, tokenHash);
    },
    revokeGrant: (grant) =>
      db.transaction(() => revocations.map((one) => one.run(grant).changes).some((rows) => rows > 0)).immediate(),
  };
}
