import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  compareSource,
  planReconcile,
  type ReconcileDeps,
  type ReconcileRequest,
} from '../../../src/collector/reconcile.ts';
import { followAlerts } from '../../../src/collector/reconcile-delivery.ts';
import { slicesOf } from '../../../src/collector/reconcile-reading.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import type { FeedRules } from '../../../src/domain/feed-rules.ts';
import { shiftInstant } from '../../../src/domain/instant.ts';
import { NO_CHECKPOINT } from '../../../src/domain/window.ts';
import { type DetectionStore, NEVER_POLLED } from '../../../src/store/detection-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed, aPosition, aRecordAside, TENANT } from '../../contract/detection-store.ts';
import { aDetection, anAlert, aPart, instant } from '../../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';
import { type PlayedApi, type PlayedRecord, playedApi, record, refused } from './played-api.ts';

const NOW = '2026-01-02T12:00:00Z';
const SETTINGS = { settleMs: 60_000, sliceMs: 3_600_000, overlapMs: 900_000 };
const READ_TO = instant('2026-01-02T11:58:00Z');
const NEVER = new AbortController().signal;
const DAY: ReconcileRequest = { fromMs: null, toMs: null, fetch: false };
const FETCH: ReconcileRequest = { ...DAY, fetch: true };

let folder: string;
let clock: SteppedClock;
let store: DetectionStore;
let api: PlayedApi;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-reconcile-'));
  clock = steppedClock(NOW);
  store = createSqliteStore({ path: join(folder, 'events.db'), clock });
  await store.ensureFeeds([aFeed()]);
  api = playedApi(clock);
  await readUpTo(READ_TO);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** The collector has got there. */
async function readUpTo(watermark: typeof READ_TO | null, ...alerts: readonly PlayedRecord[]): Promise<void> {
  const records = alerts.map(({ alertId, at }) => anAlert({ alertId, lastUpdate: at, raw: `${alertId} ${at}` }));
  await store.append(aBatch({ records, checkpoint: { ...NO_CHECKPOINT, watermark } }));
}

function deps(overrides: Partial<ReconcileDeps> = {}): ReconcileDeps {
  const sources = ['graph-alerts'] as const;
  return { tenant: TENANT, source: api, sources, settings: SETTINGS, store, clock, ...overrides };
}

async function compare(request: ReconcileRequest = DAY, own = deps()) {
  const plan = await planReconcile(own, request, NEVER);
  const seen: number[] = [];
  const result = await compareSource(own, plan, request, (alerts) => seen.push(alerts), NEVER);
  return { ...result, seen, slices: plan.slices };
}

async function reasons(request: ReconcileRequest = DAY, own = deps()) {
  const { missing } = await compare(request, own);
  return missing.map(({ alertId, reason, became }) => [alertId, reason, became?.outcome ?? null]);
}

const events = async () => (await store.feedStats('default')).lastSeq;

describe('an alert that Microsoft made visible a moment ago', () => {
  const LATE = record('late', '2026-01-02T11:57:00Z');
  const KEY = { tenantId: TENANT.tenantId, source: 'graph-alerts' } as const;
  let slept: number;

  beforeEach(async () => {
    slept = 0;
    api.records = [LATE];
    await store.recordStatus(KEY, { ...NEVER_POLLED, lastTryMs: clock.now() });
  });

  /** A running bridge polls every ten seconds and reads it with the second poll. */
  const polled = (reads: boolean): ReconcileDeps['clock'] => ({
    ...clock,
    async sleep(ms, signal) {
      await clock.sleep(ms, signal);
      slept += ms;
      if (slept % 10_000 !== 0) return;
      await store.recordStatus(KEY, { ...NEVER_POLLED, lastTryMs: clock.now() });
      if (reads && slept === 20_000) await readUpTo(READ_TO, LATE);
    },
  });

  it('is not missing when a running bridge stores it with its next poll', async () => {
    expect(await reasons(DAY, deps({ clock: polled(true) }))).toEqual([]);
    expect(slept).toBe(20_000);
  });

  it('is missing when the poll does not bring it', async () => {
    expect(await reasons(DAY, deps({ clock: polled(false) }))).toEqual([['late', 'absent', null]]);
    expect(slept).toBe(20_000);
  });

  it('is not waited for where nobody polls, nor for one that no poll would read again', async () => {
    await store.recordStatus(KEY, { ...NEVER_POLLED, lastTryMs: clock.now() - 3_600_000 });
    expect(await reasons(DAY, deps({ clock: polled(true) }))).toEqual([['late', 'absent', null]]);
    await store.recordStatus(KEY, { ...NEVER_POLLED, lastTryMs: clock.now() });
    api.records = [record('old', '2026-01-02T11:00:00Z')];
    expect(await reasons(DAY, deps({ clock: polled(true) }))).toEqual([['old', 'absent', null]]);
    expect(slept).toBe(0);
  });
});

