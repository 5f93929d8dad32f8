import type { FeedStats, Position, SourceKey, SourceStatus, StoreStats } from '../store/detection-store.ts';

/** A source that ought to be polled. */
export interface ExpectedSource {
  readonly tenantName: string;
  readonly key: SourceKey;
  /** Without a success for this long it is worth a look, even if no poll failed. */
  readonly silentAfterMs: number;
}

/** What the table is made from: observations, no judgement yet. Times are epoch ms. */
export interface Observations {
  readonly nowMs: number;
  readonly configWarnings: readonly { readonly path: string; readonly message: string; readonly remedy: string }[];
  readonly sources: readonly (ExpectedSource & { readonly status: SourceStatus | null })[];
  readonly store:
    | { readonly kind: 'read'; readonly stats: StoreStats }
    | { readonly kind: 'absent' }
    | { readonly kind: 'failed'; readonly meaning: string; readonly remedy: string };
  readonly feeds: readonly { readonly name: string; readonly stats: FeedStats }[];
  readonly connectors: readonly { readonly name: string; readonly feed: string; readonly position: Position | null }[];
  /** Null where the bridge serves plain http. */
  readonly certificate: { readonly notAfterMs: number; readonly subject: string } | null;
  /** When each tenant's credential expires, epoch ms; null when nobody said. */
  readonly credentials: readonly { readonly tenantName: string; readonly expiresMs: number | null }[];
  /** Path of the initial-credentials file while it is still there. */
  readonly initialCredentials: string | null;
  /** Pid of the running `serve`; null when none runs, undefined where nobody looked (inside `serve` itself). */
  readonly instance?: number | null;
}
