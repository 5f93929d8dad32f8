import { describe, expect, it } from 'vitest';
import type { Finding, FindingId } from '../../../src/domain/finding.ts';
import { findings } from '../../../src/telemetry/findings.ts';
import type { Alarms, Observations, SeenFeed, SeenRetention, SeenStore } from '../../../src/telemetry/observations.ts';
import { ALARMS, ANY_FEED, NOW, observations } from './metrics-builder.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const POLICY = { ageMs: 30 * DAY, sizeBytes: null, undeliveredMs: 90 * DAY };
const FULL = { code: 'STORE_FULL', message: 'the disk is full', hint: 'free space', sinceMs: NOW - MINUTE };
const HELD = { feed: 'default', connector: 'arcsight-01', events: 3, oldestMs: NOW - 40 * DAY };
const DELETED = { feed: 'default', events: 5, atMs: NOW - DAY };

function withStore(store: Partial<SeenStore>, alarms: Partial<Alarms> = {}): Observations {
  const usual: SeenStore = {
    stats: { alerts: 3, detections: 7, bytes: 4_100_000 },
    space: { usedBytes: 3e6, freeBytes: 5e9 },
    unwritable: null,
  };
  return observations({ store: { kind: 'read', ...usual, ...store }, alarms: { ...ALARMS, ...alarms } });
}

function withFree(freeBytes: number | null, alarmBytes: number | null = 1e9): Observations {
  return withStore({ space: { usedBytes: 3e6, freeBytes } }, { freeBytes: alarmBytes });
}

function withRetention(retention: Partial<SeenRetention>): Observations {
  return observations({ retention: { policy: POLICY, held: [], deleted: [], ...retention } });
}

function withHeartbeat(lastHeartbeat: SeenFeed['lastHeartbeat']): Observations {
  return observations({ feeds: [{ ...ANY_FEED, heartbeatMs: 5 * MINUTE, lastHeartbeat }] });
}

function row(id: FindingId, seen: Observations): Finding {
  const [only, ...more] = findings(seen).filter((finding) => finding.id === id);
  if (only === undefined || more.length > 0) throw new Error(`not one row ${id}`);
  return only;
}

const STATES: readonly (readonly [string, FindingId, Finding['state'], string, Observations])[] = [
  ['a readable store', 'store', 'ok', 'store', withStore({})],
  ['no store yet', 'store', 'ok', 'store', observations({ store: { kind: 'absent' } })],
  [
    'a broken store',
    'store',
    'failed',
    'store',
    observations({ store: { kind: 'failed', meaning: 'Damaged.', remedy: 'restore' } }),
  ],
  ['a store that is written', 'store.writable', 'ok', 'store', withStore({})],
  ['a full disk', 'store.writable', 'failed', 'store', withStore({ unwritable: FULL })],
  [
    'a store that another program holds',
    'store.writable',
    'warning',
    'store',
    withStore({ unwritable: { ...FULL, code: 'STORE_BUSY' } }),
  ],
  ['room enough', 'store.space', 'ok', 'store', withFree(1e9)],
  ['little room', 'store.space', 'warning', 'store', withFree(1e9 - 1)],
  ['little room still', 'store.space', 'warning', 'store', withFree(1e8)],
  ['hardly any room', 'store.space', 'failed', 'store', withFree(1e8 - 1)],
  ['hardly any room, where nobody wants to know', 'store.space', 'ok', 'store', withFree(1, null)],
  ['a disk that tells nothing', 'store.space', 'ok', 'store', withFree(null)],
  ['nothing held back', 'store.retention', 'ok', 'store', withRetention({})],
  ['events held for a connector', 'store.retention', 'warning', 'arcsight-01/default', withRetention({ held: [HELD] })],
  ['events deleted unread yesterday', 'store.retention', 'failed', 'default', withRetention({ deleted: [DELETED] })],
  [
    'events deleted unread a week ago',
    'store.retention',
    'ok',
    'store',
    withRetention({ deleted: [{ ...DELETED, atMs: NOW - 7 * DAY }] }),
  ],
  ['a feed', 'feed', 'ok', 'default', observations()],
  [
    'a heartbeat in time',
    'feed.heartbeat',
    'ok',
    'default',
    withHeartbeat({ storedMs: NOW - 15 * MINUTE, taken: false }),
  ],
  [
    'a heartbeat that is late',
    'feed.heartbeat',
    'warning',
    'default',
    withHeartbeat({ storedMs: NOW - 15 * MINUTE - 1, taken: true }),
  ],
  [
    'a heartbeat that nobody took',
    'feed.heartbeat',
    'warning',
    'default',
    withHeartbeat({ storedMs: NOW - DAY, taken: false }),
  ],
  ['no heartbeat yet', 'feed.heartbeat', 'warning', 'default', withHeartbeat(null)],
];

