import type { Instant } from '../domain/instant.ts';
import type { ChangeKind } from './alert-change.ts';
import type { GraphAlert } from './graph-alert.ts';

export interface WorldOptions {
  /** Epoch ms. Nothing of `live` happens before it. */
  readonly startMs: number;
  /** Alerts per tenant that are visible at `startMs`, spread over the 24 hours before it. */
  readonly backlog: number;
  /** Alerts per tenant that come up after `startMs`. */
  readonly live: number;
  /** Mean distance between two of them. */
  readonly livePeriodMs: number;
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