describe('the range that is compared', () => {
  it('is a day to where the reading has got, by the clock of Microsoft, in slices', async () => {
    const { range, slices, seen } = await compare();
    expect(range).toEqual({ from: instant('2026-01-01T11:58:00Z'), to: READ_TO });
    expect(slices).toHaveLength(24);
    expect(seen).toHaveLength(24);
  });

  it('ends at what has settled when the reading is behind or has not begun', async () => {
    await readUpTo(instant('2026-01-02T11:00:00Z'));
    expect((await compare()).range.to).toBe(instant('2026-01-02T11:59:00Z'));
    await readUpTo(null);
    expect((await compare()).range.to).toBe(instant('2026-01-02T11:59:00Z'));
  });

  it('is the one that is asked for, but nothing that is still to come', async () => {
    const request = { ...DAY, fromMs: Date.parse('2026-01-02T10:00:00Z'), toMs: Date.parse('2026-01-03T00:00:00Z') };
    expect((await compare(request)).range).toEqual({ from: instant('2026-01-02T10:00:00Z'), to: instant(NOW) });
    expect((await compare({ ...request, toMs: Date.parse('2026-01-02T09:00:00Z') })).slices).toEqual([]);
  });

  it('is cut without a gap into no more slices than a hundred', () => {
    for (const [hours, sliceMs, count] of [
      [24, 3_600_000, 24],
      [2400, 3_600_000, 100],
      [1, 86_400_000, 1],
    ] as const) {
      const from = instant('2026-01-01T00:00:00.1234567Z');
      const to = shiftInstant(from, hours * 3_600_000 + 1);
      const slices = slicesOf({ from, to }, sliceMs);
      expect(slices.length - count).toBeLessThanOrEqual(1);
      expect([slices[0]?.from, slices.at(-1)?.to]).toEqual([from, to]);
      for (const [index, slice] of slices.entries()) {
        expect(slice.from < slice.to).toBe(true);
        if (index > 0) expect(slice.from).toBe(slices[index - 1]?.to);
      }
    }
  });
});

