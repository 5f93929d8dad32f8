import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed } from '../../contract/detection-store.ts';
import { EVERYTHING } from '../../contract/errands.ts';
import { anAlert, anEvidence } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { readAfter } from '../../support/read-after.ts';

let folder: string;
let store: DetectionStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-replay-'));
  store = createSqliteStore({ path: join(folder, 'events.db'), clock: steppedClock('2026-01-01T12:00:00Z') });
  await store.ensureFeeds([aFeed()]);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function change(sql: string): void {
  const db = new Database(join(folder, 'events.db'));
  db.exec(sql);
  db.close();
}

const replayed = async () => {
  const commandId = await store.addCommand({ kind: 'replay', args: {}, requestedBy: 'kim' });
  await store.takeCommand();
  const { lastSeq } = await store.feedStats('default');
  await store.appendReplay({ commandId, feed: 'default', recipient: null, selection: EVERYTHING, limit: 100 });
  const page = await readAfter(store, 'default', lastSeq, { maxEvents: 100, maxBytes: 1e6 }, { kind: 'stored' });
  return JSON.parse(page.body.toString()) as Record<string, unknown>[];
};

describe('a replay of an event that an older version wrote', () => {
  beforeEach(() => {
    const evidence = ['192.0.2.1', '192.0.2.2'].map((ip) => anEvidence({ key: [ip], facts: { IpAddress: ip } }));
    return store.append(aBatch({ records: [anAlert({ evidence })] }));
  });

  it('has the text that this version makes of it, and the reason that it had', async () => {
    change(`UPDATE feed_event SET kind = NULL, rendering = NULL, updated_ms = NULL,
      body = replace(replace(body, '"MappingVersion":1,', ''), '"AlertTitle":"Suspicious activity",', '')`);
    expect(await replayed()).toMatchObject([
      {
        AlertTitle: 'Suspicious activity',
        MappingVersion: 1,
        IpAddress: '192.0.2.1',
        EventReason: 'replay of FeedSeq 1: new',
      },
      {
        AlertTitle: 'Suspicious activity',
        MappingVersion: 1,
        IpAddress: '192.0.2.2',
        EventReason: 'replay of FeedSeq 2: new',
      },
    ]);
  });

  it('is sent as it was stored where what it was made of is gone', async () => {
    change('DELETE FROM emission');
    expect(await replayed()).toMatchObject([
      { AlertTitle: 'Suspicious activity', IpAddress: '192.0.2.1', TenantName: 'contoso', EventKind: 'replay' },
      { AlertTitle: 'Suspicious activity', IpAddress: '192.0.2.2', TenantName: 'contoso', EventKind: 'replay' },
    ]);
  });
});

describe('a range of many numbers', () => {
  it('is looked through in parts, also where most of them are gone', async () => {
    await store.append(aBatch({ records: [anAlert({ alertId: 'first' })] }));
    // As a feed of two years, of which retention has left the two ends.
    change(`UPDATE feed SET last_seq = 20000; INSERT INTO feed_event
      SELECT event_id + 19999, emission_id, stored_ms, bytes, body, kind, rendering, recipient, updated_ms FROM feed_event`);
    expect(await store.replayPreview('default', EVERYTHING)).toMatchObject({ events: 2, firstSeq: 1, lastSeq: 20_000 });
    const commandId = await store.addCommand({ kind: 'replay', args: {}, requestedBy: 'kim' });
    await store.takeCommand();
    const slice = { commandId, feed: 'default', recipient: null, selection: EVERYTHING, limit: 100 };
    const slices = [];
    for (let part = 0; part < 4; part += 1) slices.push(await store.appendReplay(slice));
    expect(slices).toEqual([
      { events: 1, ended: false },
      { events: 0, ended: false },
      { events: 0, ended: false },
      { events: 1, ended: true },
    ]);
    const outlook = { feed: 'default', connector: 'arcsight-01', acknowledged: 1, cutOver: null };
    expect(await store.cutOverPreview(outlook)).toEqual({ sent: 3, leftOut: 1 });
  });
});
