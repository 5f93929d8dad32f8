import type { GuaranteeKind, TimeMeaning } from './connector-time.ts';
import type { Finding } from './finding.ts';
import type { SourceState } from './source-state.ts';

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
  /** While it is behind: up to where it has read, and how far it has to (epoch ms, of Microsoft's update times). */
  readonly catchingUp: { readonly reachedMs: number; readonly targetMs: number } | null;
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
