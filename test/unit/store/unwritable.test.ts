import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed, aPage, aPosition, aTry, IDLE, KEY, LIMITS } from '../../contract/detection-store.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { readAfter } from '../../support/read-after.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');

let folder: string;
let path: string;
let store: DetectionStore;
let events: BridgeEvent[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-unwritable-'));
  path = join(folder, 'events.db');
  events = [];
  const emit = (event: BridgeEvent): void => {
    events.push(event);
  };
  store = createSqliteStore({ path, clock: steppedClock(NOW), emit, serving: true, busyMs: 1 });
  await store.ensureFeeds([aFeed()]);
  await store.append(aBatch({ records: [anAlert()] }));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Another process that writes and does not come to an end. */
async function whileLocked(work: () => Promise<void>): Promise<void> {
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  try {
    await work();
  } finally {
    other.exec('ROLLBACK');
    other.close();
  }
}

const later = aBatch({
  records: [anAlert({ alertId: 'da-2' })],
  checkpoint: { ...IDLE, watermark: instant('2026-01-01T10:00:00Z') },
});

describe('a store that cannot be written', () => {
  it('is readable: nothing that reads takes a lock or needs room', async () => {
    await whileLocked(async () => {
      await store.ping();
      expect(await readAfter(store, 'default', 0, LIMITS, { kind: 'stored' })).toMatchObject({ events: 1 });
      expect(await store.takeCommand()).toBeNull();
      expect(await store.releaseCommands()).toBe(0);
      expect(await store.ensureFeeds([aFeed()])).toEqual([]);
      expect(await store.positions()).toEqual([]);
      await store.space();
    });
    expect([store.unwritable(), events]).toEqual([null, []]);
  });

  it('says since when and why, from the first write that fails until one succeeds', async () => {
    expect(store.unwritable()).toBeNull();
    await whileLocked(async () => {
      await expect(store.savePosition(aPosition())).rejects.toMatchObject({ code: 'STORE_BUSY', kind: 'transient' });
      expect(store.unwritable()).toMatchObject({ code: 'STORE_BUSY', sinceMs: NOW });
      expect(events).toMatchObject([{ name: 'storeUnwritable', error: { code: 'STORE_BUSY' } }]);
    });
    expect(store.unwritable()).not.toBeNull();
    expect(await store.savePosition(aPosition())).toBe(true);
    expect(store.unwritable()).toBeNull();
    expect(events.map(({ name }) => name)).toEqual(['storeUnwritable', 'storeWritable']);
  });

  it('takes a write that had nothing to change for no proof', async () => {
    await store.savePosition(aPosition());
    await whileLocked(async () => {
      await expect(store.savePosition(aPosition({ revision: 2 }))).rejects.toMatchObject({ code: 'STORE_BUSY' });
    });
    expect(await store.savePosition(aPosition({ revision: 9 }))).toBe(false);
    expect(store.unwritable()).not.toBeNull();
    expect(await store.savePosition(aPosition({ revision: 2 }))).toBe(true);
    expect(store.unwritable()).toBeNull();
  });

  it('moves no checkpoint, and takes the same page when it can', async () => {
    await whileLocked(async () => {
      await expect(store.append(later)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    });
    expect((await store.checkpoint(KEY)).watermark).toBe(IDLE.watermark);
    await store.savePosition(aPosition());
    expect(store.unwritable()).not.toBeNull();
    expect(await store.append(later)).toMatchObject({ fresh: 1 });
    expect(store.unwritable()).toBeNull();
  });

  it('waits as long as it was told and no longer, for it holds up everything', async () => {
    const served = createSqliteStore({ path, clock: steppedClock(NOW), serving: true });
    const began = performance.now();
    await whileLocked(async () => {
      await expect(served.savePosition(aPosition())).rejects.toMatchObject({ code: 'STORE_BUSY' });
    });
    const waited = performance.now() - began;
    expect(waited).toBeGreaterThan(200);
    expect(waited).toBeLessThan(2000);
    await served.close();
  });

  it('takes tries that a process which is gone left open for broken, until it has written the position itself', async () => {
    const outcomes = async () =>
      (await store.position('arcsight-01', 'default'))?.page?.tries.map(({ outcome }) => outcome);
    await store.savePosition(aPosition({ page: aPage({ tries: [aTry(), aTry({ outcome: 'closed' })] }) }));
    expect(await outcomes()).toEqual(['sent', 'closed']);
    await whileLocked(async () => {
      expect(await store.breakUnprovenTries()).toBe(1);
      expect(await outcomes()).toEqual(['broken', 'closed']);
      expect(store.unwritable()).toMatchObject({ code: 'STORE_BUSY' });
    });
    await store.savePosition(aPosition({ revision: 2, page: aPage({ tries: [aTry({ outcome: 'open' })] }) }));
    expect(await outcomes()).toEqual(['open']);
  });
});