describe('an alert that Microsoft has', () => {
  it('is stored or missing, and named with its reason', async () => {
    const known = record('da-1', '2026-01-02T09:00:00Z');
    const changed = record('da-2', '2026-01-02T09:30:00Z');
    api.records = [
      record('da-0', '2026-01-02T08:00:00Z'),
      known,
      { ...changed, at: instant('2026-01-02T10:00:00Z') },
      record('da-3', '2026-01-02T11:00:00Z'),
    ];
    await readUpTo(READ_TO, known, changed);
    const { microsoft, stored, settling, storedOnly, unread } = await compare();
    expect({ microsoft, stored, settling, storedOnly, unread }).toEqual({
      microsoft: 4,
      stored: ['da-1'],
      settling: 0,
      storedOnly: 0,
      unread: [],
    });
    expect(await reasons()).toEqual([
      ['da-0', 'before-start', null],
      ['da-2', 'changed', null],
      ['da-3', 'absent', null],
    ]);
    expect(await events()).toBe(2);
  });

  it('is known under the spelling of another API, and stored when that API owns it', async () => {
    const [bare, prefixed] = ['637551227677560813_-961444813', 'da637551227677560813_-961444813'];
    const sources = ['defender-alerts', 'graph-alerts'] as const;
    const at = instant('2026-01-02T09:00:00Z');
    await store.append(
      aBatch({ source: 'defender-alerts', sources, records: [anAlert({ alertId: bare, lastUpdate: at })] }),
    );
    // Its update time is in the clock of the other API.
    api.records = [record(prefixed, '2026-01-02T09:00:05Z')];
    expect(await compare(DAY, deps({ sources }))).toMatchObject({ microsoft: 1, stored: [prefixed], missing: [] });
  });

  it('is not looked for while it is newer than settle, and is to come where the reading has not got to', async () => {
    await readUpTo(instant('2026-01-02T10:00:00Z'), record('da-1', '2026-01-02T09:00:00Z'));
    api.records = [record('da-2', '2026-01-02T10:00:00Z'), record('da-3', '2026-01-02T11:59:30Z')];
    const request = { ...DAY, toMs: Date.parse(NOW) };
    expect(await compare(request)).toMatchObject({ microsoft: 2, settling: 1, stored: [], storedOnly: 1 });
    expect(await reasons(request)).toEqual([['da-2', 'unread', null]]);
    expect(await reasons({ ...request, fetch: true })).toEqual([['da-2', 'unread', 'new']]);
  });

  it('is in the quarantine, by its id or by its time', async () => {
    const stretch = { from: instant('2026-01-02T08:00:00Z'), to: instant('2026-01-02T08:00:01Z'), index: null };
    await store.append(
      aBatch({
        setAside: [
          aRecordAside({ id: 'da-1' }),
          aRecordAside({ id: null, code: 'unanswered', reason: 'Microsoft answered 500', stretch }),
        ],
        checkpoint: { ...NO_CHECKPOINT, watermark: READ_TO },
      }),
    );
    api.records = [record('da-9', '2026-01-02T08:00:00Z', true), record('da-1', '2026-01-02T09:00:00Z')];
    const { missing, unread } = await compare();
    expect(missing).toMatchObject([{ alertId: 'da-1', reason: 'quarantine' }]);
    expect(unread).toEqual([{ from: stretch.from, to: stretch.to, code: null, reason: 'Microsoft answered 500' }]);
    expect(api.requests).toBe(25);
    expect(await reasons(FETCH)).toEqual([['da-1', 'quarantine', 'new']]);
    expect((await store.quarantine()).map(({ id }) => id)).toEqual([null]);
  });

  it('comes in a form that cannot be read: it is counted, and set aside when it is fetched', async () => {
    api.records = [{ ...record('da-1', '2026-01-02T09:00:00Z'), unreadable: '{"x":1}' }];
    expect(await compare()).toMatchObject({ microsoft: 1, stored: [] });
    expect(await reasons()).toEqual([[null, 'unreadable', null]]);
    expect(await store.quarantine()).toEqual([]);
    expect(await reasons(FETCH)).toEqual([[null, 'unreadable', 'set-aside']]);
    expect(await store.quarantine()).toHaveLength(1);
  });

  it('may be read by the collector while the comparison goes on', async () => {
    const late = record('da-1', '2026-01-02T09:00:00Z');
    api.records = [late, record('da-2', '2026-01-02T09:00:00Z')];
    const source: ReconcileDeps['source'] = {
      ...api,
      async *pages(window, signal) {
        yield* api.pages(window, signal);
        if (window.to === READ_TO) await readUpTo(READ_TO, late);
      },
    };
    expect(await compare(DAY, deps({ source }))).toMatchObject({ stored: ['da-1'], missing: [{ alertId: 'da-2' }] });
  });

  it('is stored though Microsoft no longer has it in the range', async () => {
    await readUpTo(READ_TO, record('da-1', '2026-01-02T09:00:00Z'), record('da-2', '2026-01-02T09:00:00Z'));
    api.records = [record('da-1', '2026-01-02T09:00:00Z')];
    expect(await compare()).toMatchObject({ microsoft: 1, stored: ['da-1'], missing: [], storedOnly: 1 });
  });
});

