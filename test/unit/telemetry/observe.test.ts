import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { type Expected, observe } from '../../../src/telemetry/observe.ts';
import { aFeed, aPosition } from '../../contract/detection-store.ts';
import { anAlert, instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';

const TENANT = { tenantId: '11111111-2222-3333-4444-555555555555', name: 'contoso' };
const KEY = { tenantId: TENANT.tenantId, source: 'graph-alerts' } as const;
const STATUS = {
  lastTryMs: 1,
  lastSuccessMs: 1,
  failingSinceMs: null,
  failures: 0,
  lastError: null,
  rejected: 0,
  lastRejectedMs: null,
};
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
  credentials: [{ tenantName: 'contoso', expiresMs: null }],
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
    const checkpoint = { watermark: instant('2026-01-01T09:00:00Z'), window: null };
    await store.append({ tenant: TENANT, source: 'graph-alerts', records: [anAlert()], rejected: [], checkpoint });
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
