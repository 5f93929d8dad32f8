import type { SourceComparison } from '../collector/reconcile.ts';
import type { MissingAlert } from '../collector/reconcile-comparison.ts';
import type { FeedDelivery } from '../collector/reconcile-delivery.ts';
import { MISSING_REASONS } from '../collector/reconcile-reasons.ts';
import type { SourceName } from '../domain/detection.ts';
import type { BridgeError } from '../domain/errors.ts';
import { instantToMs } from '../domain/instant.ts';

/** What was found out about one source of a tenant. */
export interface ReconcileRow {
  readonly tenant: string;
  readonly api: SourceName;
  /** Why it could not be asked; null when it could. */
  readonly problem: BridgeError | null;
  readonly comparison: SourceComparison | null;
  /** The feeds of the tenant. */
  readonly feeds: readonly FeedDelivery[];
}

/** What is still missing of a source, fetched or not. */
export function stillMissing({ comparison }: ReconcileRow): readonly MissingAlert[] {
  return (comparison?.missing ?? []).filter(({ became }) => became === null || became.outcome === 'set-aside');
}

/** Nothing is missing any more, as far as anybody can tell; what only waits is not missing. */
export function isComplete(row: ReconcileRow): boolean {
  const { problem, comparison, feeds } = row;
  if (problem !== null || comparison === null || comparison.unread.length > 0) return false;
  return stillMissing(row).length === 0 && feeds.every(({ untold, toldAgain }) => untold.length === toldAgain);
}

/** Microsoft keeps alerts for the tenant's retention time: 30 days at least, half a year at most (from memory). */
const KEPT_MS = 30 * 86_400_000;

/** What is to be said of all rows together. */
export function notesOf(rows: readonly ReconcileRow[], nowMs: number): readonly string[] {
  const isLong = rows.some(
    ({ comparison }) => comparison !== null && instantToMs(comparison.range.from) < nowMs - KEPT_MS,
  );
  return isLong
    ? [
        'The range begins more than 30 days ago. Microsoft keeps alerts for 30 to 180 days, as the tenant is set: what it no longer has cannot be compared.',
      ]
    : [];
}

/** For scripts. Ids of Microsoft's, counts and times (ISO-8601, as Microsoft writes them). */
export function reconcileJson(rows: readonly ReconcileRow[], nowMs: number): object {
  return {
    complete: rows.every(isComplete),
    rows: rows.map((row) => ({
      tenant: row.tenant,
      api: row.api,
      complete: isComplete(row),
      problem: row.problem === null ? null : toProblem(row.problem),
      ...(row.comparison !== null && comparisonJson(row.comparison)),
      feeds: row.feeds,
    })),
    notes: notesOf(rows, nowMs),
  };
}

function toProblem({ code, message, hint }: BridgeError): object {
  return { code, message, hint };
}

function comparisonJson({ range, stored, missing, ...others }: SourceComparison): object {
  return {
    ...range,
    ...others,
    stored: stored.length,
    missing: missing.map((alert) => ({ ...alert, meaning: MISSING_REASONS[alert.reason] })),
  };
}