describe('an alert that comes in parts', () => {
  const siem = { source: 'siem-detections', sources: ['siem-detections'] } as const;
  const answer = (...records: readonly ReturnType<typeof aPart>[]) =>
    deps({
      sources: siem.sources,
      source: {
        ...api,
        name: 'siem-detections',
        async *pages({ from, to }) {
          await Promise.resolve();
          const within = records.filter(({ lastUpdate }) => lastUpdate >= from && lastUpdate < to);
          yield { records: within, rejected: [], progress: to, isLast: true };
        },
      },
    });

  it('is missing while one of its detections is, however new the alert is', async () => {
    const [nine, ten] = ['2026-01-02T09:00:00Z', '2026-01-02T10:00:00Z'];
    const checkpoint = { ...NO_CHECKPOINT, watermark: READ_TO };
    await store.append(aBatch({ ...siem, records: [aPart([aDetection('1', ten)])], checkpoint }));
    expect(await reasons(DAY, answer(aPart([aDetection('1', ten)])))).toEqual([]);
    const own = answer(aPart([aDetection('2', nine)]), aPart([aDetection('1', ten)]));
    expect(await reasons(DAY, own)).toEqual([['da-1', 'changed', null]]);
    expect(await reasons(FETCH, own)).toEqual([['da-1', 'changed', 'changed']]);
    expect(await reasons(DAY, own)).toEqual([]);
    expect(await reasons(DAY, answer(aPart([aDetection('2', ten)])))).toEqual([['da-1', 'changed', null]]);
  });
});

describe('fetching', () => {
  it('stores what is missing and what is stored in an older state, tells what each became, and moves no position', async () => {
    const before = record('da-2', '2026-01-02T09:30:00Z');
    await readUpTo(READ_TO, record('da-1', '2026-01-02T09:00:00Z'), before);
    const checkpoint = await store.checkpoint({ tenantId: TENANT.tenantId, source: 'graph-alerts' });
    api.records = [
      record('da-1', '2026-01-02T09:00:00Z'),
      { ...before, at: instant('2026-01-02T10:00:00Z') },
      record('da-3', '2026-01-02T11:00:00Z'),
    ];
    const { missing, stored } = await compare(FETCH);
    // The same content under a later time: nothing to tell.
    expect(missing.map(({ alertId, became }) => [alertId, became])).toEqual([
      ['da-2', { outcome: 'known', events: 0, keptOutOf: [] }],
      ['da-3', { outcome: 'new', events: 1, keptOutOf: [] }],
    ]);
    expect(stored.toSorted()).toEqual(['da-1', 'da-2', 'da-3']);
    expect(await store.checkpoint({ tenantId: TENANT.tenantId, source: 'graph-alerts' })).toEqual(checkpoint);
    expect(await reasons()).toEqual([]);
    expect(await events()).toBe(3);
  });

  it('says of a new alert which feeds keep it out', async () => {
    await store.ensureFeeds([aFeed(), aFeed({ name: 'high', minSeverity: 'High' })]);
    api.records = [record('da-1', '2026-01-02T09:00:00Z')];
    expect((await compare(FETCH)).missing).toMatchObject([{ became: { events: 1, keptOutOf: ['high'] } }]);
  });
});

