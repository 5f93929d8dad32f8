import { dirname, resolve } from 'node:path';
import type { AlarmConfig, FeedConfig, RetentionConfig, StoreConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import { durationMs, sizeBytes, unlessOff } from './quantity.ts';
import type { Report } from './report.ts';
import type { ResolveContext } from './resolve-server.ts';
import type { AlarmSettings, StoreSettings } from './store-schema.ts';

export function resolveStore({ base, report }: ResolveContext, settings: StoreSettings): StoreConfig {
  return {
    kind: settings.kind,
    path: resolve(base, settings.path),
    retention: resolveRetention(report, ['store', 'retention'], settings.retention),
  };
}

/** Folder of the bridge's own files. */
export function dataFolder(store: StoreConfig): string {
  return dirname(store.path);
}

function resolveRetention(report: Report, at: ConfigPath, settings: StoreSettings['retention']): RetentionConfig {
  const { age, size, undelivered } = settings;
  const ageMs = durationMs(age);
  const undeliveredMs = durationMs(undelivered);
  if (ageMs === 0) report.problem([...at, 'age'], 'must be more than 0', 'Leave it out to get 30d.');
  if (undeliveredMs < ageMs)
    report.problem(
      [...at, 'undelivered'],
      `${undelivered} is less than age (${age}): what nobody has taken would go before what everybody has`,
      'Raise undelivered, or lower age.',
    );
  return { ageMs, sizeBytes: unlessOff(size, sizeBytes), undeliveredMs };
}

/** @param feeds whose heartbeats have to fit into the alarms */
export function resolveAlarms(report: Report, settings: AlarmSettings, feeds: readonly FeedConfig[]): AlarmConfig {
  const { connectorSilent, connectorFailed, nothingDelivered, undelivered, freeSpace } = settings;
  const connectorSilentMs = durationMs(connectorSilent);
  const connectorFailedMs = durationMs(connectorFailed);
  if (connectorSilentMs === 0)
    report.problem(['alarms', 'connectorSilent'], 'must be more than 0', 'Leave it out to get 5m.');
  if (connectorFailedMs < connectorSilentMs)
    report.problem(
      ['alarms', 'connectorFailed'],
      `${connectorFailed} is less than connectorSilent (${connectorSilent}), which comes first`,
      'Raise connectorFailed, or lower connectorSilent.',
    );
  const nothingDeliveredMs = unlessOff(nothingDelivered, durationMs);
  for (const { name, heartbeatMs } of feeds) {
    if (nothingDeliveredMs === null || heartbeatMs === null || heartbeatMs < nothingDeliveredMs) continue;
    report.warning(
      ['alarms', 'nothingDelivered'],
      `${nothingDelivered} is not longer than feed ${name}'s heartbeat: the finding would come and go between two of them`,
      'Raise it to three times the heartbeat.',
    );
  }
  return {
    connectorSilentMs,
    connectorFailedMs,
    nothingDeliveredMs,
    undeliveredMs: unlessOff(undelivered, durationMs),
    freeBytes: unlessOff(freeSpace, sizeBytes),
  };
}
