import { connectorTime, type GuaranteeKind, type TimeMeaning } from '../domain/connector-time.ts';
import type { Finding } from '../domain/finding.ts';
import { instantToMs } from '../domain/instant.ts';
import { type SourceState, sourceState } from '../domain/source-state.ts';
import { findings } from './findings.ts';
import type { Observations, SeenConnector } from './observations.ts';

/** What `flexbridge status` shows and prints with `--json`, and `/status.json` answers. Times are epoch ms; null is never, or not known. */
export interface StatusSnapshot {
  readonly atMs: number;
  /** Pid of the running `serve`. */
  readonly pid: number | null;
  readonly findings: readonly Finding[];
  readonly sources: readonly SourceRow[];
  readonly feeds: readonly FeedRow[];
  readonly connectors: readonly ConnectorRow[];
}

export interface SourceRow {
  readonly tenant: string;
  readonly source: string;
  readonly lastSuccessMs: number | null;
  readonly lastTryMs: number | null;
  /** Failed polls since the last success. */
  readonly failures: number;
  readonly state: SourceState['state'];
  /** While it waits after a failure. */
  readonly nextTryMs: number | null;
  /** Everything updated before it has been read (epoch ms). */
  readonly watermarkMs: number | null;
  /** Records and stretches of time that are set aside. */
  readonly setAside: number;
}

export interface FeedRow {
  readonly feed: string;
  readonly lastSeq: number;
  readonly lastEventMs: number | null;
}

export interface ConnectorRow {
  readonly connector: string;
  readonly feed: string;
  readonly lastPollMs: number | null;
  /** Events that wait for its acknowledgement; null before its first poll, which decides where it starts. */
  readonly backlog: number | null;
  /** False: of a long backlog, at most so many. */
  readonly backlogIsExact: boolean;
  /** When the oldest of them was stored. */
  readonly oldestWaitingMs: number | null;
  /** What the time in its requests means; null before its first poll. */
  readonly time: TimeMeaning | null;
  readonly guarantee: GuaranteeKind | null;
  /** Last acknowledgement. */
  readonly lastDeliveredMs: number | null;
}

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
