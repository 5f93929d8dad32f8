import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import type { FeedRules } from '../../../src/domain/feed-rules.ts';
import { MAPPING_VERSION } from '../../../src/domain/fields.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import type { PageRequest } from '../../../src/store/feed-pages.ts';
import { openSqlite, type Sqlite } from '../../../src/store/sqlite.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { createFeedSetup } from '../../../src/store/sqlite-feed-setup.ts';
import { aBatch, aFeed, aPosition, LIMITS } from '../../contract/detection-store.ts';
import { aPageRequest, EVERYONE, each } from '../../contract/pages.ts';
import { anAlertOf } from '../../contract/renewal.ts';
import { anAlert } from '../../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';

let folder: string;
let path: string;
let clock: SteppedClock;
let store: DetectionStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-renewal-'));
  path = join(folder, 'events.db');
  clock = steppedClock('2026-01-01T12:00:00Z');
  store = createSqliteStore({ path, clock });
  await store.ensureFeeds([aFeed()]);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function withDb<Result>(work: (db: Sqlite) => Result): Result {
  const db = openSqlite(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** As if all that is stored had been made by the mapping before this one, in texts of this length. */
function makeOld(padding = 0): void {
  withDb((db) => {
    db.exec("UPDATE rendering SET mapping = '0:before'");
    db.exec(
      `UPDATE feed_event SET body = replace(body, '"MappingVersion":${MAPPING_VERSION},', '"MappingVersion":0,')`,
    );
    db.prepare(`UPDATE feed_event SET bytes = bytes - ?`).run(padding);
  });
}

async function restart(overrides: Partial<FeedRules> = {}): ReturnType<DetectionStore['ensureFeeds']> {
  await store.close();
  store = createSqliteStore({ path, clock });
  return store.ensureFeeds([aFeed(overrides)]);
}

async function versions(overrides: Partial<PageRequest> = {}): Promise<readonly unknown[]> {
  return each(await store.readPage(aPageRequest(overrides)), 'MappingVersion');
}

const append = (count: number, from = 0) =>
  store.append(
    aBatch({ records: Array.from({ length: count }, (_, index) => anAlert({ alertId: `da-${from + index}` })) }),
  );

describe('events of an older mapping', () => {
  it('are made anew when nobody was sent them', async () => {
    await append(2);
    makeOld();
    expect(await restart()).toEqual([{ feed: 'default', events: 2 }]);
    expect(await versions()).toEqual([MAPPING_VERSION, MAPPING_VERSION]);
    expect(await restart()).toEqual([]);
  });

  it('that one connector was sent are made again for the other one, and stay as they are', async () => {
    await append(3);
    const before = await store.readPage(aPageRequest({ upTo: 2 }));
    await store.savePosition(aPosition({ acknowledged: 2 }));
    makeOld();
    const old = await store.readPage(aPageRequest({ upTo: 2 }));
    expect(each(old, 'MappingVersion')).toEqual([0, 0]);
    await restart();
    expect(await store.readPage(aPageRequest({ upTo: 2 }))).toEqual({ ...before, hasMore: true });
    expect(await versions()).toEqual([MAPPING_VERSION, MAPPING_VERSION, MAPPING_VERSION]);
    const form = { cursorPrefix: '', between: ',' };
    const cursors = await store.readCursor({ feed: 'default', after: 0, limits: LIMITS, audience: EVERYONE, ...form });
    expect(each(cursors, 'MappingVersion')).toEqual([0, 0, MAPPING_VERSION]);
  });

  it('carry the stamp of the page, or their own time, when they are made again', async () => {
    await append(1);
    await store.noteServed('default', 1);
    const stamps = [{ kind: 'page', feedTimeMs: 5 }, { kind: 'stored' }] as const;
    const before = await Promise.all(stamps.map((stamp) => store.readPage(aPageRequest({ stamp }))));
    makeOld();
    await restart();
    expect(await Promise.all(stamps.map((stamp) => store.readPage(aPageRequest({ stamp }))))).toEqual(before);
  });

  it('are folded again where the feed takes one event an alert', async () => {
    await restart({ detections: 'perAlert' });
    await store.append(aBatch({ records: [anAlertOf(3), anAlertOf(2, { alertId: 'da-2' })] }));
    await store.noteServed('default', 2);
    const { body } = await store.readPage(aPageRequest());
    makeOld();
    await restart({ detections: 'perAlert' });
    expect((await store.readPage(aPageRequest())).body.toString()).toBe(body.toString());
  });

  it('stay as they were made under other settings', async () => {
    await append(2);
    await store.noteServed('default', 2);
    makeOld();
    await restart({ detections: 'perAlert' });
    expect(await versions()).toEqual([0, 0]);
    await restart();
    expect(await versions()).toEqual([MAPPING_VERSION, MAPPING_VERSION]);
  });

  it('stay as they are where their emission is not kept', async () => {
    await append(3);
    await store.noteServed('default', 2);
    makeOld();
    withDb((db) => db.exec('DELETE FROM emission WHERE emission_id <> 2'));
    expect(await restart()).toEqual([]);
    const page = await store.readPage(aPageRequest());
    expect(each(page, 'MappingVersion')).toEqual([0, MAPPING_VERSION, 0]);
    expect(each(page, 'FeedSeq')).toEqual([1, 2, 3]);
  });

  it('end the page earlier when their new text is longer', async () => {
    await append(3);
    await store.noteServed('default', 3);
    const { body } = await store.readPage(aPageRequest({ upTo: 2 }));
    makeOld(700);
    await restart();
    const limits = { ...LIMITS, maxBytes: body.length };
    const page = await store.readPage(aPageRequest({ limits }));
    expect(page).toMatchObject({ from: 1, to: 2, events: 2, hasMore: true });
    expect(page.body.toString()).toBe(body.toString());
  });

  it('stay as they are for a command that only looks', async () => {
    await append(2);
    await store.noteServed('default', 2);
    makeOld();
    await restart();
    const looking = createSqliteStore({ path, clock, readOnly: true });
    expect(each(await looking.readPage(aPageRequest()), 'MappingVersion')).toEqual([0, 0]);
    await looking.close();
  });
});

describe('a feed that schema 3 left behind', () => {
  const forget = () => {
    withDb((db) => {
      db.exec('UPDATE feed_event SET kind = NULL, rendering = NULL, updated_ms = NULL; UPDATE feed SET rendering = 0');
      db.exec(
        `DELETE FROM rendering; UPDATE feed_event SET body = replace(body, '"MappingVersion":1,', '"MappingVersion":0,')`,
      );
    });
  };

  it('has what nobody was sent made anew once, and the rest as it was', async () => {
    await append(4);
    await store.savePosition(aPosition({ acknowledged: 2 }));
    forget();
    expect(await restart()).toEqual([{ feed: 'default', events: 2 }]);
    const page = await store.readPage(aPageRequest());
    expect(each(page, 'FeedSeq')).toEqual([1, 2, 5, 6]);
    expect(each(page, 'AlertId')).toEqual(['da-0', 'da-1', 'da-2', 'da-3']);
    expect(each(page, 'MappingVersion')).toEqual([0, 0, MAPPING_VERSION, MAPPING_VERSION]);
    expect(await restart()).toEqual([]);
  });

  it('keeps events that do not say which others they came with', async () => {
    await append(2);
    forget();
    withDb((db) => db.exec('UPDATE emission SET record_id = NULL WHERE emission_id = 1'));
    expect(await restart()).toEqual([{ feed: 'default', events: 1 }]);
    expect(each(await store.readPage(aPageRequest()), 'FeedSeq')).toEqual([1, 3]);
  });
});

describe('making a feed anew', () => {
  it('has no place to begin where what was sent last is not kept: only what waits is made', async () => {
    await restart({ minSeverity: 'High' });
    await append(1);
    await store.append(aBatch({ records: [anAlert({ alertId: 'da-9', facts: { Severity: 'High' } })] }));
    await append(1, 5);
    await store.noteServed('default', 1);
    withDb((db) => db.exec('DELETE FROM feed_event; UPDATE feed SET first_seq = 2'));
    expect(await restart()).toEqual([]);
  });

  it('leaves all as it was when it fails in the middle', async () => {
    await append(400);
    const before = await store.readPage(aPageRequest());
    const killed = () => {
      throw new Error('killed');
    };
    withDb((db) => {
      const ensure = createFeedSetup(db, { ...clock, now: killed });
      expect(() => ensure([aFeed({ changes: 'all' })])).toThrow('killed');
    });
    expect(await store.readPage(aPageRequest())).toEqual(before);
    expect(await store.feedSpan('default')).toMatchObject({ lastSeq: 400 });
    expect(await restart({ changes: 'all' })).toEqual([{ feed: 'default', events: 400 }]);
  });

  it('needs no place to write where nothing changed', async () => {
    await append(1);
    withDb((db) => {
      db.exec('BEGIN IMMEDIATE');
      const reading = openSqlite(path, { readOnly: true });
      expect(createFeedSetup(reading, clock)([aFeed()])).toEqual([]);
      reading.close();
      db.exec('ROLLBACK');
    });
  });
});

describe('events of a feed that goes without a member', () => {
  const without = { arcsight: { ...DEFAULT_CHOICES, leftOut: ['Status', 'Verdict'] } };
  const hasStatus = async () =>
    each(await store.readPage(aPageRequest()), 'Status').map((status) => status !== undefined);

  it('are made anew where nobody was sent them', async () => {
    await append(2);
    expect(await hasStatus()).toEqual([true, true]);
    expect(await restart(without)).toEqual([{ feed: 'default', events: 2 }]);
    expect(await hasStatus()).toEqual([false, false]);
    await append(1, 7);
    expect(await hasStatus()).toEqual([false, false, false]);
  });

  it('are made anew for each page where somebody was sent them', async () => {
    await append(2);
    await store.noteServed('default', 2);
    expect(await restart(without)).toEqual([]);
    expect(await hasStatus()).toEqual([false, false]);
  });

  it('stay as they are when only what the parser file knows was chosen', async () => {
    await append(2);
    const { body } = await store.readPage(aPageRequest());
    const { leftOut } = DEFAULT_CHOICES;
    const arcsight = { ...DEFAULT_CHOICES, deviceProduct: 'Other', severity: { High: 'low' as const }, leftOut };
    expect(await restart({ arcsight, layout: 'esm', receiptTime: 'alert' })).toEqual([]);
    expect((await store.readPage(aPageRequest())).body).toEqual(body);
  });

  it('do not care in which order the members were written down', async () => {
    await restart(without);
    await append(2);
    const turned = { arcsight: { ...DEFAULT_CHOICES, leftOut: ['Verdict', 'Status'] } };
    expect(await restart(turned)).toEqual([]);
  });
});
