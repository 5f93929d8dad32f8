import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import { NO_CHECKPOINT } from '../../../src/domain/window.ts';
import { type DetectionStore, NEVER_POLLED } from '../../../src/store/detection-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { type Expected, observe } from '../../../src/telemetry/observe.ts';
import { aFeed, aPosition } from '../../contract/detection-store.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { ALARMS } from './metrics-builder.ts';

const TENANT = { tenantId: '11111111-2222-3333-4444-555555555555', name: 'contoso' };
const KEY = { tenantId: TENANT.tenantId, source: 'graph-alerts' } as const;
const DAY = 86_400_000;
const STATUS = { ...NEVER_POLLED, lastTryMs: 1, lastSuccessMs: 1 };
const EXPECTED: Expected = {
  configWarnings: [],
  alarms: ALARMS,
  retention: {
    policy: { ageMs: DAY, sizeBytes: null, undeliveredMs: 2 * DAY },
    readers: [{ feed: 'default', connectors: ['arcsight-01', 'arcsight-02'] }],
  },
  sources: [
    { tenantName: 'contoso', key: KEY, silentAfterMs: 900_000 },
    { tenantName: 'fabrikam', key: { ...KEY, tenantId: 'another' }, silentAfterMs: 900_000 },
  ],
  feeds: [{ name: 'default', acknowledge: 'progress', heartbeatMs: null }],
  connectors: [
    { name: 'arcsight-01', feeds: ['default'] },
    { name: 'arcsight-02', feeds: ['default'] },
  ],
  certificate: null,
  credentials: () => Promise.resolve([{ tenantName: 'contoso', what: 'client secret', expiresMs: null }]),
  clouds: [],
  initialCredentials: () => '/data/initial-credentials',
  serving: null,
};

const clock = steppedClock('2026-01-01T12:00:00Z');
let folder: string;
let store: DetectionStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-observe-'));
  store = createSqliteStore({ path: join(folder, 'events.db'), clock });
  await store.ensureFeeds([aFeed()]);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const append = (count: number) =>
  store.append({
    tenant: TENANT,
    source: 'graph-alerts',
    sources: ['graph-alerts'],
    records: Array.from({ length: count }, (_, index) => anAlert({ alertId: `da-${index}` })),
    setAside: [],
    settles: [],
    checkpoint: null,
  });

