import type { Instant } from '../../domain/instant.ts';
import type { ChangeKind } from './alert-change.ts';
import type { GraphAlert } from './graph-alert.ts';

/** What a simulated tenant goes through. All optional members are off, or as usual, when left out; shares are 0 to 1. */
export interface WorldOptions {
  /** Epoch ms. Nothing of `live` happens before it. */
  readonly startMs: number;
  /** Alerts per tenant that are visible at `startMs`, spread over the 24 hours before it. */
  readonly backlog: number;
  /** Alerts per tenant that come up after `startMs`. */
  readonly live: number;
  /** Mean distance between two of them. */
  readonly livePeriodMs: number;
  /** Versions after `startMs` that become visible far later than the usual minutes (defender-api 7). */
  readonly late?: { readonly share: number; readonly fromMs: number; readonly toMs: number };
  /** Alerts whose severity goes to another one and back again, each way with an update of its own. */
  readonly flips?: number;
  /** Every so many alerts (more than five) one has 130 evidence items; one alert in all without it. */
  readonly largeEvery?: number;
  /** Evidence comes in another order in every answer. */
  readonly shuffledEvidence?: boolean;
  /** Evidence lacks hashes and countries until about so long after it came up, without an update. */
  readonly enrichedAfterMs?: number;
  /** Chance of each alert in each answer to be shown as it was before its latest version. */
  readonly staleReads?: number;
}

/** One state of an alert, and when Microsoft begins to show it. */
export interface ScheduledVersion {
  readonly alert: GraphAlert;
  readonly visibleAtMs: number;
  /** `new`, or what the update changed; `put` for what a test added. */
  readonly change: ChangeKind | 'new' | 'put';
}

export interface AlertVersion extends ScheduledVersion {
  /** In full precision; null when the alert's text is no time. */
  readonly createdAt: Instant | null;
  readonly updatedAt: Instant | null;
}
