import type { TimeMode } from '../../src/connector/connector-time.ts';

/** A connector, and what the table of docs/delivery.md promises it. */
export interface Member {
  readonly mode: TimeMode;
  /** Its time is that of its events, but not the stamp. */
  readonly otherDate?: boolean;
  /** At least once, whatever happens to it; otherwise up to the receipt by its peer. */
  readonly isPromised: boolean;
  readonly keepAlive: boolean;
  /** How far its clock is ahead of the bridge's at the beginning. */
  readonly aheadMs: number;
}

/** What the bridge hears of the end of a sending; `cut`: all of it had left, and then the connection was reset. */
export type Told = 'sent' | 'closed' | 'cut' | 'broken' | 'open';

export interface Exchange {
  readonly who: number;
  readonly waitMs: number;
  /** What the connector got: with a proxy between, that has nothing to do with what the bridge hears. */
  readonly got: 'processed' | 'received' | 'nothing';
  readonly told: Told;
  /** A proxy repeats the request, after the first answer ended so, or at once. */
  readonly retry: { readonly told: Told; readonly atOnce: boolean } | null;
  readonly limit: number | null;
}

export type Step =
  | ({ readonly kind: 'poll' } & Exchange)
  | { readonly kind: 'append'; readonly count: number }
  | { readonly kind: 'update'; readonly alert: number }
  /** An event for one connector, or for one that never asks. */
  | { readonly kind: 'notice'; readonly who: number }
  /** What was still being sent ends. */
  | { readonly kind: 'late'; readonly told: Told }
  /** It changes between the old API's URL and the new one. */
  | { readonly kind: 'url'; readonly who: number }
  | { readonly kind: 'full'; readonly isFull: boolean }
  | { readonly kind: 'unreadable'; readonly who: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'set-clock'; readonly byMs: number };

/** What happens to a bridge and its connectors. */
export interface Plan {
  readonly members: readonly Member[];
  readonly maxEvents: number;
  readonly steps: readonly Step[];
}
