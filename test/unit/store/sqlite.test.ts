import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import { NO_CHECKPOINT } from '../../../src/domain/window.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { createAppender } from '../../../src/store/sqlite-append.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { guard, RUNNING_DATABASE, toStoreError } from '../../../src/store/store-error.ts';
import { aBatch, aFeed, KEY, LIMITS } from '../../contract/detection-store.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { readAfter } from '../../support/read-after.ts';

const STAMP = { kind: 'stored' } as const;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-sqlite-'));
  path = join(folder, 'data', 'events.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A database that another program wrote, closed and gone. */
function foreign(sql: string): void {
  mkdirSync(join(folder, 'data'), { recursive: true });
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

function failure(work: () => unknown): BridgeError {
  try {
    work();
  } catch (error) {
    if (error instanceof BridgeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('opening the event database', () => {
  it('makes folder and file, the folder for nobody else, and keeps what is in it', () => {
    const db = openSqlite(path);
    db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run('mine', 'kept');
    db.close();
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    const again = openSqlite(path);
    expect(again.prepare("SELECT value FROM meta WHERE key = 'mine'").pluck().get()).toBe('kept');
    expect(again.pragma('journal_mode', { simple: true })).toBe('wal');
    // 2: FULL
    expect(again.pragma('synchronous', { simple: true })).toBe(2);
    again.close();
  });

  it('gives each database a name of its own, which stays', () => {
    const generation = (file: string): unknown => {
      const db = openSqlite(file);
      const value = db.prepare("SELECT value FROM meta WHERE key = 'generation'").pluck().get();
      db.close();
      return value;
    };
    expect(generation(path)).toMatch(/^[0-9a-f]{16}$/);
    expect(generation(path)).toBe(generation(path));
    expect(generation(join(folder, 'other.db'))).not.toBe(generation(path));
  });

  it('refuses a newer schema and leaves the file as it was', () => {
    foreign('CREATE TABLE later (x); PRAGMA user_version = 99;');
    const before = readFileSync(path);
    for (const readOnly of [false, true]) {
      const error = failure(() => openSqlite(path, { readOnly }));
      expect(error).toMatchObject({ code: 'STORE_NEWER', kind: 'operator' });
      expect(error.message).toContain('99');
    }
    expect(readFileSync(path)).toEqual(before);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it('refuses a file that is no database and leaves it as it was', () => {
    mkdirSync(join(folder, 'data'));
    const garbage = Buffer.from('{"this":"is no database"}\n'.repeat(2000));
    writeFileSync(path, garbage);
    for (const readOnly of [false, true])
      expect(failure(() => openSqlite(path, { readOnly }))).toMatchObject({ code: 'STORE_DAMAGED', kind: 'operator' });
    expect(readFileSync(path)).toEqual(garbage);
  });

  it('refuses a folder in the place of the file', () => {
    mkdirSync(path, { recursive: true });
    expect(failure(() => openSqlite(path))).toMatchObject({ code: 'STORE_CANNOT_OPEN', kind: 'operator' });
  });

  it('refuses a path below a file', () => {
    writeFileSync(join(folder, 'file'), '');
    const error = failure(() => openSqlite(join(folder, 'file', 'events.db')));
    expect(error).toMatchObject({ code: 'STORE_FAILED', kind: 'operator' });
    expect(error.message).toContain('mkdir');
  });

  it('only to look neither makes a file nor a folder', () => {
    for (const missing of [path, join(folder, 'missing.db')])
      expect(failure(() => openSqlite(missing, { readOnly: true }))).toMatchObject({ code: 'STORE_CANNOT_OPEN' });
    expect(existsSync(join(folder, 'data'))).toBe(false);
    expect(existsSync(join(folder, 'missing.db'))).toBe(false);
  });

  it('only to look cannot write', () => {
    openSqlite(path).close();
    const db = openSqlite(path, { readOnly: true });
    const error = failure(() => guard(path, () => db.exec('DELETE FROM meta')));
    expect(error).toMatchObject({ code: 'STORE_READ_ONLY', kind: 'operator' });
    db.close();
  });

  it('only to look asks for a start of the service where the schema is not there yet', () => {
    foreign('PRAGMA user_version = 0;');
    expect(failure(() => createSqliteStore({ path, clock: steppedClock(0), readOnly: true }))).toMatchObject({
      code: 'STORE_OLDER',
      kind: 'operator',
    });
  });

  it('takes an empty file for what is left of a database, and leaves its log alone', () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(path, '');
    writeFileSync(`${path}-wal`, 'may hold everything');
    for (const readOnly of [false, true])
      expect(failure(() => openSqlite(path, { readOnly }))).toMatchObject({ code: 'STORE_DAMAGED', kind: 'operator' });
    expect(readFileSync(`${path}-wal`, 'utf8')).toBe('may hold everything');
  });

  it('begins anew where a start was killed while it made the file', () => {
    mkdirSync(join(folder, 'data'));
    for (const left of ['.new', '.new-journal']) writeFileSync(`${path}${left}`, 'half of a database');
    openSqlite(path).close();
    expect(readdirSync(join(folder, 'data'))).toEqual(['events.db']);
  });

  it('waits for another process as long as it was told, 5 seconds unless told', () => {
    const busyMs = (db: Database.Database): unknown => db.pragma('busy_timeout', { simple: true });
    const dbs = [openSqlite(path), openSqlite(path, { busyMs: 7 }), openSqlite(path, { readOnly: true })];
    expect(dbs.map(busyMs)).toEqual([5000, 7, 5000]);
    for (const db of dbs) db.close();
  });
});

describe('a failure of the database', () => {
  it('that is unknown keeps what SQLite or the system said', () => {
    const io = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' });
    expect(toStoreError('/x.db', io)).toMatchObject({ code: 'STORE_FAILED', kind: 'operator', cause: io });
  });

  it.each([
    ['SQLITE_BUSY', 'STORE_BUSY', 'transient'],
    ['SQLITE_BUSY_SNAPSHOT', 'STORE_BUSY', 'transient'],
    ['SQLITE_LOCKED', 'STORE_BUSY', 'transient'],
    ['SQLITE_FULL', 'STORE_FULL', 'operator'],
    ['SQLITE_READONLY_DBMOVED', 'STORE_READ_ONLY', 'operator'],
    ['SQLITE_CORRUPT_INDEX', 'STORE_DAMAGED', 'operator'],
    ['SQLITE_NOTADB', 'STORE_DAMAGED', 'operator'],
    ['SQLITE_CANTOPEN_ISDIR', 'STORE_CANNOT_OPEN', 'operator'],
    ['SQLITE_IOERR_FSYNC', 'STORE_WRITE_FAILED', 'operator'],
    ['SQLITE_IOERR_SHMSIZE', 'STORE_FULL', 'operator'],
    ['SQLITE_IOERR_READ', 'STORE_FAILED', 'operator'],
    ['ENOSPC', 'STORE_FULL', 'operator'],
    ['EROFS', 'STORE_READ_ONLY', 'operator'],
    ['EPERM', 'STORE_WRITE_FAILED', 'operator'],
    ['EACCES', 'STORE_FAILED', 'operator'],
  ])('%s becomes %s, %s, with the path and a remedy', (code, expected, kind) => {
    const error = toStoreError('/data/x.db', Object.assign(new Error('its words'), { code }));
    expect(error).toMatchObject({ code: expected, kind });
    if (!(error instanceof BridgeError)) throw new Error('no BridgeError');
    expect(error.message).toContain('/data/x.db');
    expect(error.message).toContain('its words');
    expect(error.hint).not.toBe('');
  });

  it('of a database in use does not claim that the file is as it was', () => {
    const damage = Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' });
    const hints = [toStoreError('/x.db', damage), toStoreError('/x.db', damage, RUNNING_DATABASE)].map((error) =>
      error instanceof BridgeError ? error.hint : '',
    );
    for (const hint of hints) expect(hint).toMatch(/flexbridge restore FILE.*flexbridge serve --salvage/);
    expect(hints.map((hint) => hint.includes('not touched'))).toEqual([true, false]);
  });

  it('that is a defect, or is told already, stays what it is', () => {
    const defect = new TypeError('x is not a function');
    expect(toStoreError('/x.db', defect)).toBe(defect);
    const told = new BridgeError({ code: 'X', kind: 'bug', message: '', hint: '' });
    expect(toStoreError('/x.db', told)).toBe(told);
    expect(toStoreError('/x.db', 'text')).toBe('text');
  });
});

describe('a long batch', () => {
  it('lets the feed have its turn though nothing of it is new', async () => {
    const store = createSqliteStore({ path, clock: steppedClock(0) });
    const records = Array.from({ length: 2500 }, (_, index) => anAlert({ alertId: `da-${index}` }));
    await store.append(aBatch({ records }));
    let turns = 0;
    const over = new AbortController();
    const others = (async () => {
      for (; !over.signal.aborted; turns += 1) await setImmediate();
    })();
    expect(await store.append(aBatch({ records }))).toMatchObject({ duplicate: 2500 });
    over.abort();
    await others;
    expect(turns).toBeGreaterThanOrEqual(3);
    await store.close();
  });
});

describe('a full disk', () => {
  const batch = (count: number, watermark: string) =>
    aBatch({
      records: Array.from({ length: count }, (_, index) =>
        anAlert({ alertId: `${watermark}-${index}`, raw: JSON.stringify({ text: 'x'.repeat(5000) }) }),
      ),
      checkpoint: { ...NO_CHECKPOINT, watermark: instant(watermark) },
    });

  it('fails the append, moves no checkpoint, and reading goes on; with space again so does collecting', async () => {
    const clock = steppedClock('2026-01-01T12:00:00Z');
    const store = createSqliteStore({ path, clock });
    await store.ensureFeeds([aFeed()]);
    await store.append(batch(3, '2026-01-01T09:00:00Z'));

    const db = openSqlite(path);
    const appender = createAppender(db, clock);
    const full = Number(db.pragma('page_count', { simple: true }));
    db.pragma(`max_page_count = ${full}`);
    const append = async () => {
      try {
        return await appender.append(batch(400, '2026-01-01T10:00:00Z'), [aFeed()]);
      } catch (error) {
        throw toStoreError(path, error);
      }
    };
    await expect(append()).rejects.toMatchObject({ code: 'STORE_FULL', kind: 'operator' });

    expect((await store.checkpoint(KEY)).watermark).toBe(instant('2026-01-01T09:00:00Z'));
    expect(await readAfter(store, 'default', 0, LIMITS, STAMP)).toMatchObject({ events: 3, to: 3, hasMore: false });
    await store.ping();

    db.pragma(`max_page_count = ${full * 100}`);
    expect(await append()).toMatchObject({ fresh: 400, events: 400 });
    expect((await store.checkpoint(KEY)).watermark).toBe(instant('2026-01-01T10:00:00Z'));
    expect(await readAfter(store, 'default', 3, LIMITS, STAMP)).toMatchObject({ from: 4, to: 403 });
    db.close();
    await store.close();
  });

  it('keeps the slices before it and none of the checkpoint, and the rest comes without repeating them', async () => {
    const clock = steppedClock('2026-01-01T12:00:00Z');
    const store = createSqliteStore({ path, clock });
    await store.ensureFeeds([aFeed()]);
    const db = openSqlite(path);
    const appender = createAppender(db, clock);
    const page = batch(1200, '2026-01-01T10:00:00Z');
    // Room for one slice of 500 events of 5 kB and more, not for three.
    db.pragma('max_page_count = 500');
    await expect(appender.append(page, [aFeed()])).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    const stored = (await store.feedStats('default')).lastSeq;
    expect([500, 1000]).toContain(stored);
    expect((await store.checkpoint(KEY)).watermark).toBeNull();
    db.close();
    expect(await store.append(page)).toMatchObject({ fresh: 1200 - stored, duplicate: stored });
    expect((await store.feedStats('default')).lastSeq).toBe(1200);
    await store.close();
  });
});
