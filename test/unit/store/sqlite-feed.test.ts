import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { eventId } from '../../../src/store/event-id.ts';
import { openSqlite, type Sqlite } from '../../../src/store/sqlite.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed, LIMITS } from '../../contract/detection-store.ts';
import { aPageRequest, EVERYONE, each } from '../../contract/pages.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';

const FEED_NO = 1;

let folder: string;
let db: Sqlite;
let store: DetectionStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-feed-'));
  const path = join(folder, 'events.db');
  store = createSqliteStore({ path, clock: steppedClock('2026-01-01T12:00:00Z') });
  await store.ensureFeeds([aFeed()]);
  db = openSqlite(path);
});
afterEach(async () => {
  db.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

/** The events of one alert: new at nine, and an update a minute later. */
async function anAlertWithUpdate(alertId: string): Promise<void> {
  const later = { lastUpdate: instant('2026-01-01T09:01:00Z'), facts: { Severity: 'High' }, raw: '{"later":1}' };
  await store.append(aBatch({ records: [anAlert({ alertId }), anAlert({ alertId, ...later })] }));
}

/** Rows of the feed by hand, from `from` on. */
function addRows(from: number, count: number, kind: string, recipient: string | null): void {
  const insert = db.prepare(
    'INSERT INTO feed_event (event_id, emission_id, stored_ms, bytes, body, kind, recipient) VALUES (?, 0, 1, ?, ?, ?, ?)',
  );
  db.transaction(() => {
    for (let seq = from; seq < from + count; seq += 1) {
      const body = `{"FeedSeq":${seq},"EventKind":"${kind}"`;
      insert.run(eventId(FEED_NO, seq), body.length, body, kind, recipient);
    }
    db.prepare('UPDATE feed SET last_seq = ? WHERE feed_no = ?').run(from + count - 1, FEED_NO);
  })();
}

describe('a millisecond that has more events than are looked at in one go', () => {
  it('is not divided for a reader that goes by time', async () => {
    addRows(1, 5001, 'new', null);
    const range = { afterMs: 0, untilMs: 9, unitMs: 1 };
    const page = await store.readStored({ feed: 'default', ...range, limits: LIMITS, audience: EVERYONE });
    expect(page).toMatchObject({ events: 5001, to: 5001, hasMore: false });
  });
});

describe('what is for one connector', () => {
  beforeEach(() => {
    addRows(1, 2, 'new', null);
    addRows(3, 2, 'replay', 'arcsight-01');
    addRows(5, 1, 'test', 'arcsight-02');
    addRows(6, 1, 'new', null);
  });

  it.each([
    ['arcsight-01', [1, 2, 3, 4, 6]],
    ['arcsight-02', [1, 2, 5, 6]],
    [null, [1, 2, 6]],
  ] as const)('%s gets that and what is for all', async (connector, expected) => {
    const audience = { ...EVERYONE, connector };
    const page = await store.readPage(aPageRequest({ audience }));
    expect(each(page, 'FeedSeq')).toEqual(expected);
    expect(page).toMatchObject({ events: expected.length, to: 6, hasMore: false });
    const form = { cursorPrefix: '', between: ',' };
    const cursors = await store.readCursor({ feed: 'default', after: 0, limits: LIMITS, audience, ...form });
    expect(each(cursors, 'Cursor')).toEqual(expected.map(String));
  });

  it('comes on the old form of the URL too', async () => {
    const audience = { connector: 'arcsight-01', updates: false, cutOver: null };
    expect(each(await store.readPage(aPageRequest({ audience })), 'FeedSeq')).toEqual([1, 2, 3, 4, 6]);
  });
});

describe('a long stretch for somebody else', () => {
  const audience = { ...EVERYONE, connector: 'arcsight-01' };

  it('is passed within one call, with a turn for the others in between', async () => {
    addRows(1, 12_000, 'replay', 'arcsight-02');
    addRows(12_001, 1, 'new', null);
    let turns = 0;
    const over = new AbortController();
    const others = (async () => {
      for (; !over.signal.aborted; turns += 1) await setImmediate();
    })();
    const page = await store.readPage(aPageRequest({ audience }));
    over.abort();
    await others;
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(page).toMatchObject({ from: 12_001, to: 12_001, events: 1, hasMore: false });
  });

  it('is nothing pending only when it ends the feed', async () => {
    addRows(1, 12_000, 'replay', 'arcsight-02');
    const page = await store.readPage(aPageRequest({ audience }));
    expect(page).toMatchObject({ from: 12_000, to: 12_000, events: 0, hasMore: false });
  });

  it('does not hold up the events before it', async () => {
    addRows(1, 1, 'new', null);
    addRows(2, 12_000, 'replay', 'arcsight-02');
    addRows(12_002, 1, 'new', null);
    const page = await store.readPage(aPageRequest({ audience }));
    expect(page).toMatchObject({ from: 1, events: 1, hasMore: true });
    const next = await store.readPage(aPageRequest({ audience, after: page.to }));
    expect(next).toMatchObject({ from: 12_002, events: 1, hasMore: false });
  });
});

describe('rows that schema 3 wrote', () => {
  beforeEach(async () => {
    await anAlertWithUpdate('da-1');
    await anAlertWithUpdate('da-2');
    db.exec('UPDATE feed_event SET kind = NULL, rendering = NULL, updated_ms = NULL');
  });

  it('say in their bodies what they are', async () => {
    const audience = { ...EVERYONE, updates: false };
    expect(each(await store.readPage(aPageRequest({ audience })), 'FeedSeq')).toEqual([1, 3]);
  });

  it('say in their bodies when Microsoft updated them', async () => {
    const cutOver = { upTo: 2, updatedBeforeMs: Date.parse('2026-01-01T09:01:00Z') };
    const page = await store.readPage(aPageRequest({ audience: { ...EVERYONE, cutOver } }));
    expect(each(page, 'FeedSeq')).toEqual([2, 3, 4]);
  });
});

describe('what was deleted', () => {
  it('is not waited for: reading goes on with what is kept', async () => {
    addRows(1, 10, 'new', null);
    db.prepare('DELETE FROM feed_event WHERE event_id <= ?').run(eventId(FEED_NO, 4));
    db.prepare('UPDATE feed SET first_seq = 5').run();
    expect(await store.readPage(aPageRequest())).toMatchObject({ from: 5, to: 10, events: 6, hasMore: false });
    expect(await store.readPage(aPageRequest({ upTo: 3 }))).toMatchObject({ from: 3, to: 3, events: 0, hasMore: true });
    expect(await store.feedSpan('default')).toMatchObject({ firstSeq: 5, lastSeq: 10 });
  });
});

describe('what a reader with a cursor was sent', () => {
  const served = () => db.prepare('SELECT served_seq FROM feed').pluck().get();

  it('is noted, and never taken back', async () => {
    for (const seq of [3, 7, 5]) await store.noteServed('default', seq);
    expect(served()).toBe(7);
  });

  it('is noted once: the same again needs no place to write', async () => {
    await store.noteServed('default', 7);
    db.exec('BEGIN IMMEDIATE');
    await store.noteServed('default', 6);
    db.exec('ROLLBACK');
    expect(served()).toBe(7);
  });
});
