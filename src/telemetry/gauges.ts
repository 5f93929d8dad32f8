import { Gauge, type Registry } from 'prom-client';
import { GAUGES } from './gauge-table.ts';
import type { MetricRow } from './metric-row.ts';

export type Gauges = ReturnType<typeof createGauges>;

/** What is observed is shown with these, in the given registry. */
export function createGauges(registry: Registry) {
  const gauge = <Label extends string>({ name, help, labels }: MetricRow<Label>) =>
    new Gauge({ name, help, labelNames: labels, registers: [registry] });
  return {
    configCurrent: gauge(GAUGES.configCurrent),
    configRefusedSince: gauge(GAUGES.configRefusedSince),
    findings: gauge(GAUGES.findings),
    sourceLastTry: gauge(GAUGES.sourceLastTry),
    sourceLastSuccess: gauge(GAUGES.sourceLastSuccess),
    sourceSilentAfter: gauge(GAUGES.sourceSilentAfter),
    sourceState: gauge(GAUGES.sourceState),
    sourceFailedPolls: gauge(GAUGES.sourceFailedPolls),
    sourceFailingSince: gauge(GAUGES.sourceFailingSince),
    sourceNextTry: gauge(GAUGES.sourceNextTry),
    sourceWatermark: gauge(GAUGES.sourceWatermark),
    sourceCatchUp: gauge(GAUGES.sourceCatchUp),
    sourceCatchUpTarget: gauge(GAUGES.sourceCatchUpTarget),
    sourceFailedRescans: gauge(GAUGES.sourceFailedRescans),
    sourceQuarantine: gauge(GAUGES.sourceQuarantine),
    sourceQuarantineOldest: gauge(GAUGES.sourceQuarantineOldest),
    credentialExpiry: gauge(GAUGES.credentialExpiry),
    feedPosition: gauge(GAUGES.feedPosition),
    feedLastEvent: gauge(GAUGES.feedLastEvent),
    connectorLastPoll: gauge(GAUGES.connectorLastPoll),
    connectorLastCursorRead: gauge(GAUGES.connectorLastCursorRead),
    connectorLastDelivery: gauge(GAUGES.connectorLastDelivery),
    connectorPosition: gauge(GAUGES.connectorPosition),
    connectorBacklog: gauge(GAUGES.connectorBacklog),
    connectorBacklogExact: gauge(GAUGES.connectorBacklogExact),
    connectorOldestWaiting: gauge(GAUGES.connectorOldestWaiting),
    connectorPageSendings: gauge(GAUGES.connectorPageSendings),
    connectorTime: gauge(GAUGES.connectorTime),
    connectorLoginFailures: gauge(GAUGES.connectorLoginFailures),
    connectorHeld: gauge(GAUGES.connectorHeld),
    feedLastHeartbeat: gauge(GAUGES.feedLastHeartbeat),
    feedHeartbeatInterval: gauge(GAUGES.feedHeartbeatInterval),
    alarmSeconds: gauge(GAUGES.alarmSeconds),
    alarmFreeSpace: gauge(GAUGES.alarmFreeSpace),
    positionsKept: gauge(GAUGES.positionsKept),
    storeWritable: gauge(GAUGES.storeWritable),
    storeUnwritableSince: gauge(GAUGES.storeUnwritableSince),
    storeFreeBytes: gauge(GAUGES.storeFreeBytes),
    storeUsedBytes: gauge(GAUGES.storeUsedBytes),
    storeSizeLimit: gauge(GAUGES.storeSizeLimit),
    storeBytes: gauge(GAUGES.storeBytes),
    storeAlerts: gauge(GAUGES.storeAlerts),
    storeDetections: gauge(GAUGES.storeDetections),
    certificateExpiry: gauge(GAUGES.certificateExpiry),
  };
}