describe('Microsoft, while it is asked', () => {
  const late = '2026-01-02T11:00:00Z';
  beforeEach(() => {
    api.records = [record('da-1', '2026-01-01T12:30:00Z'), record('da-2', late)];
  });

  it('may fail for a while, and may ask to wait', async () => {
    api.trouble = (request) => {
      if (request === 2) return refused();
      return request === 3 ? throttled(600_000) : null;
    };
    const started = clock.monotonic();
    expect(await compare()).toMatchObject({ microsoft: 2, unread: [] });
    expect(clock.monotonic() - started).toBe(2_000 + 600_000);
  });

  it('fails for one stretch for good: that is said, and the others are compared', async () => {
    api.trouble = (_request, { from }) => (from.startsWith('2026-01-01T12:58') ? refused() : null);
    const { microsoft, unread } = await compare();
    expect(microsoft).toBe(2);
    expect(unread).toEqual([
      {
        from: instant('2026-01-01T12:58:00Z'),
        to: instant('2026-01-01T13:58:00Z'),
        code: 'UPSTREAM_FAILED',
        reason: 'Microsoft failed (UPSTREAM_FAILED)',
      },
    ]);
  });

  it('refuses: the rest is not compared, and what was seen before is told', async () => {
    api.trouble = (request) => (request > 1 ? refused('UPSTREAM_FORBIDDEN', 'operator') : null);
    const { microsoft, unread } = await compare();
    expect(microsoft).toBe(1);
    expect(unread).toMatchObject([{ from: instant('2026-01-01T12:58:00Z'), to: READ_TO, code: 'UPSTREAM_FORBIDDEN' }]);
    expect(api.requests).toBe(2);
  });

  it('is not waited for beyond an hour', async () => {
    api.trouble = () => throttled(7_200_000);
    expect((await compare()).unread).toMatchObject([{ to: READ_TO, code: 'UPSTREAM_THROTTLED' }]);
    expect(clock.now()).toBe(Date.parse(NOW));
  });

  it('ends with the command', async () => {
    const stop = new AbortController();
    const own = deps();
    const plan = await planReconcile(own, DAY, NEVER);
    const comparing = compareSource(
      own,
      plan,
      DAY,
      () => {
        stop.abort(new Error('stopped'));
      },
      stop.signal,
    );
    await expect(comparing).rejects.toThrow('stopped');
    expect(api.requests).toBe(1);
  });

  function throttled(retryAfterMs: number): BridgeError {
    const facts = { code: 'UPSTREAM_THROTTLED', kind: 'transient', message: 'slow down', hint: 'Wait.' } as const;
    return new BridgeError({ ...facts, retryAfterMs });
  }
});

