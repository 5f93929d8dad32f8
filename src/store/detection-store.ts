import type { PollCounts } from '../domain/bridge-event.ts';
import type { AlertRecord, SourceName } from '../domain/detection.ts';
import type { FeedRules } from '../domain/feed-rules.ts';
import type { Instant } from '../domain/instant.ts';
import type { Position } from '../domain/position.ts';
import type { Rejection } from '../domain/rejection.ts';
import type { Checkpoint } from '../domain/window.ts';
import type { ErrandStore } from './errands.ts';
import type { EventBrowser } from './event-browser.ts';
import type { FeedPagesStore } from './feed-pages.ts';
import type { HistoryStore } from './history.ts';
import type { LoginFailureStore } from './login-failures.ts';
import type { MeasureStore } from './measures.ts';
import type { UpkeepStore } from './upkeep.ts';

/** A tenant as the store and the events know it. */
export interface TenantRef {
  readonly tenantId: string;
  readonly name: string;
}

export interface SourceKey {
  readonly tenantId: string;
  readonly source: SourceName;
}

/** How a source has been doing; kept in the store so that commands and a restart know it. Times are epoch ms. */
export interface SourceStatus {
  readonly lastTryMs: number | null;
  readonly lastSuccessMs: number | null;
  readonly failingSinceMs: number | null;
  readonly failures: number;
  readonly lastError: {
    readonly code: string;
    readonly kind: string;
    readonly message: string;
    readonly hint: string;
  } | null;
  readonly rejected: number;
  readonly lastRejectedMs: number | null;
  /** While it waits after a failure: when it is tried again. */
  readonly nextTryMs: number | null;
  /** Where the reading has got to and where it has to get, while it is catching up. */
  readonly catchingUp: { readonly from: Instant; readonly reached: Instant; readonly target: Instant } | null;
  readonly tokenProblem: TokenProblemNote | null;
  /** While the wide look back fails; the main line goes on without it. */
  readonly rescan: RescanTrouble | null;
  /** Of a source that is no longer polled: those that have looked back for what it left behind. */
  readonly inheritedBy: readonly SourceName[];
}

/** How the wide look back has been failing. Times are epoch ms. */
export interface RescanTrouble {
  readonly failingSinceMs: number;
  readonly failures: number;
  readonly lastError: NonNullable<SourceStatus['lastError']>;
  readonly nextTryMs: number;
}

/** What is wrong with the token by its own claims. */
export interface TokenProblemNote {
  readonly code: string;
  readonly meaning: string;
  readonly remedy: string;
}

/** What could not be taken: a record, or a stretch of update times that Microsoft does not answer for. */
export interface SetAside extends Rejection {
  readonly stretch: Stretch | null;
  /**
   * Of a record: the stretch whose answer it was in, to look there for what Microsoft makes of it later. Null when
   * nobody knows, and beside `stretch`.
   */
  readonly readIn: Pick<Stretch, 'from' | 'to'> | null;
}

/** `from` inclusive, `to` exclusive. `index`: of the records of that instant only the one at this place. */
export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
  readonly index: number | null;
}

/** A row of the quarantine. Times are epoch ms. */
export interface QuarantineEntry extends SourceKey, SetAside {
  readonly entryId: number;
  readonly firstMs: number;
  readonly lastTryMs: number;
  readonly tries: number;
  readonly nextTryMs: number;
}

export interface AppendBatch {
  readonly tenant: TenantRef;
  readonly source: SourceName;
  /** The sources that the tenant is read by now: an alert of a source that is gone may be taken over. */
  readonly sources: readonly SourceName[];
  readonly records: readonly AlertRecord[];
  /** Goes into the quarantine; the same thing set aside again is counted once. */
  readonly setAside: readonly SetAside[];
  /** Entries of the quarantine that this batch settles. */
  readonly settles: readonly number[];
  /** Committed with the last slice of the batch, in the same transaction; null leaves it as it is (reconcile). */
  readonly checkpoint: Checkpoint | null;
}

export interface AppendCounts extends Omit<PollCounts, 'pages' | 'fetched'> {
  /** Of each fresh alert: milliseconds from its last update at Microsoft to its storing. */
  readonly arrivalDelaysMs: readonly number[];
  /** Events that a feed's filter kept out, by feed. */
  readonly filtered: Readonly<Record<string, number>>;
}

/** A feed that was made anew where nobody had been sent it yet; `events`: how many there are of it now. */
export interface RenewedFeed {
  readonly feed: string;
  readonly events: number;
}

export interface StoreStats {
  readonly alerts: number;
  readonly detections: number;
  readonly bytes: number;
}

/**
 * The durable heart: alerts and their states, emissions, one event sequence per feed, positions.
 * Every method is asynchronous and transactional; nothing assumes that this process is the only one.
 * All throw a BridgeError (`STORE_...`).
 */
export interface DetectionStore
  extends FeedPagesStore,
    ErrandStore,
    EventBrowser,
    HistoryStore,
    LoginFailureStore,
    MeasureStore,
    UpkeepStore {
  /**
   * Makes the feeds known, in one transaction. A feed seen for the first time is filled from what is stored, as far back
   * as its `initialLookback`. Of a feed whose settings or mapping changed, the events that nobody was sent yet are made
   * anew from the stored emissions, under new FeedSeq; what is for one connector, and the bridge's own, stays as it is.
   */
  ensureFeeds(feeds: readonly FeedRules[]): Promise<readonly RenewedFeed[]>;
  checkpoint(key: SourceKey): Promise<Checkpoint>;
  /** Stores a page of records, renders its events into every feed, moves the checkpoint: slices of at most 500 events. */
  append(batch: AppendBatch): Promise<AppendCounts>;
  recordStatus(key: SourceKey, status: SourceStatus): Promise<void>;
  statuses(): Promise<readonly (SourceKey & SourceStatus)[]>;
  checkpoints(): Promise<readonly (SourceKey & Checkpoint)[]>;
  /** The quarantine, oldest first; without `raw` (empty) unless one entry is asked for. */
  quarantine(wanted?: { readonly entryId: number }): Promise<readonly QuarantineEntry[]>;
  /** Entries of a source whose next try is due, with their raw text, oldest first. */
  dueQuarantine(key: SourceKey, limit: number): Promise<readonly QuarantineEntry[]>;
  /** A try that did not succeed: the entry stays. */
  postponeQuarantine(entryId: number, reason: string, nextTryMs: number): Promise<void>;
  /** Makes entries due at once, all or the named ones; answers how many. */
  retryQuarantine(entryIds: readonly number[] | 'all'): Promise<number>;
  position(connector: string, feed: string): Promise<Position | null>;
  positions(): Promise<readonly Position[]>;
  /**
   * Writes when the stored revision is still `from`, by default `position.revision - 1` (0: no row yet). False: somebody
   * else was faster.
   */
  savePosition(position: Position, from?: number): Promise<boolean>;
  /** Tries whose end nobody saw, left by a process that is gone, count as broken from now on. */
  breakUnprovenTries(): Promise<number>;
  /** Highest stamp ever given to a connector, over all feeds; 0 when none. */
  lastStamp(connector: string): Promise<number>;
  stats(): Promise<StoreStats>;
  /** A read that touches the disk; throws when the store cannot be read. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A source that was never polled. */
export const NEVER_POLLED: SourceStatus = {
  lastTryMs: null,
  lastSuccessMs: null,
  failingSinceMs: null,
  failures: 0,
  lastError: null,
  rejected: 0,
  lastRejectedMs: null,
  nextTryMs: null,
  catchingUp: null,
  tokenProblem: null,
  rescan: null,
  inheritedBy: [],
};
