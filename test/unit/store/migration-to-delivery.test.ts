import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emission } from '../../../src/domain/detection.ts';
import { detectionId } from '../../../src/domain/digest.ts';
import { renderEvent } from '../../../src/domain/render.ts';
import { eventId } from '../../../src/store/event-id.ts';
import { initial } from '../../../src/store/migrations/0001-initial.ts';
import { migrateToQuarantine } from '../../../src/store/migrations/0002-quarantine.ts';
import { readIn } from '../../../src/store/migrations/0003-read-in.ts';
import { alertKey } from '../../../src/store/row-key.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed, KEY, TENANT } from '../../contract/detection-store.ts';
import { aPageRequest, EVERYONE, each } from '../../contract/pages.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const UPDATED = '2026-01-01T09:00:00.0000000Z';
const { tenantId, name: tenantName } = TENANT;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-schema3-'));
  path = join(folder, 'events.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const open = () => createSqliteStore({ path, clock: steppedClock(NOW), serving: true });

/** What the version before this one left behind: five alerts, the last one with an update too, in the feed `default`. */
function schema3(): void {
  const db = new Database(path);
  db.exec(initial);
  migrateToQuarantine(db);
  db.exec(readIn);
  db.pragma('user_version = 3');
  for (let number = 1; number <= 5; number += 1) oldAlert(db, number);
  oldEvent(db, 6, 5, { ...emissionOf(5), kind: 'update', change: 'significant', reason: 'update: Status' });
  db.exec("INSERT INTO feed VALUES (1, 'default', 6, 1767268799000)");
  db.exec("UPDATE meta SET value = '5' WHERE key = 'alerts'");
  db.prepare('INSERT INTO source (tenant_id, source, watermark) VALUES (?, ?, ?)').run(tenantId, KEY.source, UPDATED);
  const tries = [{ stampMs: NOW - 500, to: 4, since: 'then', outcome: 'sent', atMs: NOW - 900 }];
  db.prepare('INSERT INTO position VALUES (?, ?, 7, 2, 3, 4, ?, ?, ?, 1, NULL, ?, ?, ?)').run(
    ...['arcsight-01', 'default', JSON.stringify(tries), NOW - 500, NOW - 9000, NOW - 900, 'then', NOW - 950],
  );
  db.close();
}

function emissionOf(number: number): Emission {
  const alertId = `da-${number}`;
  const facts = { AlertId: alertId, Severity: 'Medium', LastUpdateMs: Date.parse(UPDATED) + number };
  const common = {
    alertId,
    alertIsNew: true,
    kind: 'new',
    change: 'first',
    reason: 'new',
    family: 'ip',
    facts,
  } as const;
  return { detectionId: detectionId(tenantId, alertId, 1), ...common };
}

function oldAlert(db: Database.Database, number: number): void {
  const emission = emissionOf(number);
  const key = alertKey(tenantId, emission.alertId);
  const state = {
    ...{ owner: 'graph-alerts', alertId: emission.alertId, lastUpdate: UPDATED, hash: 'h', alertHash: 'a' },
    ...{ significant: { Severity: 'Medium', Status: 'new' }, items: [] },
  };
  db.prepare('INSERT INTO alert VALUES (?, ?, ?, ?, NULL, ?)').run(
    ...[key, tenantId, emission.alertId, UPDATED, JSON.stringify(state)],
  );
  db.prepare('INSERT INTO record (alert_key, last_update, stored_ms, raw) VALUES (?, ?, ?, ?)').run(
    ...[key, UPDATED, NOW - 1000, '{}'],
  );
  oldEvent(db, number, number, emission);
}

function oldEvent(db: Database.Database, feedSeq: number, recordId: number, emission: Emission): void {
  const storedMs = NOW - 1000;
  const emissionId = db
    .prepare(
      'INSERT INTO emission (alert_key, tenant_id, tenant_name, stored_ms, content, record_id) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(
      ...[alertKey(tenantId, emission.alertId), tenantId, tenantName, storedMs, JSON.stringify(emission), recordId],
    ).lastInsertRowid;
  const { text } = renderEvent({ emission, tenantId, tenantName, feedSeq, storedMs });
  db.prepare('INSERT INTO feed_event VALUES (?, ?, ?, ?, ?)').run(
    ...[eventId(1, feedSeq), emissionId, storedMs, Buffer.byteLength(text), text],
  );
}

function counts(): unknown {
  const db = new Database(path, { readonly: true });
  const tables = ['alert', 'record', 'emission', 'feed_event', 'position', 'source'];
  const rows = tables.map((table) => [table, db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]);
  db.close();
  return rows;
}

function bodies(): unknown {
  const db = new Database(path, { readonly: true });
  const rows = db.prepare('SELECT event_id, emission_id, stored_ms, bytes, body FROM feed_event').all();
  db.close();
  return rows;
}

describe('a database of schema 3', () => {
  it('keeps every row', async () => {
    schema3();
    const before = { counts: counts(), bodies: bodies() };
    await open().close();
    expect({ counts: counts(), bodies: bodies() }).toEqual(before);
  });

  it('keeps the positions, with the page on its way', async () => {
    schema3();
    const store = open();
    expect(await store.position('arcsight-01', 'default')).toMatchObject({
      ...{ revision: 7, acknowledged: 2, confirmedRun: 1, confirmedStampMs: NOW - 9000, lastSince: 'then' },
      page: { from: 3, to: 4, tries: [{ stampMs: NOW - 500, to: 4, outcome: 'sent' }] },
      ...{ cutOver: null, parties: null, passedOver: null, recent: [] },
    });
    expect(await store.feedSpan('default')).toMatchObject({ firstSeq: 1, lastSeq: 6 });
    await store.close();
  });

  it('sends the page on its way again as it was, and what follows under new numbers', async () => {
    schema3();
    const store = open();
    expect(await store.ensureFeeds([aFeed()])).toEqual([{ feed: 'default', events: 2 }]);
    const again = await store.readPage(aPageRequest({ after: 2, upTo: 4 }));
    expect(each(again, 'FeedSeq')).toEqual([3, 4]);
    expect(each(again, 'StoredMs')).toEqual([NOW - 1000, NOW - 1000]);
    const rest = await store.readPage(aPageRequest({ after: 4 }));
    expect(each(rest, 'FeedSeq')).toEqual([7, 8]);
    expect(each(rest, 'EventKind')).toEqual(['new', 'update']);
    expect(each(rest, 'AlertId')).toEqual(['da-5', 'da-5']);
    expect(await store.ensureFeeds([aFeed()])).toEqual([]);
    await store.close();
  });

  it('goes on collecting where it was, and its events are filtered like the new ones', async () => {
    schema3();
    const store = open();
    await store.noteServed('default', 6);
    await store.ensureFeeds([aFeed()]);
    expect((await store.checkpoint(KEY)).watermark).toBe(UPDATED);
    const stale = anAlert({ alertId: 'da-1', lastUpdate: instant('2026-01-01T08:00:00Z') });
    const records = [stale, anAlert({ alertId: 'da-6' })];
    expect(await store.append(aBatch({ records }))).toMatchObject({ stale: 1, fresh: 1, events: 1 });
    const cutOver = { upTo: 6, updatedBeforeMs: Date.parse(UPDATED) + 3 };
    const page = await store.readPage(aPageRequest({ audience: { ...EVERYONE, updates: false, cutOver } }));
    expect(each(page, 'FeedSeq')).toEqual([3, 4, 5, 7]);
    await store.close();
  });
});
