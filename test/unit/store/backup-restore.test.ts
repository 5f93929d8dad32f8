import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { openAccessStore } from '../../../src/store/sqlite-access-store.ts';
import { type BackupRequest, backup } from '../../../src/store/sqlite-backup.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { checkBackup, type RestoreRequest, restore } from '../../../src/store/sqlite-restore.ts';
import { aBatch, aFeed, aPage, aPosition, IDLE, KEY, LIMITS } from '../../contract/detection-store.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';
import { readAfter } from '../../support/read-after.ts';

const START = '2026-01-01T12:00:00Z';

let root: string;
let dataDir: string;
let storePath: string;
let file: string;
let clock: SteppedClock;
let store: DetectionStore;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'flexbridge-backup-'));
  dataDir = join(root, 'data');
  storePath = join(dataDir, 'events.db');
  file = join(root, 'one.backup');
  clock = steppedClock(START);
  store = createSqliteStore({ path: storePath, clock, serving: true });
  await store.ensureFeeds([aFeed()]);
  await append(30, 'a');
  await store.savePosition(aPosition({ acknowledged: 20, page: aPage({ from: 21, to: 30 }) }));
});
afterEach(async () => {
  await store.close();
  rmSync(root, { recursive: true });
});

const append = (count: number, prefix: string) =>
  store.append(
    aBatch({ records: Array.from({ length: count }, (_, index) => anAlert({ alertId: `${prefix}-${index}` })) }),
  );

const take = (overrides: Partial<BackupRequest> = {}) =>
  backup({
    ...{ storePath, dataDir, withTls: true, out: file, replace: false, program: '1.2.3', nowMs: clock.now() },
    progress: () => undefined,
    ...overrides,
  });

const putBack = (overrides: Partial<RestoreRequest> = {}) =>
  restore({
    ...{ file, storePath, dataDir, all: false, requestedBy: 'kim', nowMs: clock.now(), progress: () => undefined },
    ...overrides,
  });

