import { existsSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorAuth } from '../../../src/domain/connector-auth.ts';
import type { AccessStore, StoredCode, StoredRefreshToken } from '../../../src/store/access-store.ts';
import { openAccessStore } from '../../../src/store/sqlite-access-store.ts';

const DAY_MS = 86_400_000;
const BASIC: ConnectorAuth = { kind: 'basic', secretHashes: ['new', 'old'] };
const OAUTH2: ConnectorAuth = {
  kind: 'oauth2',
  clientId: 'client',
  secretHashes: ['s1'],
  redirectUris: ['http://localhost:1/a'],
  acceptsBasic: true,
  rotatesRefreshTokens: false,
};

let folder: string;
const opened: AccessStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-access-'));
});
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  rmSync(folder, { recursive: true });
});

/** As every process does it. */
function open(): AccessStore {
  const store = openAccessStore(folder);
  opened.push(store);
  return store;
}

function connector(name: string, auth: ConnectorAuth = BASIC) {
  return { name, auth, feeds: null, createdMs: 5 };
}

function code(codeHash: string, over: Partial<StoredCode> = {}): StoredCode {
  return {
    ...{ codeHash, clientId: 'client', connector: 'a', redirectUri: 'http://localhost:1/a', codeChallenge: null },
    ...{ operator: 'ops', expiresMs: 60_000, grant: 'g1' },
    ...over,
  };
}

function token(tokenHash: string, over: Partial<StoredRefreshToken> = {}): StoredRefreshToken {
  return {
    ...{ tokenHash, grant: 'g1', connector: 'a', clientId: 'client', createdBy: 'ops', createdMs: 1 },
    ...{ usedMs: null, replacedMs: null },
    ...over,
  };
}

