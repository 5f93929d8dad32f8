import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detectionId } from '../../../src/domain/digest.ts';
import { NEVER_POLLED, type QuarantineEntry } from '../../../src/store/detection-store.ts';
import { initial } from '../../../src/store/migrations/0001-initial.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import type { Upgrade } from '../../../src/store/sqlite-upgrade.ts';
import { aBatch, aFeed, aRecordAside, IDLE, KEY, LIMITS, TENANT } from '../../contract/detection-store.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { readAfter } from '../../support/read-after.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const STAMP = { kind: 'stored' } as const;
/** An id that the Defender API writes without its two letters. */
const PREFIXED = 'da637551227677560813_-961444813';
const BARE = PREFIXED.slice(2);

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-migrations-'));
  path = join(folder, 'events.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const oldKey = (alertId: string): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([TENANT.tenantId, alertId]))
    .digest()
    .subarray(0, 16);

/** What the first version left behind: only its schema, and rows as it wrote them. */
function schema1(fill: (db: Database.Database) => void): void {
  const db = new Database(path);
  db.exec(initial);
  db.pragma('user_version = 1');
  fill(db);
  db.close();
}

function oldAlert(db: Database.Database, alertId: string, detections = 1): void {
  const state = {
    owner: 'graph-alerts',
    lastUpdate: '2026-01-01T09:00:00.0000000Z',
    hash: 'h',
    alertHash: 'a',
    significant: { Severity: 'Medium', Status: 'new' },
    items: [],
  };
  const key = oldKey(alertId);
  const { tenantId, name } = TENANT;
  db.prepare('INSERT INTO alert VALUES (?, ?, ?, ?, ?)').run(
    ...[key, tenantId, alertId, state.lastUpdate, JSON.stringify(state)],
  );
  db.prepare('INSERT INTO record (alert_key, last_update, stored_ms, raw) VALUES (?, ?, ?, ?)').run(
    ...[key, state.lastUpdate, NOW, '{}'],
  );
  for (let ordinal = 1; ordinal <= detections; ordinal += 1) {
    const emission = {
      ...{ detectionId: detectionId(tenantId, alertId, ordinal), alertId, kind: 'new', change: 'first', reason: 'new' },
      ...{ family: 'ip', facts: { AlertId: alertId, Severity: 'Medium' } },
    };
    db.prepare(
      'INSERT INTO emission (alert_key, tenant_id, tenant_name, stored_ms, content) VALUES (?, ?, ?, ?, ?)',
    ).run(...[key, tenantId, name, NOW, JSON.stringify(emission)]);
  }
  db.exec("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'alerts'");
}

function oldRejected(db: Database.Database, id: string | null, reason: string, raw: string): void {
  const digest = createHash('sha256').update(raw).digest().subarray(0, 16);
  db.prepare(
    'INSERT INTO rejected (tenant_id, source, digest, alert_id, reason, stored_ms, raw) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(...[TENANT.tenantId, 'graph-alerts', digest, id, reason, NOW - 1000, raw]);
}

const open = () => createSqliteStore({ path, clock: steppedClock(NOW), serving: true });

describe('a database of the first schema', () => {
  it('keeps checkpoint and status, which get what has been added since', async () => {
    schema1((db) => {
      const { rejected, failures } = NEVER_POLLED;
      const status = JSON.stringify({ lastTryMs: 5, lastSuccessMs: 5, failures, rejected });
      db.prepare('INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?)').run(
        ...[TENANT.tenantId, 'graph-alerts', IDLE.watermark, IDLE.watermark, instant('2026-01-01T10:00:00Z')],
        ...[null, status],
      );
    });
    const store = open();
    expect(await store.checkpoint(KEY)).toEqual({
      ...IDLE,
      window: { from: IDLE.watermark, to: instant('2026-01-01T10:00:00Z'), progress: null },
    });
    expect(await store.statuses()).toEqual([{ ...KEY, ...NEVER_POLLED, lastTryMs: 5, lastSuccessMs: 5 }]);
    await store.close();
  });

  it('brings what was set aside into the quarantine, due at once, and knows it again', async () => {
    const reasons = [
      ['the alert is not an object', 'not-an-object'],
      ['the alert has no id', 'no-id'],
      ['lastUpdateDateTime is missing or no date', 'no-update-time'],
      ['evidence is not a list', 'evidence-not-a-list'],
      ['evidence 12 is not an object', 'evidence-not-an-object'],
      ['words of a version that is forgotten', 'not-an-object'],
    ] as const;
    schema1((db) => {
      for (const [index, [reason]] of reasons.entries()) oldRejected(db, `da-${index}`, reason, `{"n":${index}}`);
    });
    const store = open();
    const expected = reasons.map(
      ([reason, code], index): QuarantineEntry => ({
        ...{ ...KEY, entryId: index + 1, id: `da-${index}`, code, reason, raw: `{"n":${index}}`, stretch: null },
        readIn: null,
        ...{ firstMs: NOW - 1000, lastTryMs: NOW - 1000, tries: 1, nextTryMs: NOW - 1000 },
      }),
    );
    expect(await store.dueQuarantine(KEY, 10)).toEqual(expected);
    const setAside = [aRecordAside({ id: 'da-1', reason: 'the alert has no id', raw: '{"n":1}' })];
    expect((await store.append(aBatch({ setAside }))).rejected).toBe(0);
    await store.close();
  });

  it('knows its alerts again, whichever API names them', async () => {
    schema1((db) => {
      oldAlert(db, PREFIXED);
      oldAlert(db, 'da-1');
    });
    const store = open();
    await store.ensureFeeds([aFeed()]);
    const stale = { lastUpdate: instant('2026-01-01T08:00:00Z') };
    const records = [PREFIXED, BARE, 'da-1'].map((alertId) => anAlert({ alertId, ...stale }));
    expect(await store.append(aBatch({ records }))).toMatchObject({ fresh: 0, stale: 3, events: 0 });
    expect((await store.stats()).alerts).toBe(2);
    await store.close();
    const db = openSqlite(path, { readOnly: true });
    for (const table of ['record', 'emission']) {
      const orphans = db.prepare(
        `SELECT count(*) FROM ${table} LEFT JOIN alert USING (alert_key) WHERE alert_id IS NULL`,
      );
      expect([table, orphans.pluck().get()]).toEqual([table, 0]);
    }
    db.close();
  });

  it('keeps the later state of an alert that it held under two ids', async () => {
    schema1((db) => {
      oldAlert(db, BARE);
      oldAlert(db, PREFIXED);
      db.prepare('UPDATE alert SET last_update = ? WHERE alert_id = ?').run('2026-01-01T09:30:00.0000000Z', PREFIXED);
    });
    const store = open();
    expect((await store.stats()).alerts).toBe(1);
    await store.close();
    const db = openSqlite(path, { readOnly: true });
    expect(db.prepare('SELECT alert_id FROM alert').pluck().all()).toEqual([PREFIXED]);
    db.close();
  });

  it('fills a new feed from what it had emitted, each event alone', async () => {
    schema1((db) => {
      oldAlert(db, 'da-1', 3);
    });
    const store = open();
    await store.ensureFeeds([aFeed(), aFeed({ name: 'alerts', detections: 'perAlert' })]);
    const kinds = async (feed: string) => {
      const page = await readAfter(store, feed, 0, LIMITS, STAMP);
      return (JSON.parse(page.body.toString()) as { EventKind: string }[]).map(({ EventKind }) => EventKind);
    };
    expect(await kinds('default')).toEqual(['new', 'new', 'new']);
    expect(await kinds('alerts')).toEqual(['new', 'update', 'update']);
    await store.close();
  });

  it('is brought up to date once, and refuses to be looked at before', () => {
    schema1((db) => {
      oldAlert(db, PREFIXED);
    });
    for (const readOnly of [true, false])
      expect(() => openSqlite(path, { readOnly })).toThrow(expect.objectContaining({ code: 'STORE_OLDER' }) as Error);
    const told: Upgrade[] = [];
    const upgrade = { nowMs: NOW, withBackup: false, tell: (one: Upgrade) => told.push(one) };
    for (let start = 0; start < 2; start += 1) openSqlite(path, { upgrade }).close();
    expect(told).toEqual([expect.objectContaining({ from: 1, to: 5, backup: null })]);
    const db = openSqlite(path);
    expect(db.pragma('user_version', { simple: true })).toBe(5);
    expect(db.prepare('SELECT count(*) FROM alert').pluck().get()).toBe(1);
    db.close();
  });
});