/** What is in the place of the store now, for as long as the work takes. */
async function onStore<Result>(work: (opened: DetectionStore) => Promise<Result>, path = storePath): Promise<Result> {
  const opened = createSqliteStore({ path, clock, serving: true });
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

const seqsAfter = async (opened: DetectionStore, after: number): Promise<readonly unknown[]> => {
  const { body } = await readAfter(opened, 'default', after, LIMITS, { kind: 'stored' });
  return (JSON.parse(body.toString()) as Record<string, unknown>[]).map(({ AlertId }) => AlertId);
};

function logins(name: string): void {
  const access = openAccessStore(dataDir);
  access.putConnector({ name, auth: { kind: 'basic', secretHashes: [`hash of ${name}`] }, feeds: null, createdMs: 1 });
  access.putRefreshToken({
    ...{ tokenHash: `token of ${name}`, grant: name, connector: name, clientId: name, createdBy: 'ops' },
    ...{ createdMs: 1, usedMs: null, replacedMs: null },
  });
  access.close();
}

describe('a backup', () => {
  it('is one file for its owner only, of one moment, while the store is written', async () => {
    const shares: number[] = [];
    const busy: Promise<unknown>[] = [];
    const report = await take({
      progress: (done, total) => {
        shares.push(done / total);
        busy.push(append(5, `later-${shares.length}`));
      },
    });
    await Promise.all(busy);
    expect(report).toMatchObject({ file, schema: 5, takenMs: clock.now(), alerts: 30, bytes: statSync(file).size });
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(root).toSorted()).toEqual(['data', 'one.backup']);
    const copy = new Database(file, { readonly: true });
    expect(copy.pragma('journal_mode', { simple: true })).toBe('delete');
    expect(copy.prepare('SELECT count(*) FROM alert').pluck().get()).toBe(30);
    copy.close();
    expect((await store.stats()).alerts).toBeGreaterThan(30);
  });

  it('has a name of its own in a folder', async () => {
    mkdirSync(join(root, 'backups'));
    expect((await take({ out: join(root, 'backups') })).file).toBe(
      join(root, 'backups', 'flexbridge-20260101T120000Z.backup'),
    );
  });

  it('replaces no file unless told, and then only by a complete one', async () => {
    writeFileSync(file, 'mine');
    await expect(take()).rejects.toMatchObject({ code: 'BACKUP_EXISTS', kind: 'operator' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await take({ replace: true });
    expect(checkBackup(file).alerts).toBe(30);
  });

  it('leaves nothing behind where it cannot be written', async () => {
    await expect(take({ out: join(root, 'missing', 'one.backup') })).rejects.toMatchObject({ kind: 'operator' });
    expect(readdirSync(root)).toEqual(['data']);
  });

  it('holds logins and certificate, the latter unless told otherwise, and no initial password', async () => {
    logins('arcsight-01');
    mkdirSync(join(dataDir, 'tls'));
    writeFileSync(join(dataDir, 'tls', 'ca.pem'), 'the ca');
    writeFileSync(join(dataDir, 'initial-credentials'), 'secret');
    expect((await take()).files).toEqual(['access.db', 'tls/ca.pem']);
    expect((await take({ withTls: false, replace: true })).files).toEqual(['access.db']);
  });

  it('says of what is damaged that it is, and is not made of it', async () => {
    await store.close();
    truncateSync(storePath, 40_000);
    await expect(take()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    expect(existsSync(file)).toBe(false);
    rmSync(storePath);
    store = createSqliteStore({ path: storePath, clock });
  });
});

describe('the look through a backup', () => {
  it('says what it holds, and changes nothing', async () => {
    logins('arcsight-01');
    await take();
    const before = readFileSync(file);
    expect(checkBackup(file)).toEqual({
      ...{ file, schema: 5, takenMs: clock.now(), program: '1.2.3', alerts: 30, connectors: 1, files: ['access.db'] },
      feeds: [{ name: 'default', lastSeq: 30 }],
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it.each([
    [
      'a text',
      (at: string) => {
        writeFileSync(at, 'no backup '.repeat(1000));
      },
      'STORE_DAMAGED',
    ],
    [
      'an empty file',
      (at: string) => {
        writeFileSync(at, '');
      },
      'BACKUP_FOREIGN',
    ],
    [
      'half of one',
      (at: string) => {
        truncateSync(at, Math.floor(statSync(at).size / 2));
      },
      'STORE_DAMAGED',
    ],
    [
      'nothing',
      (at: string) => {
        rmSync(at);
      },
      'STORE_CANNOT_OPEN',
    ],
    [
      'another database',
      (at: string) => {
        foreign(at, 'CREATE TABLE other (x)');
      },
      'BACKUP_FOREIGN',
    ],
    [
      'one of a newer version',
      (at: string) => {
        foreign(at, 'PRAGMA user_version = 99');
      },
      'STORE_NEWER',
    ],
  ])('refuses %s, and so does putting it back, which leaves the store alone', async (_, spoil, code) => {
    await take();
    spoil(file);
    await store.close();
    const before = readFileSync(storePath);
    expect(() => checkBackup(file)).toThrow(expect.objectContaining({ code, kind: 'operator' }) as Error);
    await expect(putBack()).rejects.toMatchObject({ code, kind: 'operator' });
    expect(readFileSync(storePath).equals(before)).toBe(true);
    expect(readdirSync(dataDir)).toEqual(['events.db']);
    store = createSqliteStore({ path: storePath, clock });
  });
});

function foreign(at: string, sql: string): void {
  rmSync(at);
  const db = new Database(at);
  db.exec(sql);
  db.close();
}

describe('a restore', () => {
  /** The backup is taken, then more happens, then the service ends. */
  const later = async (): Promise<void> => {
    await take();
    clock.step(3_600_000);
    await append(10, 'b');
    await store.savePosition(aPosition({ revision: 2, acknowledged: 40 }));
    await store.append(aBatch({ checkpoint: { ...IDLE, watermark: instant('2026-01-01T11:00:00Z') } }));
    await store.addAudit({ who: 'kim', action: 'cut-over', details: {} });
    await store.close();
  };

  it('goes on from the backup: repeats, no gaps, numbers above all that were given', async () => {
    await later();
    await putBack();
    await onStore(async (restored) => {
      await restored.ensureFeeds([aFeed()]);
      expect((await restored.checkpoint(KEY)).watermark).toBe(IDLE.watermark);
      expect(await restored.position('arcsight-01', 'default')).toMatchObject({ acknowledged: 20, page: null });
      expect(await seqsAfter(restored, 20)).toHaveLength(10);
      const records = Array.from({ length: 10 }, (_, index) => anAlert({ alertId: `b-${index}` }));
      expect(await restored.append(aBatch({ records }))).toMatchObject({ fresh: 10, events: 10 });
      const { lastSeq } = await restored.feedStats('default');
      expect(lastSeq).toBeGreaterThan(40 + 10);
      expect(await seqsAfter(restored, 40)).toEqual(records.map(({ alertId }) => alertId));
      clock.step(31 * 86_400_000);
      const policy = { ageMs: 30 * 86_400_000, sizeBytes: null, undeliveredMs: 90 * 86_400_000 };
      const readers = [{ feed: 'default', connectors: ['arcsight-01'] }];
      expect(await restored.held({ policy, readers })).toMatchObject([{ events: 20 }]);
    });
  });

  it('is another generation, and says in the audit trail who did it, after what was done since', async () => {
    const generation = async (opened: DetectionStore) => (await opened.feedSpan('default')).generation;
    const before = await generation(store);
    await later();
    await putBack();
    await onStore(async (restored) => {
      expect(await generation(restored)).not.toBe(before);
      expect(await restored.audit(10)).toMatchObject([
        { who: 'kim', action: 'restore', details: { file: 'one.backup', taken: '2026-01-01T12:00:00.000Z' } },
        { who: 'kim', action: 'cut-over' },
      ]);
    });
  });

  it('keeps what was there, log and all', async () => {
    await later();
    const { aside } = await putBack();
    expect(aside).toBe(`${storePath}.replaced-20260101T130000Z`);
    if (aside === null) return;
    await onStore(async (before) => {
      expect((await before.stats()).alerts).toBe(40);
    }, aside);
  });

  it('does a replay that was under way then not once more', async () => {
    await store.addCommand({ kind: 'replay', args: {}, requestedBy: 'kim' });
    await later();
    await putBack();
    await onStore(async (restored) => {
      expect(await restored.takeCommand()).toBeNull();
    });
  });

  it('on a new machine brings logins and certificate with it, for their owner only, and leaves no key in the database', async () => {
    logins('arcsight-01');
    mkdirSync(join(dataDir, 'tls'));
    const key = 'the key of the certificate, long enough to be looked for';
    writeFileSync(join(dataDir, 'tls', 'server-key.pem'), key);
    await take();
    expect(readFileSync(file).includes(key)).toBe(true);
    const fresh = join(root, 'fresh', 'data');
    const to = join(fresh, 'events.db');
    const report = await putBack({ storePath: to, dataDir: fresh });
    expect(report).toMatchObject({ aside: null, placed: ['access.db', 'tls/server-key.pem'], leftOut: [] });
    expect(readFileSync(join(fresh, 'tls', 'server-key.pem'), 'utf8')).toBe(key);
    expect(statSync(join(fresh, 'tls', 'server-key.pem')).mode & 0o777).toBe(0o600);
    const access = openAccessStore(fresh);
    expect(access.connectors()).toEqual([
      {
        name: 'arcsight-01',
        auth: { kind: 'basic', secretHashes: ['hash of arcsight-01'] },
        feeds: null,
        createdMs: 1,
      },
    ]);
    expect(access.hasGrant('arcsight-01')).toBe(true);
    access.close();
    expect(readFileSync(to).includes(key)).toBe(false);
    expect(readdirSync(fresh).toSorted()).toEqual(['access.db', 'events.db', 'tls']);
  });

  it('leaves logins alone that are there, unless told to put back all', async () => {
    logins('then');
    await take();
    logins('since');
    await store.close();
    const names = (): readonly string[] => {
      const access = openAccessStore(dataDir);
      const found = access.connectors().map(({ name }) => name);
      access.close();
      return found;
    };
    expect(await putBack()).toMatchObject({ placed: [], leftOut: ['access.db'] });
    expect(names()).toEqual(['since', 'then']);
    clock.step(1000);
    expect(await putBack({ all: true })).toMatchObject({ placed: ['access.db'], leftOut: [] });
    expect(names()).toEqual(['then']);
    expect(existsSync(join(dataDir, 'access.db.replaced-20260101T120001Z'))).toBe(true);
  });

  it('takes a copy of the database that was made another way', async () => {
    await store.close();
    cpSync(storePath, file);
    expect(await putBack()).toMatchObject({ contents: { takenMs: null, program: null, alerts: 30 }, placed: [] });
  });

  it('takes the place of a database that cannot be read', async () => {
    await later();
    writeFileSync(storePath, 'no database '.repeat(1000));
    const { aside } = await putBack();
    expect(readFileSync(aside ?? '', 'utf8')).toContain('no database');
    await onStore(async (restored) => {
      expect((await restored.stats()).alerts).toBe(30);
    });
  });

  it('is finished by the next start when it was killed before the last rename', async () => {
    await later();
    await putBack();
    renameSync(storePath, `${storePath}.incoming-replaced-20260101T140000Z`);
    writeFileSync(`${storePath}.draft`, 'of a restore that was killed before that one');
    await onStore(async (restored) => {
      expect((await restored.stats()).alerts).toBe(30);
    });
    expect(existsSync(`${storePath}.draft`)).toBe(false);
  });

  it('writes nothing outside of the data folder, whatever a file says it holds', async () => {
    await take();
    const db = new Database(file);
    const insert = db.prepare('INSERT INTO backup_file VALUES (?, ?)');
    for (const name of ['../evil', '/tmp/evil', 'tls/../../evil', 'tls/.hidden', 'flexbridge.yaml'])
      insert.run(name, Buffer.from('x'));
    db.close();
    await store.close();
    expect(await putBack({ all: true })).toMatchObject({ placed: [], leftOut: [] });
    expect(readdirSync(dirname(dataDir)).toSorted()).toEqual(['data', 'one.backup']);
  });
});
