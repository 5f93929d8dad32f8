import type { Finding } from '../domain/finding.ts';
import type { Instant } from '../domain/instant.ts';
import type { AcknowledgeMode, Position } from '../domain/position.ts';
import type { SourceKey, SourceStatus, StoreStats } from '../store/detection-store.ts';
import type { FeedStats, Waiting } from '../store/feed-pages.ts';
import type { LoginFailure } from '../store/login-failures.ts';
import type { Held, RetentionPolicy, Unwritable } from '../store/upkeep.ts';
import type { ChosenFeed } from './choice-findings.ts';

/** A source that ought to be polled. */
export interface ExpectedSource {
  readonly tenantName: string;
  readonly key: SourceKey;
  /** Without a success for this long it is worth a look, even if no poll failed. */
  readonly silentAfterMs: number;
}

/** A source as the store knows it. */
export interface SeenSource extends ExpectedSource {
  readonly status: SourceStatus | null;
  /** Everything updated before it has been read; null before the first poll. */
  readonly watermark: Instant | null;
  /** What is set aside now; `oldestMs`: since when, epoch ms. */
  readonly quarantine: { readonly entries: number; readonly stretches: number; readonly oldestMs: number } | null;
}

/** When a secret or certificate expires, epoch ms; null when nobody said. `what`: for example `client secret`. */
export interface CredentialExpiry {
  readonly tenantName: string;
  readonly what: string;
  readonly expiresMs: number | null;
}

/** From when on silence is a finding, in milliseconds and bytes; null: never. */
export interface Alarms {
  readonly connectorSilentMs: number;
  readonly connectorFailedMs: number;
  readonly nothingDeliveredMs: number | null;
  readonly undeliveredMs: number | null;
  readonly freeBytes: number | null;
}

/** A feed as it is configured. */
export interface ExpectedFeed {
  readonly name: string;
  /** With `none` it is not known what was delivered. */
  readonly acknowledge: AcknowledgeMode;
  readonly heartbeatMs: number | null;
}

export interface SeenFeed extends ExpectedFeed {
  readonly stats: FeedStats;
  /** `taken`: by a connector; while it is not, no other one is added. */
  readonly lastHeartbeat: { readonly storedMs: number; readonly taken: boolean } | null;
}

export interface SeenConnector {
  readonly name: string;
  readonly feed: string;
  /** Null: it never asked. */
  readonly position: Position | null;
  /** The position is in memory only, because the store cannot be written. */
  readonly isKept: boolean;
  /** When it read with a cursor last, epoch ms; null when it never did. */
  readonly cursorReadMs: number | null;
  /** What it has not acknowledged; null before its first poll, and where no position is kept. */
  readonly waiting: Waiting | null;
}

/** A store that can be read. */
export interface SeenStore {
  readonly stats: StoreStats;
  readonly space: { readonly usedBytes: number; readonly freeBytes: number | null };
  /** Null: it can be written. Undefined: only the serving process knows. */
  readonly unwritable: (Omit<Unwritable, 'sinceMs'> & { readonly sinceMs: number | null }) | null | undefined;
}

export interface SeenRetention {
  readonly policy: RetentionPolicy;
  /** What is kept past its age for a connector that has not taken it. */
  readonly held: readonly Held[];
  /** Events that were deleted although a connector had not taken them; the newest deletion first. */
  readonly deleted: readonly { readonly feed: string; readonly events: number; readonly atMs: number }[];
}

/** The configuration on the disk is not the one that serves. */
export interface ReloadTrouble {
  /** Of the `serve` that says so: of one that is gone it means nothing. */
  readonly pid: number;
  readonly sinceMs: number;
  readonly meaning: string;
  readonly remedy: string;
}

/** What the table is made from: observations, no judgement yet. Times are epoch ms. */
export interface Observations {
  readonly nowMs: number;
  readonly configWarnings: readonly { readonly path: string; readonly message: string; readonly remedy: string }[];
  /** Null: it is the one that serves. Undefined where nobody looked. */
  readonly reload?: ReloadTrouble | null;
  readonly alarms: Alarms;
  readonly sources: readonly SeenSource[];
  readonly store:
    | ({ readonly kind: 'read' } & SeenStore)
    | { readonly kind: 'absent' }
    | { readonly kind: 'failed'; readonly meaning: string; readonly remedy: string };
  readonly feeds: readonly SeenFeed[];
  readonly connectors: readonly SeenConnector[];
  /** Null where nobody looked. */
  readonly retention: SeenRetention | null;
  /** Null where the bridge serves plain http. */
  readonly certificate: { readonly notAfterMs: number; readonly subject: string } | null;
  readonly credentials: readonly CredentialExpiry[];
  /** Where each tenant's tokens go, and what its cloud lacks; judged where the configuration is known. */
  readonly clouds: readonly (Pick<Finding, 'state' | 'meaning' | 'remedy'> & { readonly tenantName: string })[];
  /** Path of the initial-credentials file while it is still there. */
  readonly initialCredentials: string | null;
  /** Pid of the running `serve`; null when none runs, undefined where nobody looked (inside `serve` itself). */
  readonly instance?: number | null;
  /**
   * Rows that `doctor` made by trying things out (name, proxy, TLS, token, API, own address, pack); undefined where nobody
   * tried. Where a row of the same id and subject is made of what was recorded, this one stands.
   */
  readonly probed?: readonly Finding[];
  /** Wrong logins of late; undefined where nobody looked. */
  readonly loginFailures?: readonly LoginFailure[];
  /** What was chosen for ArcSight; undefined where nobody looked: content breaks once, not while the bridge runs. */
  readonly chosen?: readonly ChosenFeed[];
}