describe('the findings of store and feeds', () => {
  it.each(STATES)('for %s: %s is %s', (_name, id, state, subject, seen) => {
    expect(row(id, seen)).toMatchObject({ state, subject });
  });

  it('say what each means, and of each that is not ok what to do', () => {
    for (const [, , , , seen] of STATES) {
      for (const { state, meaning, remedy } of findings(seen)) {
        expect(meaning).toMatch(/^[A-Z0-9].*\.$/);
        expect(remedy === '').toBe(state === 'ok');
      }
    }
  });

  it('count what is stored', () => {
    expect(row('store', withStore({})).meaning).toBe('Readable: 3 alerts, 7 events, 5 MB.');
    expect(row('store.space', withFree(5.28e9)).meaning).toBe('The store uses 3 MB; 5.2 GB are free on its disk.');
    const empty = observations({ feeds: [{ ...ANY_FEED, stats: { lastSeq: 0, lastStoredMs: null } }] });
    expect(row('feed', empty)).toMatchObject({ meaning: 'No event has been stored yet.', sinceMs: null });
  });

  it('repeat why the store cannot be written, since when and what to do, and that nothing is lost', () => {
    expect(row('store.writable', withStore({ unwritable: FULL }))).toMatchObject({
      meaning: expect.stringMatching(/the disk is full\. Collection waits .* nothing is lost\.$/) as string,
      remedy: 'free space',
      sinceMs: NOW - MINUTE,
    });
  });

  it('say nothing of writing where only the server knows', () => {
    const ids = findings(withStore({ unwritable: undefined })).map(({ id }) => id);
    expect(ids).not.toContain('store.writable');
    expect(ids).toContain('store.space');
  });

  it('say who holds how much back since when, and when it goes all the same', () => {
    expect(row('store.retention', withRetention({ held: [HELD] }))).toMatchObject({
      meaning: expect.stringMatching(
        /^3 events past store\.retention\.age are kept .* from 2026-01-20T12:00:00Z\. They go unread from 2026-04-20T12:00:00Z on\.$/,
      ) as string,
      sinceMs: NOW - 40 * DAY,
    });
  });

  it('add up what was deleted unread in the last seven days', () => {
    const deleted = [DELETED, { feed: 'esm', events: 2, atMs: NOW - 2 * DAY }, { ...DELETED, atMs: NOW - 8 * DAY }];
    expect(row('store.retention', withRetention({ deleted }))).toMatchObject({
      subject: 'default, esm',
      meaning: expect.stringMatching(/^7 events were deleted .*, the last at 2026-02-28T12:00:00Z/) as string,
      sinceMs: NOW - DAY,
    });
  });

  it('say what retention does', () => {
    expect(row('store.retention', withRetention({})).meaning).toBe(
      'What is delivered goes after 30 d; nothing is held back.',
    );
    expect(row('store.retention', withRetention({ policy: { ...POLICY, sizeBytes: 20e9 } })).meaning).toBe(
      'What is delivered goes after 30 d, sooner above 20 GB; nothing is held back.',
    );
  });

  it('say when deleting what is delivered leaves the store above its size', () => {
    const above = (usedBytes: number): Observations => ({
      ...withStore({ space: { usedBytes, freeBytes: 5e9 } }),
      retention: { policy: { ...POLICY, sizeBytes: 1e9 }, held: [], deleted: [] },
    });
    expect(row('store.retention', above(1.05e9)).state).toBe('ok');
    expect(row('store.retention', above(1.3e9))).toMatchObject({
      state: 'warning',
      subject: 'store',
      meaning: expect.stringContaining('uses 1.3 GB, more than store.retention.size (1 GB)') as string,
    });
  });

  it('say whether a heartbeat was not made, or not taken', () => {
    const late = (taken: boolean) => row('feed.heartbeat', withHeartbeat({ storedMs: NOW - DAY, taken })).meaning;
    expect(late(true)).toBe(
      'No heartbeat has been put into the feed since 2026-02-28T12:00:00Z; one is due every 5 min.',
    );
    expect(late(false)).toBe(
      'No connector has taken the heartbeat of 2026-02-28T12:00:00Z; no other is added before one has.',
    );
  });

  it('have no row for a heartbeat that is not wanted', () => {
    expect(findings(observations()).map(({ id }) => id)).not.toContain('feed.heartbeat');
  });
});
