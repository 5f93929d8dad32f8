import { connectorTime } from '../domain/connector-time.ts';
import { instantToMs } from '../domain/instant.ts';
import { sourceState } from '../domain/source-state.ts';
import type { ConnectorRow, SourceRow, StatusSnapshot } from '../domain/status-snapshot.ts';
import type { SourceStatus } from '../store/detection-store.ts';
import { findings } from './findings.ts';
import type { Observations, SeenConnector } from './observations.ts';

/** The observations as rows; health stays what the table of findings says. */
export function toSnapshot(seen: Observations): StatusSnapshot {
  return {
    atMs: seen.nowMs,
    pid: seen.instance ?? null,
    findings: findings(seen),
    sources: seen.sources.map(({ tenantName, key, status, watermark, quarantine }) => ({
      tenant: tenantName,
      source: key.source,
      lastSuccessMs: status?.lastSuccessMs ?? null,
      lastTryMs: status?.lastTryMs ?? null,
      failures: status?.failures ?? 0,
      state: sourceState(status).state,
      nextTryMs: status?.nextTryMs ?? null,
      watermarkMs: watermark === null ? null : instantToMs(watermark),
      catchingUp: catchingUp(status),
      setAside: quarantine?.entries ?? 0,
    })),
    feeds: seen.feeds.map(({ name, stats }) => ({
      feed: name,
      lastSeq: stats.lastSeq,
      lastEventMs: stats.lastStoredMs,
    })),
    connectors: seen.connectors.map((connector) => connectorRow(connector, seen)),
  };
}

function catchingUp(status: SourceStatus | null): SourceRow['catchingUp'] {
  if (status?.catchingUp == null) return null;
  const { reached, target } = status.catchingUp;
  return { reachedMs: instantToMs(reached), targetMs: instantToMs(target) };
}

function connectorRow({ name, feed, position, waiting }: SeenConnector, { feeds, nowMs }: Observations): ConnectorRow {
  const mode = feeds.find((found) => found.name === feed)?.acknowledge;
  const time = position === null ? null : connectorTime(position, nowMs, mode);
  return {
    connector: name,
    feed,
    // 0 where only its start was set.
    lastPollMs: position?.lastPollMs || null,
    lastDeliveredMs: position?.lastDeliveredMs ?? null,
    backlog: waiting?.events ?? null,
    backlogIsExact: waiting?.isExact ?? true,
    oldestWaitingMs: waiting?.oldestMs ?? null,
    time: time?.meaning ?? null,
    guarantee: time?.guarantee.kind ?? null,
  };
}
