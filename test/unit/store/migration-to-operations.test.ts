import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emission } from '../../../src/domain/detection.ts';
import { detectionId } from '../../../src/domain/digest.ts';
import { renderEvent } from '../../../src/domain/render.ts';
import { eventId } from '../../../src/store/event-id.ts';
import { alertKey } from '../../../src/store/row-key.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aFeed, KEY, TENANT } from '../../contract/detection-store.ts';
import { steppedClock } from '../../support/clock.ts';
import { makeSchema4 } from '../../support/schema4.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const UPDATED = '2026-01-01T09:00:00.0000000Z';
const RAW = '{"id":"da-1","title":"as it came"}';
const { tenantId, name: tenantName } = TENANT;
const TABLES = ['meta', 'source', 'alert', 'record', 'emission', 'feed', 'feed_event', 'position', 'audit'];

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-schema4-'));
  path = join(folder, 'events.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const open = () => createSqliteStore({ path, clock: steppedClock(NOW), serving: true });

/** One alert with its record and its event, a connector that has taken nothing yet, and a line for the auditor. */
function schema4(): void {
  makeSchema4(path, (db) => {
    const emission: Emission = {
      ...{ alertId: 'da-1', alertIsNew: true, kind: 'new', change: 'first', reason: 'new', family: 'ip' },
      detectionId: detectionId(tenantId, 'da-1', 1),
      facts: { AlertId: 'da-1', AlertTitle: 'Before the upgrade' },
    };
    const key = alertKey(tenantId, 'da-1');
    const { text } = renderEvent({ emission, tenantId, tenantName, feedSeq: 1, storedMs: NOW });
    db.prepare('INSERT INTO source (tenant_id, source, watermark) VALUES (?, ?, ?)').run(tenantId, KEY.source, UPDATED);
    db.prepare('INSERT INTO alert VALUES (?, ?, ?, ?, NULL, ?)').run(key, tenantId, 'da-1', UPDATED, '{}');
    db.prepare('INSERT INTO record VALUES (1, ?, ?, ?, ?)').run(key, UPDATED, NOW, RAW);
    db.prepare('INSERT INTO emission VALUES (1, ?, ?, ?, ?, ?, 1)').run(
      ...[key, tenantId, tenantName, NOW, JSON.stringify(emission)],
    );
    db.exec(`INSERT INTO feed (feed_no, name, last_seq, last_stored_ms) VALUES (1, 'default', 1, ${NOW})`);
    db.prepare(`INSERT INTO feed_event VALUES (?, 1, ?, ?, ?, 'new', 0, NULL, NULL)`).run(
      ...[eventId(1, 1), NOW, Buffer.byteLength(text), text],
    );
    db.exec(
      `INSERT INTO position (connector, feed, revision, acknowledged, tries, last_stamp_ms, confirmed_run, last_poll_ms)
       VALUES ('arcsight-01', 'default', 1, 0, '[]', 0, 0, ${NOW})`,
    );
    db.exec(`INSERT INTO audit (at_ms, who, action, details) VALUES (${NOW}, 'kim', 'replay', '{}')`);
  });
}

function rows(): unknown {
  const db = new Database(path, { readonly: true });
  const found = TABLES.map((table) => [table, db.prepare(`SELECT * FROM ${table} WHERE 1`).all()]);
  db.close();
  return found;
}

describe('a database of schema 4', () => {
  it('keeps every row as it was', () => {
    schema4();
    const before = rows();
    void open().close();
    expect(rows()).toEqual(before);
  });

  it('can be looked into: its events, the record behind each, and nothing measured yet', async () => {
    schema4();
    const store = open();
    await store.ensureFeeds([aFeed()]);
    const { events } = await store.findEvents({ feed: 'default', words: 'before the', before: null, limit: 10 });
    expect(events.map(({ text }) => (JSON.parse(text) as { AlertTitle: string }).AlertTitle)).toEqual([
      'Before the upgrade',
    ]);
    expect((await store.eventOrigin('default', events[0]?.seq ?? 0))?.raw).toBe(RAW);
    expect(await store.measures({ fromMs: 0, toMs: NOW, stepMs: 60_000 })).toEqual([]);
    expect(await store.loginFailures()).toEqual([]);
    await store.close();
  });

  it('takes measures and wrong logins from then on', async () => {
    schema4();
    const store = open();
    const measure = { fromMs: NOW, alerts: 1, delivered: 1, arrivals: { count: 0, sumMs: 0, maxMs: 0 } };
    const failure = {
      ...{ connector: 'arcsight-01', address: '192.0.2.7', by: 'basic' as const, failures: 1 },
      ...{ firstMs: NOW, lastMs: NOW },
    } as const;
    await store.addMeasures([measure]);
    await store.noteLoginFailures([failure]);
    expect(await store.measures({ fromMs: NOW, toMs: NOW + 1, stepMs: 60_000 })).toEqual([measure]);
    expect(await store.loginFailures()).toEqual([failure]);
    await store.close();
  });
});
