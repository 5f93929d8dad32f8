import { NEVER_POLLED, type SourceStatus } from '../../../src/store/detection-store.ts';
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics.ts';
import type { Alarms, Observations, SeenConnector, SeenFeed } from '../../../src/telemetry/observations.ts';
import type { Expected } from '../../../src/telemetry/observe.ts';
import { aPosition } from '../../contract/detection-store.ts';
import { instant } from '../../support/alerts.ts';

export const NOW = Date.parse('2026-03-01T12:00:00Z');
const KEY = { tenantId: '11111111-2222-4333-8444-555555555555', source: 'graph-alerts' } as const;
export const ANY_SOURCE = { tenantName: 'contoso', key: KEY, silentAfterMs: 900_000 };
/** Labels as `readSamples` gives them. */
export const SOURCE = 'source="graph-alerts",tenant="contoso"';
export const DELIVERY = 'connector="arcsight-01",feed="default"';
const ANY_STATUS: SourceStatus = { ...NEVER_POLLED, lastTryMs: NOW, lastSuccessMs: NOW - 60_000 };
const ANY_POSITION = aPosition({ acknowledged: 30, lastPollMs: NOW - 5_000, lastDeliveredMs: NOW - 35_000 });
export const ALARMS: Alarms = {
  connectorSilentMs: 300_000,
  connectorFailedMs: 900_000,
  nothingDeliveredMs: null,
  undeliveredMs: 3_600_000,
  freeBytes: 1e9,
};
const POLICY = { ageMs: 30 * 86_400_000, sizeBytes: null, undeliveredMs: 90 * 86_400_000 };
export const ANY_FEED: SeenFeed = {
  name: 'default',
  acknowledge: 'progress',
  heartbeatMs: null,
  stats: { lastSeq: 42, lastStoredMs: NOW - 2_500 },
  lastHeartbeat: null,
};
export const ANY_CONNECTOR: SeenConnector = {
  name: 'arcsight-01',
  feed: 'default',
  position: ANY_POSITION,
  isKept: false,
  cursorReadMs: null,
  waiting: { events: 12, isExact: true, oldestMs: NOW - 20_000 },
};

export function observations(changes: Partial<Observations> = {}): Observations {
  return {
    nowMs: NOW,
    configWarnings: [],
    alarms: ALARMS,
    sources: [{ ...ANY_SOURCE, status: ANY_STATUS, watermark: instant('2026-03-01T11:59:30Z'), quarantine: null }],
    store: {
      kind: 'read',
      stats: { alerts: 7, detections: 11, bytes: 4096 },
      space: { usedBytes: 2048, freeBytes: 5e9 },
      unwritable: null,
    },
    feeds: [ANY_FEED],
    connectors: [ANY_CONNECTOR],
    retention: { policy: POLICY, held: [], deleted: [] },
    certificate: { notAfterMs: NOW + 90 * 86_400_000, subject: 'bridge.example' },
    credentials: [{ tenantName: 'contoso', what: 'client secret', expiresMs: NOW + 86_400_000 * 60 }],
    clouds: [],
    initialCredentials: null,
    ...changes,
  };
}

const EXPECTED: Expected = {
  configWarnings: [],
  alarms: ALARMS,
  retention: { policy: POLICY, readers: [] },
  sources: [ANY_SOURCE],
  feeds: [ANY_FEED],
  connectors: [{ name: 'arcsight-01', feeds: ['default'] }],
  certificate: null,
  credentials: () => Promise.resolve([]),
  clouds: [],
  initialCredentials: () => null,
  serving: null,
};

/** Metrics of one tenant, feed and connector; `observe` is asked at every scrape. */
export function someMetrics(observe: () => Observations = observations): Metrics {
  return createMetrics({
    clock: { now: () => NOW },
    version: '1.2.3',
    nodeVersion: 'v20.19.0',
    expected: EXPECTED,
    observe: () => Promise.resolve(observe()),
  });
}