describe('a stored alert in a feed', () => {
  const follow = (rules: readonly FeedRules[], ids: readonly string[], tellAgain = false, keepsPosition = true) =>
    followAlerts(ids, {
      tenantId: TENANT.tenantId,
      store,
      clock,
      tellAgain,
      feeds: rules.map((one) => ({ rules: one, connectors: ['arcsight-01'], keepsPosition })),
    });
  const nobody = { connector: 'arcsight-01', state: 'never', taken: 0, waiting: 0, leftOut: 0, passedOver: [] };
  const three = ['da-1', 'da-2', 'da-3'];
  const loseEvents = (from: number): void => {
    const database = new Database(join(folder, 'events.db'));
    database.prepare('DELETE FROM feed_event WHERE event_id % (1 << 40) >= ?').run(from);
    database.close();
  };
  const stored = () => readUpTo(READ_TO, ...three.map((id) => record(id, '2026-01-02T09:00:00Z')));

  it('was taken by a connector that acknowledged all its events, and waits for the others', async () => {
    await stored();
    await store.savePosition(aPosition({ acknowledged: 2 }));
    const [feed] = await follow([aFeed()], three);
    expect(feed).toEqual({
      feed: 'default',
      ...{ told: 3, keptOut: 0, gone: 0, untold: [], toldAgain: 0 },
      connectors: [{ ...nobody, state: 'known', taken: 2, waiting: 1 }],
    });
    expect((await follow([aFeed({ name: 'other', tenantIds: new Set(['x']) })], three)).length).toBe(0);
  });

  it('waits for a connector that never asked, and nobody knows where no position is kept', async () => {
    await stored();
    expect((await follow([aFeed()], three))[0]?.connectors).toEqual([{ ...nobody, waiting: 3 }]);
    expect((await follow([aFeed()], three, false, false))[0]?.connectors).toEqual([{ ...nobody, state: 'unknown' }]);
  });

  it('was left to the connector before, or given up', async () => {
    await stored();
    const cutOver = { upTo: 1, updatedBeforeMs: Date.parse('2026-01-02T10:00:00Z') };
    await store.savePosition(aPosition({ acknowledged: 3, cutOver }));
    const details = { connector: 'arcsight-01', feed: 'default', seq: 2, tries: 5 };
    await store.addAudit({ who: 'flexbridge', action: 'passed-over', details });
    expect((await follow([aFeed()], three))[0]?.connectors).toEqual([
      { ...nobody, state: 'known', taken: 1, leftOut: 1, passedOver: ['da-2'] },
    ]);
  });

  it('is kept out by its filter', async () => {
    const high = aFeed({ name: 'high', minSeverity: 'High' });
    await store.ensureFeeds([high]);
    await stored();
    expect(await follow([high], three)).toMatchObject([{ told: 0, keptOut: 3, gone: 0, untold: [] }]);
  });

  it('is older than the feed, or was deleted by retention: never called lost', async () => {
    await stored();
    clock.step(3 * 86_400_000);
    const late = aFeed({ name: 'late' });
    await store.ensureFeeds([aFeed(), late]);
    expect(await follow([late], three)).toMatchObject([{ told: 0, gone: 3, untold: [] }]);
    const policy = { ageMs: 86_400_000, sizeBytes: null, undeliveredMs: 86_400_000 };
    while (!(await store.prune({ policy, readers: [{ feed: 'default', connectors: [] }], maxRows: 100 })).done);
    expect(await follow([aFeed()], three)).toMatchObject([{ told: 0, gone: 3, untold: [] }]);
  });

  it('was deleted by retention in one feed, though another one holds it for a connector', async () => {
    const other = aFeed({ name: 'other' });
    await store.ensureFeeds([aFeed(), other]);
    await stored();
    clock.step(2 * 3_600_000);
    const policy = { ageMs: 3_600_000, sizeBytes: null, undeliveredMs: 30 * 86_400_000 };
    const readers = [
      { feed: 'default', connectors: [] },
      { feed: 'other', connectors: ['arcsight-01'] },
    ];
    await store.savePosition(aPosition({ feed: 'other' }));
    while (!(await store.prune({ policy, readers, maxRows: 100 })).done);
    expect(await follow([aFeed(), other], three)).toMatchObject([
      { told: 0, gone: 3, untold: [] },
      { told: 3, gone: 0, untold: [] },
    ]);
  });

  it('has lost its event though the feed was there long before', async () => {
    await readUpTo(READ_TO, record('da-0', '2026-01-02T09:00:00Z'));
    clock.step(3 * 86_400_000);
    await stored();
    loseEvents(2);
    clock.step(3 * 86_400_000);
    expect(await follow([aFeed()], ['da-0', ...three])).toMatchObject([{ told: 1, gone: 0, untold: three }]);
  });

  it('without an event that it ought to have is named, and told when that is asked for', async () => {
    await stored();
    loseEvents(1);
    const [before] = await follow([aFeed()], three);
    expect(before).toMatchObject({ told: 0, untold: three, toldAgain: 0 });
    expect((await follow([aFeed()], three, true))[0]).toMatchObject({
      ...{ told: 3, untold: three, toldAgain: 3 },
      connectors: [{ waiting: 3 }],
    });
    expect((await follow([aFeed()], three))[0]).toMatchObject({ told: 3, untold: [] });
  });
});
