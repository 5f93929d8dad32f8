import { Gauge, type Registry } from 'prom-client';
import type { FindingState } from '../domain/finding.ts';
import { instantToMs } from '../domain/instant.ts';
import { findings } from './findings.ts';
import { GAUGES, type MetricRow } from './metrics-table.ts';
import type { Observations } from './observations.ts';

const STATES: readonly FindingState[] = ['ok', 'warning', 'failed'];

type Gauges = ReturnType<typeof createGauges>;

/** Shows what was observed, all of it anew: what is no longer seen is no longer shown. */
export function showObservations(registry: Registry): (seen: Observations) => void {
  const gauges = createGauges(registry);
  return (seen) => {
    for (const gauge of Object.values(gauges)) gauge.reset();
    showStore(gauges, seen);
    showFindings(gauges, seen);
    showSources(gauges, seen);
    showCredentials(gauges, seen);
    showFeeds(gauges, seen);
    showConnectors(gauges, seen);
  };
}

function createGauges(registry: Registry) {
  const gauge = <Label extends string>({ name, help, labels }: MetricRow<Label>) =>
    new Gauge({ name, help, labelNames: labels, registers: [registry] });
  return {
    findings: gauge(GAUGES.findings),
    sourceLastTry: gauge(GAUGES.sourceLastTry),
    sourceLastSuccess: gauge(GAUGES.sourceLastSuccess),
    sourceWatermark: gauge(GAUGES.sourceWatermark),
    sourceQuarantine: gauge(GAUGES.sourceQuarantine),
    credentialExpiry: gauge(GAUGES.credentialExpiry),
    feedPosition: gauge(GAUGES.feedPosition),
    feedLastEvent: gauge(GAUGES.feedLastEvent),
    connectorLastPoll: gauge(GAUGES.connectorLastPoll),
    connectorPosition: gauge(GAUGES.connectorPosition),
    connectorBacklog: gauge(GAUGES.connectorBacklog),
    storeBytes: gauge(GAUGES.storeBytes),
    storeAlerts: gauge(GAUGES.storeAlerts),
    storeDetections: gauge(GAUGES.storeDetections),
    certificateExpiry: gauge(GAUGES.certificateExpiry),
  };
}

function showStore(gauges: Gauges, { store, certificate }: Observations): void {
  const stats = store.kind === 'read' ? store.stats : null;
  showOrHide(gauges.storeBytes, stats?.bytes);
  showOrHide(gauges.storeAlerts, stats?.alerts);
  showOrHide(gauges.storeDetections, stats?.detections);
  showOrHide(gauges.certificateExpiry, certificate === null ? undefined : seconds(certificate.notAfterMs));
}

/** A gauge without labels shows 0 after a reset, which would be a lie. */
function showOrHide(gauge: Gauge<never>, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

function showFindings(gauges: Gauges, seen: Observations): void {
  const table = findings(seen);
  for (const id of new Set(table.map((row) => row.id))) {
    for (const state of STATES) {
      gauges.findings.set({ id, state }, table.filter((row) => row.id === id && row.state === state).length);
    }
  }
}

function showSources(gauges: Gauges, { sources }: Observations): void {
  for (const { tenantName: tenant, key, status, watermark, quarantine } of sources) {
    const ref = { tenant, source: key.source };
    gauges.sourceLastTry.set(ref, seconds(status?.lastTryMs));
    gauges.sourceLastSuccess.set(ref, seconds(status?.lastSuccessMs));
    gauges.sourceWatermark.set(ref, watermark === null ? 0 : instantToMs(watermark) / 1000);
    gauges.sourceQuarantine.set(ref, quarantine?.entries ?? 0);
  }
}

function showCredentials(gauges: Gauges, { credentials }: Observations): void {
  for (const { tenantName: tenant, what: credential, expiresMs } of credentials) {
    if (expiresMs !== null) gauges.credentialExpiry.set({ tenant, credential }, seconds(expiresMs));
  }
}

function showFeeds(gauges: Gauges, { feeds }: Observations): void {
  for (const { name: feed, stats } of feeds) {
    gauges.feedPosition.set({ feed }, stats.lastSeq);
    gauges.feedLastEvent.set({ feed }, seconds(stats.lastStoredMs));
  }
}

function showConnectors(gauges: Gauges, { connectors, feeds }: Observations): void {
  for (const { name: connector, feed, position } of connectors) {
    const ref = { connector, feed };
    gauges.connectorLastPoll.set(ref, seconds(position?.lastPollMs));
    if (position === null) continue;
    gauges.connectorPosition.set(ref, position.acknowledged);
    const newest = feeds.find(({ name }) => name === feed)?.stats.lastSeq;
    if (newest !== undefined) gauges.connectorBacklog.set(ref, newest - position.acknowledged);
  }
}

/** Epoch seconds; 0 for never, so that a rule on the age of it fires. */
function seconds(epochMs: number | null | undefined): number {
  return (epochMs ?? 0) / 1000;
}
