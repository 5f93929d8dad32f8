import { Gauge, type Registry } from 'prom-client';
import type { FindingState } from '../domain/finding.ts';
import { instantToMs } from '../domain/instant.ts';
import { findings } from './findings.ts';
import { GAUGES } from './gauge-table.ts';
import type { MetricRow } from './metrics-table.ts';
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
    feedLastHeartbeat: gauge(GAUGES.feedLastHeartbeat),
    connectorLastDelivery: gauge(GAUGES.connectorLastDelivery),
    connectorPosition: gauge(GAUGES.connectorPosition),
    connectorBacklog: gauge(GAUGES.connectorBacklog),
    connectorOldestWaiting: gauge(GAUGES.connectorOldestWaiting),
    connectorHeld: gauge(GAUGES.connectorHeld),
    positionsKept: gauge(GAUGES.positionsKept),
    storeWritable: gauge(GAUGES.storeWritable),
    storeFreeBytes: gauge(GAUGES.storeFreeBytes),
    storeUsedBytes: gauge(GAUGES.storeUsedBytes),
    storeBytes: gauge(GAUGES.storeBytes),
    storeAlerts: gauge(GAUGES.storeAlerts),
    storeDetections: gauge(GAUGES.storeDetections),
    certificateExpiry: gauge(GAUGES.certificateExpiry),
  };
}

function showStore(gauges: Gauges, { store, certificate }: Observations): void {
  const seen = store.kind === 'read' ? store : null;
  showOrHide(gauges.storeBytes, seen?.stats.bytes);
  showOrHide(gauges.storeAlerts, seen?.stats.alerts);
  showOrHide(gauges.storeDetections, seen?.stats.detections);
  showOrHide(gauges.storeWritable, seen === null ? undefined : Number(seen.unwritable === null));
  showOrHide(gauges.storeFreeBytes, seen?.space.freeBytes ?? undefined);
  showOrHide(gauges.storeUsedBytes, seen?.space.usedBytes);
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
  for (const { name: feed, stats, heartbeatMs, lastHeartbeat } of feeds) {
    gauges.feedPosition.set({ feed }, stats.lastSeq);
    gauges.feedLastEvent.set({ feed }, seconds(stats.lastStoredMs));
    if (heartbeatMs !== null) gauges.feedLastHeartbeat.set({ feed }, seconds(lastHeartbeat?.storedMs));
  }
}

function showConnectors(gauges: Gauges, { store, connectors, retention }: Observations): void {
  for (const { name: connector, feed, position, waiting } of connectors) {
    const ref = { connector, feed };
    const held = retention?.held.find((row) => row.connector === connector && row.feed === feed);
    gauges.connectorHeld.set(ref, held?.events ?? 0);
    gauges.connectorLastPoll.set(ref, seconds(position?.lastPollMs));
    gauges.connectorLastDelivery.set(ref, seconds(position?.lastDeliveredMs));
    if (position === null || waiting === null) continue;
    gauges.connectorPosition.set(ref, position.acknowledged);
    gauges.connectorBacklog.set(ref, waiting.events);
    if (waiting.oldestMs !== null) gauges.connectorOldestWaiting.set(ref, seconds(waiting.oldestMs));
  }
  const kept = connectors.filter(({ isKept }) => isKept).length;
  showOrHide(gauges.positionsKept, store.kind === 'read' ? kept : undefined);
}

/** Epoch seconds; 0 for never, so that a rule on the age of it fires. */
function seconds(epochMs: number | null | undefined): number {
  return (epochMs ?? 0) / 1000;
}
