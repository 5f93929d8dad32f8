import { NEVER_POLLED, type Position, type SourceStatus } from '../../../src/store/detection-store.ts';
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics.ts';
import type { Observations } from '../../../src/telemetry/observations.ts';
import type { Expected } from '../../../src/telemetry/observe.ts';
import { instant } from '../../support/alerts.ts';

export const NOW = Date.parse('2026-03-01T12:00:00Z');
const KEY = { tenantId: '11111111-2222-4333-8444-555555555555', source: 'graph-alerts' } as const;
export const ANY_SOURCE = { tenantName: 'contoso', key: KEY, silentAfterMs: 900_000 };
/** Labels as `readSamples` gives them. */
export const SOURCE = 'source="graph-alerts",tenant="contoso"';
export const DELIVERY = 'connector="arcsight-01",feed="default"';
const ANY_STATUS: SourceStatus = { ...NEVER_POLLED, lastTryMs: NOW, lastSuccessMs: NOW - 60_000 };
const ANY_POSITION: Position = {
  connector: 'arcsight-01',
  feed: 'default',
  revision: 1,
  acknowledged: 30,
  page: null,
  lastStampMs: 0,
  confirmedStampMs: null,
  confirmedRun: 0,
  strayed: null,
  lastPollMs: NOW - 5_000,
  lastSince: null,
  lastDeliveredMs: null,
};

export function observations(changes: Partial<Observations> = {}): Observations {
  return {
    nowMs: NOW,
    configWarnings: [],
    sources: [{ ...ANY_SOURCE, status: ANY_STATUS, watermark: instant('2026-03-01T11:59:30Z'), quarantine: null }],
    store: { kind: 'read', stats: { alerts: 7, detections: 11, bytes: 4096 } },
    feeds: [{ name: 'default', stats: { lastSeq: 42, lastStoredMs: NOW - 2_500 } }],
    connectors: [{ name: 'arcsight-01', feed: 'default', position: ANY_POSITION }],
    certificate: { notAfterMs: NOW + 90 * 86_400_000, subject: 'bridge.example' },
    credentials: [{ tenantName: 'contoso', what: 'client secret', expiresMs: NOW + 86_400_000 * 60 }],
    clouds: [],
    initialCredentials: null,
    ...changes,
  };
}

const EXPECTED: Expected = {
  configWarnings: [],
  sources: [ANY_SOURCE],
  feeds: ['default'],
  connectors: [{ name: 'arcsight-01', feeds: ['default'] }],
  certificate: null,
  credentials: () => Promise.resolve([]),
  clouds: [],
  initialCredentials: () => null,
};

/** Metrics of one tenant, feed and connector; `observe` is asked at every scrape. */
export function someMetrics(observe: () => Observations = observations): Metrics {
  return createMetrics({
    version: '1.2.3',
    nodeVersion: 'v20.19.0',
    expected: EXPECTED,
    observe: () => Promise.resolve(observe()),
  });
}