describe('the store of logins', () => {
  it('keeps connectors of every kind and operators apart, by name, across a restart', () => {
    const store = open();
    expect([store.connectors(), store.operators()]).toEqual([[], []]);
    const kept = [
      { ...connector('a', OAUTH2), feeds: ['default', 'x'] },
      connector('b'),
      { ...connector('c', { kind: 'mtls', fingerprints: ['f1', 'f2'] }), feeds: [] },
      connector('d', { kind: 'urlKey', keyHashes: ['k'] }),
    ];
    for (const one of kept.toReversed()) store.putConnector(one);
    store.addOperator({ name: 'a', passwordHash: 'hash-o' });
    store.close();
    const again = open();
    expect(again.connectors()).toEqual(kept);
    expect(again.operators()).toEqual([{ name: 'a', passwordHash: 'hash-o' }]);
  });

  it('replaces a login of the same name', () => {
    const store = open();
    store.putConnector(connector('a'));
    store.putConnector(connector('a', OAUTH2));
    expect(store.connectors()).toEqual([connector('a', OAUTH2)]);
  });

  it('forgets a connector with its tokens and codes, and no others', () => {
    const store = open();
    for (const name of ['a', 'b']) {
      store.putConnector(connector(name));
      store.putCode(code(`code-${name}`, { connector: name }));
      store.putRefreshToken(token(`token-${name}`, { connector: name, grant: name }));
    }
    expect(store.removeConnector('a')).toBe(true);
    expect(store.removeConnector('a')).toBe(false);
    expect([store.takeCode('code-a'), store.refreshToken('token-a'), store.hasGrant('a')]).toEqual([null, null, false]);
    expect(store.connectors().map(({ name }) => name)).toEqual(['b']);
    expect([store.takeCode('code-b')?.wasUsed, store.hasGrant('b')]).toEqual([false, true]);
  });

  it('takes over the logins of a file of the first releases, and reads it the same the next time', () => {
    const path = join(folder, 'access.db');
    const before = new Database(path);
    before.exec(`CREATE TABLE connector (name TEXT PRIMARY KEY, secret_hash TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE operator (name TEXT PRIMARY KEY, password_hash TEXT NOT NULL) WITHOUT ROWID;
      INSERT INTO connector VALUES ('arcsight-01', 'h''1');
      INSERT INTO operator VALUES ('ops', 'h2');`);
    before.close();
    utimesSync(path, 1000, 1000);
    for (let turn = 0; turn < 2; turn += 1) {
      const store = open();
      expect(store.connectors()).toEqual([
        { name: 'arcsight-01', auth: { kind: 'basic', secretHashes: ["h'1"] }, feeds: null, createdMs: 1_000_000 },
      ]);
      expect(store.operators()).toEqual([{ name: 'ops', passwordHash: 'h2' }]);
      store.close();
    }
  });

  it('refuses a file of a newer version and leaves it as it is', () => {
    open().close();
    const path = join(folder, 'access.db');
    const newer = new Database(path);
    newer.pragma('user_version = 99');
    newer.close();
    expect(open).toThrow(expect.objectContaining({ code: 'STORE_NEWER', kind: 'operator' }) as Error);
    const after = new Database(path, { readonly: true });
    expect(after.pragma('user_version', { simple: true })).toBe(99);
    after.close();
  });

  it('is a file for its own account only, also when it was not', () => {
    const file = join(folder, 'access.db');
    writeFileSync(file, '', { mode: 0o644 });
    open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('says what is wrong with a file that is no database', () => {
    writeFileSync(join(folder, 'access.db'), 'no database at all, not even a short one. '.repeat(100));
    expect(open).toThrow(
      expect.objectContaining({
        code: 'STORE_DAMAGED',
        kind: 'operator',
        message: expect.stringContaining(`the database of logins ${join(folder, 'access.db')} is damaged`) as string,
        hint: expect.stringContaining('new logins are written to initial-credentials') as string,
      }) as Error,
    );
  });

  it('says when its folder is missing, and makes none', () => {
    const missing = join(folder, 'missing');
    expect(() => openAccessStore(missing)).toThrow(
      expect.objectContaining({ code: 'STORE_CANNOT_OPEN', kind: 'operator' }) as Error,
    );
    expect(existsSync(missing)).toBe(false);
  });

  it('fails as an error with a remedy when its tables are taken away while it is open', () => {
    const store = open();
    const other = new Database(join(folder, 'access.db'));
    other.exec('DROP TABLE refresh_token');
    other.close();
    expect(() => store.hasGrant('g1')).toThrow(
      expect.objectContaining({ code: 'STORE_FAILED', kind: 'operator' }) as Error,
    );
  });
});

describe('a lock of another process', () => {
  it('is not waited for long by what others wait for', () => {
    open();
    const serving = openAccessStore(folder, { serving: true });
    opened.push(serving);
    const locker = new Database(join(folder, 'access.db'));
    locker.exec('BEGIN EXCLUSIVE');
    const began = performance.now();
    expect(() => serving.version()).toThrow('locked by another process');
    expect(() => serving.refreshToken('t1')).toThrow('locked by another process');
    expect(performance.now() - began).toBeLessThan(3000);
    locker.close();
    expect(serving.refreshToken('t1')).toBeNull();
  });
});

describe('the version of the logins', () => {
  it('stays the same while nothing changes, and is another one after each change of this process', () => {
    const store = open();
    const changes: readonly (() => unknown)[] = [
      () => {
        store.putConnector(connector('a'));
      },
      () => {
        store.addOperator({ name: 'o', passwordHash: 'h' });
      },
      () => {
        store.putRefreshToken(token('t1'));
      },
      () => {
        store.replaceRefreshToken('t1', token('t2', { createdMs: 2 }));
      },
      () => store.revokeGrant('g1'),
      () => store.removeConnector('a'),
    ];
    const seen = new Set([store.version()]);
    for (const change of changes) {
      expect(seen.has(store.version())).toBe(true);
      change();
      expect(seen.has(store.version())).toBe(false);
      seen.add(store.version());
    }
  });

  it('is another one after a change that another process made', () => {
    const [ours, theirs] = [open(), open()];
    const before = ours.version();
    theirs.putConnector(connector('a'));
    expect(ours.version()).not.toBe(before);
    expect(ours.connectors()).toHaveLength(1);
  });
});

describe('the signing key', () => {
  it('is made once, whoever asks first, and has 32 bytes', () => {
    const [first, second] = [open(), open()];
    const key = first.signingKey();
    expect(key).toHaveLength(32);
    expect(second.signingKey()).toEqual(key);
    first.close();
    expect(open().signingKey()).toEqual(key);
  });
});

describe('an authorization code', () => {
  it('is used up by whoever takes it first, also of two processes', () => {
    const [ours, theirs] = [open(), open()];
    const put = code('c1', { codeChallenge: 'challenge' });
    ours.putCode(put);
    expect(theirs.takeCode('c1')).toEqual({ code: put, wasUsed: false });
    expect(ours.takeCode('c1')).toEqual({ code: put, wasUsed: true });
    expect(theirs.takeCode('c1')).toEqual({ code: put, wasUsed: true });
    expect(ours.takeCode('c2')).toBeNull();
  });

  it('is forgotten a day after its end', () => {
    const store = open();
    store.putCode(code('old', { expiresMs: 1000 }));
    store.putCode(code('new', { expiresMs: 1000 + DAY_MS }));
    expect(store.takeCode('old')).not.toBeNull();
    store.putCode(code('newer', { expiresMs: 1001 + DAY_MS }));
    expect(store.takeCode('old')).toBeNull();
    expect(store.takeCode('new')).not.toBeNull();
  });
});

describe('a refresh token', () => {
  it('is found by its hash, and the newest are listed first', () => {
    const store = open();
    store.putRefreshToken(token('t1', { createdMs: 1 }));
    store.putRefreshToken(token('t2', { createdMs: 2, grant: 'g2' }));
    expect(store.refreshToken('t1')).toEqual(token('t1', { createdMs: 1 }));
    expect(store.refreshToken('t3')).toBeNull();
    expect(store.refreshTokens().map(({ tokenHash }) => tokenHash)).toEqual(['t2', 't1']);
  });

  it('keeps its first successor, whoever replaces it again', () => {
    const store = open();
    store.putRefreshToken(token('t1'));
    store.replaceRefreshToken('t1', token('t2', { createdMs: 50 }));
    store.replaceRefreshToken('t1', token('t3', { createdMs: 60 }));
    expect(store.refreshToken('t1')?.replacedMs).toBe(50);
    expect(store.refreshToken('t2')).toEqual(token('t2', { createdMs: 50 }));
    expect(store.refreshToken('t3')).toBeNull();
  });

  it('that was revoked meanwhile gets no successor', () => {
    const store = open();
    store.putRefreshToken(token('t1'));
    store.revokeGrant('g1');
    store.replaceRefreshToken('t1', token('t2'));
    expect(store.refreshTokens()).toEqual([]);
  });

  it('that was replaced long ago is forgotten, so that rotation does not fill the file', () => {
    const store = open();
    store.putRefreshToken(token('t0', { createdMs: 0 }));
    for (let day = 1; day <= 100; day += 1)
      store.replaceRefreshToken(`t${day - 1}`, token(`t${day}`, { createdMs: day * DAY_MS }));
    expect(store.refreshTokens()).toHaveLength(32);
    expect(store.refreshToken('t100')?.replacedMs).toBeNull();
  });

  it('is noted as used to the day, and never earlier than it was', () => {
    const store = open();
    store.putRefreshToken(token('t1'));
    const used = (nowMs: number) => {
      store.noteUse('t1', nowMs);
      return store.refreshToken('t1')?.usedMs;
    };
    expect([used(DAY_MS + 5), used(DAY_MS + 6), used(2 * DAY_MS + 1), used(DAY_MS)]).toEqual([
      ...[DAY_MS, DAY_MS, 2 * DAY_MS, 2 * DAY_MS],
    ]);
    store.noteUse('nobody', DAY_MS);
  });

  it('that was used today already is refreshed without a write, so that it works while nothing can be written', () => {
    const store = open();
    store.putRefreshToken(token('t1'));
    store.noteUse('t1', DAY_MS + 5);
    const locker = new Database(join(folder, 'access.db'));
    locker.exec('BEGIN IMMEDIATE');
    store.noteUse('t1', DAY_MS + 6);
    expect(store.hasGrant('g1')).toBe(true);
    locker.close();
  });

  it('is revoked with everything of its grant', () => {
    const store = open();
    store.putRefreshToken(token('t1'));
    store.replaceRefreshToken('t1', token('t2'));
    store.putRefreshToken(token('other', { grant: 'g2' }));
    store.putCode(code('c1'));
    expect(store.hasGrant('g1')).toBe(true);
    expect(store.revokeGrant('g1')).toBe(true);
    expect(store.revokeGrant('g1')).toBe(false);
    expect([store.hasGrant('g1'), store.hasGrant('g2'), store.takeCode('c1')]).toEqual([false, true, null]);
  });
});
