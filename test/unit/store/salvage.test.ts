import { createHash, randomFillSync } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { salvage } from '../../../src/store/salvage/salvage.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed, aPosition, aRecordAside, IDLE, KEY } from '../../contract/detection-store.ts';
import { anAlert, anEvidence, instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { readAfter } from '../../support/read-after.ts';

const NOW = Date.parse('2026-01-03T12:00:00Z');
const PAGE = 16_384;
const ALERTS = 240;
/** Of the events of the feed `default`, two of each alert. */
const TAKEN = 200;
const FEEDS = [aFeed(), aFeed({ name: 'alerts', detections: 'perAlert' })];
const MEASURE = { fromMs: NOW, alerts: 3, delivered: 2, arrivals: { count: 1, sumMs: 7, maxMs: 7 } };
const FAILURE = {
  ...{ connector: 'arcsight-01', address: '192.0.2.7', by: 'basic' as const, failures: 2 },
  ...{ firstMs: NOW, lastMs: NOW },
} as const;
const ALL = Array.from({ length: ALERTS }, (_, index) => `da-${index}`);

let good: string;
let folder: string;
let path: string;

beforeAll(async () => {
  good = mkdtempSync(join(tmpdir(), 'flexbridge-salvage-'));
  const store = createSqliteStore({ path: join(good, 'events.db'), clock: steppedClock(NOW) });
  await store.ensureFeeds(FEEDS);
  for (let from = 0; from < ALERTS; from += 60) {
    const records = ALL.slice(from, from + 60).map((alertId) =>
      anAlert({
        alertId,
        raw: JSON.stringify({ id: alertId, text: 'x'.repeat(alertId === 'da-7' ? 50_000 : 2000) }),
        evidence: ['192.0.2.1', '192.0.2.2'].map((ip) => anEvidence({ key: [ip] })),
      }),
    );
    await store.append(aBatch({ records, setAside: [aRecordAside({ raw: `{"n":${from}}` })] }));
  }
  await store.savePosition(aPosition({ acknowledged: TAKEN }));
  await store.savePosition(aPosition({ feed: 'alerts', acknowledged: ALERTS }));
  await store.addCommand({ kind: 'replay', args: { feed: 'default' }, requestedBy: 'kim' });
  await store.addAudit({ who: 'kim', action: 'cut-over', details: { feed: 'default' } });
  await store.addMeasures([MEASURE]);
  await store.noteLoginFailures([FAILURE]);
  await store.close();
});
afterAll(() => {
  rmSync(good, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-salvage-'));
  cpSync(good, folder, { recursive: true });
  path = join(folder, 'events.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const run = () =>
  salvage({ path, feeds: FEEDS, clock: steppedClock(NOW), requestedBy: 'kim', progress: () => undefined });

function report() {
  const found = run();
  if (found === null) throw new Error('nothing was salvaged');
  return found;
}

const rowsOf = (found: ReturnType<typeof report>, table: string) =>
  found.tables.find((one) => one.table === table)?.rows;

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

function overwrite(from: number, bytes: number): void {
  const content = readFileSync(path);
  randomFillSync(content, from, Math.min(bytes, content.length - from));
  writeFileSync(path, content);
}

function inspect<Result>(work: (db: Database.Database) => Result): Result {
  const db = new Database(path, { readonly: true });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

const generation = (): unknown =>
  inspect((db) => db.prepare("SELECT value FROM meta WHERE key = 'generation'").pluck().get());

/** What a connector still gets from a position on: alert by alert, how often. */
async function pending(feed: string, after: number): Promise<ReadonlyMap<string, number>> {
  const store = createSqliteStore({ path, clock: steppedClock(NOW) });
  const limits = { maxEvents: 10_000, maxBytes: 100_000_000 };
  const { body } = await readAfter(store, feed, after, limits, { kind: 'stored' });
  await store.close();
  const counts = new Map<string, number>();
  for (const { AlertId } of JSON.parse(body.toString()) as { readonly AlertId: string }[])
    counts.set(AlertId, (counts.get(AlertId) ?? 0) + 1);
  return counts;
}

/**
 * Everything that was not taken is still to come, as often as it was. Where the last event that was taken is lost, nobody
 * knows which one it was: what lay on its page comes once more.
 */
async function expectNothingLost(): Promise<void> {
  const found = await pending('default', TAKEN);
  expect(ALL.slice(TAKEN / 2).filter((alertId) => found.get(alertId) !== 2)).toEqual([]);
  expect(found.size).toBeLessThan(ALERTS - TAKEN / 2 + 12);
}

function expectSound(): void {
  expect(inspect((db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
}

describe('the salvage of a database', () => {
  it('leaves one alone that is whole, and a place where there is none', () => {
    const before = digest(path);
    expect(run()).toBeNull();
    expect(digest(path)).toBe(before);
    rmSync(path);
    expect(run()).toBeNull();
    expect(readdirSync(folder)).not.toContain('events.db');
  });

  it('refuses one of a newer version, damaged or not, and changes nothing', () => {
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    overwrite(5 * PAGE, PAGE);
    const before = digest(path);
    expect(run).toThrow(expect.objectContaining({ code: 'STORE_NEWER' }) as Error);
    expect(digest(path)).toBe(before);
  });

  it('keeps everything but what lay on the page that is gone, whichever it is', async () => {
    const pages = statSync(path).size / PAGE;
    const old = generation();
    for (let page = 1; page <= pages; page += 1) {
      cpSync(join(good, 'events.db'), path);
      overwrite((page - 1) * PAGE, PAGE);
      const found = run();
      // A page that nobody uses, or an inner page that happens to be needed by nothing.
      if (found === null) continue;
      expectSound();
      expect([page, generation()]).not.toEqual([page, old]);
      await expectNothingLost();
      for (const { feed, lastSeq } of found.feeds) expect([feed, lastSeq]).toEqual([feed, expect.any(Number)]);
      expect(found.feeds.map(({ lastSeq }) => lastSeq > 2 * ALERTS)).toEqual([true, true]);
      expect(rowsOf(found, 'alert')).toBeGreaterThanOrEqual(ALERTS - PAGE / 200);
      rmSync(folder, { recursive: true });
      cpSync(good, folder, { recursive: true });
    }
  }, 120_000);

  it('keeps the damaged files as they were, log and index among them', () => {
    overwrite(3 * PAGE, PAGE);
    writeFileSync(`${path}-wal`, 'no log');
    writeFileSync(`${path}-shm`, 'no index');
    const before = ['', '-wal'].map((log) => digest(`${path}${log}`));
    const { aside, damage } = report();
    expect(damage).not.toBe('');
    expect(aside).toBe(`${path}.damaged-20260103T120000Z`);
    expect(['', '-wal'].map((log) => digest(`${aside ?? ''}${log}`))).toEqual(before);
    expect(readdirSync(folder).toSorted()).toEqual(
      ['', '.damaged-20260103T120000Z', '.damaged-20260103T120000Z-shm', '.damaged-20260103T120000Z-wal'].map(
        (end) => `events.db${end}`,
      ),
    );
  });

  it('never takes the name of an earlier one', () => {
    const asides = [1, 2].map(() => {
      cpSync(join(good, 'events.db'), path);
      overwrite(3 * PAGE, PAGE);
      return report().aside;
    });
    expect(asides).toEqual([`${path}.damaged-20260103T120000Z`, `${path}.damaged-20260103T120000Z-2`]);
  });

  it('without the header finds every row by its shape', async () => {
    overwrite(0, 100);
    const found = report();
    expectSound();
    expect(Object.fromEntries(found.tables.map(({ table, rows, broken }) => [table, [rows, broken]]))).toMatchObject({
      alert: [ALERTS, 0],
      record: [ALERTS, 0],
      emission: [2 * ALERTS, 0],
      feed_event: [3 * ALERTS, 0],
      feed: [2, 0],
      position: [2, 0],
      source: [1, 0],
      quarantine: [4, 0],
      command: [1, 0],
      audit: [1, 0],
      measure: [1, 0],
      login_failure: [1, 0],
      // Rows of an index look like these.
      cursor_reader: [0, 0],
    });
    await expectNothingLost();
    expect(found.sources).toEqual([{ ...KEY, watermark: IDLE.watermark }]);
    const store = createSqliteStore({ path, clock: steppedClock(NOW) });
    expect(await store.measures({ fromMs: 0, toMs: NOW + 1, stepMs: 60_000 })).toEqual([MEASURE]);
    expect(await store.loginFailures()).toEqual([FAILURE]);
    await store.close();
  });

  it('of a file that is cut makes what is left, and reads on from where the checkpoint is', async () => {
    truncateSync(path, Math.floor(statSync(path).size / 2));
    const found = report();
    expectSound();
    expect(rowsOf(found, 'alert')).toBeGreaterThan(0);
    expect(found.brokenPages).toBeGreaterThan(0);
    const store = createSqliteStore({ path, clock: steppedClock(NOW), serving: true });
    await store.ensureFeeds(FEEDS);
    expect((await store.checkpoint(KEY)).watermark).toBe(IDLE.watermark);
    const records = [...ALL, 'da-later'].map((alertId) => anAlert({ alertId }));
    const { fresh } = await store.append(aBatch({ records }));
    expect(fresh).toBeGreaterThan(1);
    expect((await store.feedStats('default')).lastSeq).toBeGreaterThan(2 * ALERTS);
    await store.close();
  });

  it('takes in what only the log has', () => {
    const db = new Database(path);
    db.pragma('wal_autocheckpoint = 0');
    db.prepare("UPDATE source SET watermark = '2026-01-02T00:00:00.0000000Z'").run();
    db.prepare('UPDATE position SET acknowledged = acknowledged + 2').run();
    const wal = readFileSync(`${path}-wal`);
    db.close();
    cpSync(join(good, 'events.db'), path);
    writeFileSync(`${path}-wal`, wal);
    overwrite(0, 100);
    expect(report().sources).toEqual([{ ...KEY, watermark: instant('2026-01-02T00:00:00Z') }]);
    expect(inspect((one) => one.prepare('SELECT acknowledged FROM position ORDER BY feed').pluck().all())).toEqual([
      ALERTS + 2,
      TAKEN + 2,
    ]);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('this is not a database '.repeat(5000))],
    ['random bytes', randomFillSync(Buffer.alloc(20 * PAGE))],
  ])('of %s makes an empty database, and keeps what was there', async (_, content) => {
    writeFileSync(path, content);
    const found = report();
    expect(found.tables.reduce((sum, { rows }) => sum + rows, 0)).toBe(0);
    expect(readFileSync(found.aside ?? '').equals(content)).toBe(true);
    const store = createSqliteStore({ path, clock: steppedClock(NOW), serving: true });
    await store.ensureFeeds(FEEDS);
    expect(await store.append(aBatch({ records: [anAlert()] }))).toMatchObject({ fresh: 1, events: 2 });
    await store.close();
  });

  it('writes who asked for it into the audit trail', async () => {
    overwrite(3 * PAGE, PAGE);
    report();
    const store = createSqliteStore({ path, clock: steppedClock(NOW) });
    expect(await store.audit(1)).toMatchObject([{ atMs: NOW, who: 'kim', action: 'salvage' }]);
    await store.close();
  });
});