describe('a look at the store', () => {
  it('sees every source and connector that is configured, also those that never did anything', async () => {
    await store.append({
      tenant: TENANT,
      source: 'graph-alerts',
      sources: ['graph-alerts'],
      records: [anAlert()],
      setAside: [{ id: null, code: 'no-id', reason: 'the alert has no id', raw: '{}', stretch: null, readIn: null }],
      settles: [],
      checkpoint: { ...NO_CHECKPOINT, watermark: instant('2026-01-01T09:00:00Z') },
    });
    await store.recordStatus(KEY, STATUS);
    await store.savePosition(aPosition());
    const seen = await observe(store, EXPECTED, clock);
    expect(seen).toMatchObject({
      nowMs: clock.now(),
      store: { kind: 'read', stats: { alerts: 1, detections: 1 } },
      feeds: [{ name: 'default', stats: { lastSeq: 1 } }],
      initialCredentials: '/data/initial-credentials',
    });
    expect(seen.sources.map(({ tenantName, status }) => [tenantName, status?.lastSuccessMs ?? null])).toEqual([
      ['contoso', 1],
      ['fabrikam', null],
    ]);
    expect(seen.sources.map(({ watermark, quarantine }) => [watermark, quarantine])).toEqual([
      ['2026-01-01T09:00:00.0000000Z', { entries: 1, stretches: 0, oldestMs: clock.now() }],
      [null, null],
    ]);
    expect(seen.connectors.map(({ name, position }) => [name, position?.revision ?? null])).toEqual([
      ['arcsight-01', 1],
      ['arcsight-02', null],
    ]);
  });

  it('sees what waits for a connector, and since when', async () => {
    await append(2);
    await store.savePosition(aPosition());
    await store.savePosition(aPosition({ connector: 'arcsight-02', acknowledged: 2 }));
    const { connectors } = await observe(store, EXPECTED, clock);
    expect(connectors.map(({ waiting }) => waiting)).toEqual([
      { events: 2, isExact: true, oldestMs: clock.now() },
      { events: 0, isExact: true, oldestMs: null },
    ]);
  });

  it('sees wrong logins', async () => {
    const failure = { connector: 'arcsight-01', address: '192.0.2.7', by: 'basic', failures: 2 } as const;
    const times = { firstMs: clock.now(), lastMs: clock.now() };
    await store.noteLoginFailures([{ ...failure, ...times }]);
    expect((await observe(store, EXPECTED, clock)).loginFailures).toEqual([{ ...failure, ...times }]);
  });

  it('does not say what waits where no position is kept', async () => {
    await append(2);
    await store.savePosition(aPosition());
    const feeds = [{ name: 'default', acknowledge: 'none', heartbeatMs: null }] as const;
    const { connectors } = await observe(store, { ...EXPECTED, feeds }, clock);
    expect(connectors.map(({ position, waiting }) => [position === null, waiting])).toEqual([
      [false, null],
      [true, null],
    ]);
  });

  it('takes a position in memory for the newer one, and whether writing works from the serving process only', async () => {
    await store.savePosition(aPosition({ acknowledged: 1 }));
    const serving = { keptPositions: () => [aPosition({ acknowledged: 5 })] };
    const inside = await observe(store, { ...EXPECTED, serving }, clock);
    expect(inside.connectors.map(({ position, isKept }) => [position?.acknowledged, isKept])).toEqual([
      [5, true],
      [undefined, false],
    ]);
    expect(inside.store).toMatchObject({ kind: 'read', unwritable: null });
    const beside = await observe(store, EXPECTED, clock);
    expect(beside.connectors[0]).toMatchObject({ isKept: false, position: { acknowledged: 1 } });
    expect(beside.store).toMatchObject({ kind: 'read', unwritable: undefined });
  });

  it('sees what retention holds back for whom, and what it deleted unread', async () => {
    const held = [{ feed: 'default', connector: 'arcsight-01', events: 3, oldestMs: 1 }];
    const asked: unknown[] = [];
    const audit = [
      { atMs: 7, who: 'serve', action: 'retention', details: { feed: 'default', undelivered: 2 } },
      { atMs: 6, who: 'serve', action: 'retention', details: { feed: 'default', undelivered: 0 } },
      { atMs: 5, who: 'root', action: 'replay', details: { feed: 'default', undelivered: 2 } },
    ];
    const told: DetectionStore = {
      ...store,
      held: (request) => {
        asked.push(request);
        return Promise.resolve(held);
      },
      audit: () => Promise.resolve(audit),
    };
    const { retention } = await observe(told, EXPECTED, clock);
    expect(retention).toEqual({
      policy: EXPECTED.retention.policy,
      held,
      deleted: [{ feed: 'default', events: 2, atMs: 7 }],
    });
    expect(asked).toEqual([EXPECTED.retention]);
  });

  it('sees the last heartbeat of a feed that has them', async () => {
    const lastNotice = () => Promise.resolve({ seq: 4, storedMs: 99, taken: true });
    const feeds = EXPECTED.feeds.map((feed) => ({ ...feed, heartbeatMs: 60_000 }));
    const withHeartbeat = { ...EXPECTED, feeds };
    const seen = await observe({ ...store, lastNotice }, withHeartbeat, clock);
    expect(seen.feeds).toMatchObject([{ name: 'default', lastHeartbeat: { storedMs: 99, taken: true } }]);
    expect((await observe({ ...store, lastNotice }, EXPECTED, clock)).feeds).toMatchObject([{ lastHeartbeat: null }]);
  });

  it('that fails is an observation with its words and remedy', async () => {
    const error = new BridgeError({ code: 'STORE_DAMAGED', kind: 'operator', message: 'damaged', hint: 'restore' });
    const broken: DetectionStore = { ...store, ping: () => Promise.reject(error) };
    expect(await observe(broken, EXPECTED, clock)).toMatchObject({
      store: { kind: 'failed', meaning: 'damaged', remedy: 'restore' },
      sources: [],
      connectors: [],
    });
  });
});
