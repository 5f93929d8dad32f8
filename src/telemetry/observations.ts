import type { Finding } from '../domain/finding.ts';
import type { Instant } from '../domain/instant.ts';
import type { FeedStats, Position, SourceKey, SourceStatus, StoreStats } from '../store/detection-store.ts';

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

/** What the table is made from: observations, no judgement yet. Times are epoch ms. */
export interface Observations {
  readonly nowMs: number;
  readonly configWarnings: readonly { readonly path: string; readonly message: string; readonly remedy: string }[];
  readonly sources: readonly SeenSource[];
  readonly store:
    | { readonly kind: 'read'; readonly stats: StoreStats }
    | { readonly kind: 'absent' }
    | { readonly kind: 'failed'; readonly meaning: string; readonly remedy: string };
  readonly feeds: readonly { readonly name: string; readonly stats: FeedStats }[];
  readonly connectors: readonly { readonly name: string; readonly feed: string; readonly position: Position | null }[];
  /** Null where the bridge serves plain http. */
  readonly certificate: { readonly notAfterMs: number; readonly subject: string } | null;
  readonly credentials: readonly CredentialExpiry[];
  /** Where each tenant's tokens go, and what its cloud lacks; judged where the configuration is known. */
  readonly clouds: readonly (Pick<Finding, 'state' | 'meaning' | 'remedy'> & { readonly tenantName: string })[];
  /** Path of the initial-credentials file while it is still there. */
  readonly initialCredentials: string | null;
  /** Pid of the running `serve`; null when none runs, undefined where nobody looked (inside `serve` itself). */
  readonly instance?: number | null;
}
