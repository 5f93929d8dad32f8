import type { Gauge, Registry } from 'prom-client';
import { connectorTime } from '../domain/connector-time.ts';
import type { FindingState } from '../domain/finding.ts';
import { type Instant, instantToMs } from '../domain/instant.ts';
import { sourceState } from '../domain/source-state.ts';
import { findings } from './findings.ts';
import { createGauges, type Gauges } from './gauges.ts';
import type { Observations, SeenConnector, SeenSource } from './observations.ts';

const STATES: readonly FindingState[] = ['ok', 'warning', 'failed'];
/** Wrong logins under names that are no connector's; no connector can have this name. */
const OTHER = '(other)';

/** Shows what was observed, all of it anew: what is no longer seen is no longer shown. */
export function showObservations(registry: Registry): (seen: Observations) => void {
  const gauges = createGauges(registry);
  return (seen) => {
    for (const gauge of Object.values(gauges)) gauge.reset();
    showConfig(gauges, seen);
    showStore(gauges, seen);
    showFindings(gauges, seen);
    showAlarms(gauges, seen);
    for (const source of seen.sources) showSource(gauges, source);
    showCredentials(gauges, seen);
    showFeeds(gauges, seen);
    for (const connector of seen.connectors) showConnector(gauges, connector, seen);
    showLogins(gauges, seen);
  };
}

function showConfig(gauges: Gauges, { reload }: Observations): void {
  showOrHide(gauges.configCurrent, reload === undefined ? undefined : Number(reload === null));
  showOrHide(gauges.configRefusedSince, secondsOrHidden(reload?.sinceMs));
}

function showStore(gauges: Gauges, { store, retention, connectors, certificate }: Observations): void {
  const seen = store.kind === 'read' ? store : null;
  showOrHide(gauges.storeBytes, seen?.stats.bytes);
  showOrHide(gauges.storeAlerts, seen?.stats.alerts);
  showOrHide(gauges.storeDetections, seen?.stats.detections);
  showOrHide(gauges.storeWritable, seen === null ? undefined : Number(seen.unwritable === null));
  showOrHide(gauges.storeUnwritableSince, secondsOrHidden(seen?.unwritable?.sinceMs));
  showOrHide(gauges.storeFreeBytes, seen?.space.freeBytes);
  showOrHide(gauges.storeUsedBytes, seen?.space.usedBytes);
  showOrHide(gauges.storeSizeLimit, retention?.policy.sizeBytes);
  showOrHide(gauges.certificateExpiry, secondsOrHidden(certificate?.notAfterMs));
  const kept = connectors.filter(({ isKept }) => isKept).length;
  showOrHide(gauges.positionsKept, seen === null ? undefined : kept);
}

