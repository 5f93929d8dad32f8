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

const TENANT = { tenantId: '11111111-2222-3333-4444-555555555555', name: 'contoso' };
const KEY = { tenantId: TENANT.tenantId, source: 'graph-alerts' } as const;
const STATUS = { ...NEVER_POLLED, lastTryMs: 1, lastSuccessMs: 1 };
const EXPECTED: Expected = {
  configWarnings: [],
  sources: [
    { tenantName: 'contoso', key: KEY, silentAfterMs: 900_000 },
    { tenantName: 'fabrikam', key: { ...KEY, tenantId: 'another' }, silentAfterMs: 900_000 },
  ],
  feeds: ['default'],
  connectors: [
    { name: 'arcsight-01', feeds: ['default'] },
    { name: 'arcsight-02', feeds: ['default'] },
  ],
  certificate: null,
  credentials: () => Promise.resolve([{ tenantName: 'contoso', what: 'client secret', expiresMs: null }]),
  clouds: [],
  initialCredentials: () => '/data/initial-credentials',
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