/** A gauge without labels shows 0 after a reset, which would be a lie. */
function showOrHide(gauge: Gauge<never>, value: number | null | undefined): void {
  if (value == null) gauge.remove();
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

/** So that a rule can go by what the configuration says. */
function showAlarms(gauges: Gauges, { alarms }: Observations): void {
  const { connectorSilentMs, connectorFailedMs, nothingDeliveredMs, undeliveredMs, freeBytes } = alarms;
  const spans = {
    connectorSilent: connectorSilentMs,
    connectorFailed: connectorFailedMs,
    nothingDelivered: nothingDeliveredMs,
    undelivered: undeliveredMs,
  };
  for (const [alarm, ms] of Object.entries(spans)) if (ms !== null) gauges.alarmSeconds.set({ alarm }, seconds(ms));
  showOrHide(gauges.alarmFreeSpace, freeBytes);
}

function showSource(gauges: Gauges, source: SeenSource): void {
  const { tenantName: tenant, key, silentAfterMs, status, watermark, quarantine } = source;
  const ref = { tenant, source: key.source };
  gauges.sourceLastTry.set(ref, seconds(status?.lastTryMs));
  gauges.sourceLastSuccess.set(ref, seconds(status?.lastSuccessMs));
  gauges.sourceSilentAfter.set(ref, seconds(silentAfterMs));
  gauges.sourceState.set({ ...ref, state: sourceState(status).state }, 1);
  gauges.sourceFailedPolls.set(ref, status?.failures ?? 0);
  setKnown(gauges.sourceFailingSince, ref, status?.failingSinceMs);
  setKnown(gauges.sourceNextTry, ref, status?.nextTryMs);
  gauges.sourceWatermark.set(ref, watermark === null ? 0 : seconds(instantToMs(watermark)));
  showCatchUp(gauges, ref, status?.catchingUp);
  gauges.sourceFailedRescans.set(ref, status?.rescan?.failures ?? 0);
  gauges.sourceQuarantine.set(ref, quarantine?.entries ?? 0);
  setKnown(gauges.sourceQuarantineOldest, ref, quarantine?.oldestMs);
}

type CatchingUp = { readonly from: Instant; readonly reached: Instant; readonly target: Instant };

function showCatchUp(
  gauges: Gauges,
  ref: { readonly tenant: string; readonly source: string },
  catching: CatchingUp | null | undefined,
): void {
  if (catching == null) {
    gauges.sourceCatchUp.set(ref, 1);
    return;
  }
  const fromMs = instantToMs(catching.from);
  const targetMs = instantToMs(catching.target);
  const ratio = targetMs > fromMs ? (instantToMs(catching.reached) - fromMs) / (targetMs - fromMs) : 1;
  gauges.sourceCatchUp.set(ref, ratio);
  gauges.sourceCatchUpTarget.set(ref, seconds(targetMs));
}

function showCredentials(gauges: Gauges, { credentials }: Observations): void {
  for (const { tenantName: tenant, what: credential, expiresMs } of credentials) {
    setKnown(gauges.credentialExpiry, { tenant, credential }, expiresMs);
  }
}

function showFeeds(gauges: Gauges, { feeds }: Observations): void {
  for (const { name: feed, stats, heartbeatMs, lastHeartbeat } of feeds) {
    gauges.feedPosition.set({ feed }, stats.lastSeq);
    gauges.feedLastEvent.set({ feed }, seconds(stats.lastStoredMs));
    if (heartbeatMs === null) continue;
    gauges.feedLastHeartbeat.set({ feed }, seconds(lastHeartbeat?.storedMs));
    gauges.feedHeartbeatInterval.set({ feed }, seconds(heartbeatMs));
  }
}

function showConnector(gauges: Gauges, connector: SeenConnector, { retention, feeds, nowMs }: Observations): void {
  const { name, feed, position, cursorReadMs, waiting } = connector;
  const ref = { connector: name, feed };
  const held = retention?.held.find((row) => row.connector === name && row.feed === feed);
  gauges.connectorHeld.set(ref, held?.events ?? 0);
  gauges.connectorLastPoll.set(ref, seconds(position?.lastPollMs));
  gauges.connectorLastDelivery.set(ref, seconds(position?.lastDeliveredMs));
  setKnown(gauges.connectorLastCursorRead, ref, cursorReadMs);
  if (position === null) return;
  const mode = feeds.find((found) => found.name === feed)?.acknowledge;
  const { meaning, guarantee } = connectorTime(position, nowMs, mode);
  gauges.connectorTime.set({ ...ref, meaning, guarantee: guarantee.kind }, 1);
  if (waiting === null) return;
  gauges.connectorPosition.set(ref, position.acknowledged);
  gauges.connectorPageSendings.set(ref, position.page?.sent ?? 0);
  gauges.connectorBacklog.set(ref, waiting.events);
  gauges.connectorBacklogExact.set(ref, Number(waiting.isExact));
  setKnown(gauges.connectorOldestWaiting, ref, waiting.oldestMs);
}

function showLogins(gauges: Gauges, { connectors, loginFailures }: Observations): void {
  if (loginFailures === undefined) return;
  for (const connector of [...connectors.map(({ name }) => name), OTHER]) {
    gauges.connectorLoginFailures.set({ connector }, 0);
  }
  for (const { connector, failures } of loginFailures) {
    gauges.connectorLoginFailures.set({ connector: connector === '' ? OTHER : connector }, failures);
  }
}

function setKnown<Label extends string>(
  gauge: Gauge<Label>,
  labels: Readonly<Record<Label, string>>,
  epochMs: number | null | undefined,
): void {
  if (epochMs != null) gauge.set({ ...labels }, seconds(epochMs));
}

/** Epoch seconds; 0 for never, so that a rule on the age of it fires. */
function seconds(ms: number | null | undefined): number {
  return (ms ?? 0) / 1000;
}

function secondsOrHidden(ms: number | null | undefined): number | undefined {
  return ms == null ? undefined : ms / 1000;
}
