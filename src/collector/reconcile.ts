import type { Source } from '../defender/source.ts';
import type { Clock } from '../domain/clock.ts';
import type { SourceName } from '../domain/detection.ts';
import { type Instant, instantFromMs, shiftInstant } from '../domain/instant.ts';
import type { DetectionStore, TenantRef } from '../store/detection-store.ts';
import { createKnownStretches, type Range } from './known-stretches.ts';
import { type Compared, createComparison } from './reconcile-comparison.ts';
import { createFetch } from './reconcile-fetch.ts';
import { readSlices, slicesOf } from './reconcile-reading.ts';
import { createReasons } from './reconcile-reasons.ts';

/** What Microsoft has in a range of update times against what is stored. */
export interface SourceComparison extends Compared {
  readonly range: Range;
  /** Stored alerts of the source whose update lies in the range and that Microsoft does not have there any more. */
  readonly storedOnly: number;
  /** Stretches whose alerts nobody can name. `code`: of the failure; null for one that lies in the quarantine. */
  readonly unread: readonly UnreadStretch[];
}

export interface UnreadStretch extends Range {
  readonly code: string | null;
  readonly reason: string;
}

export interface ReconcileDeps {
  readonly tenant: TenantRef;
  readonly source: Source;
  /** Every source that the tenant is read by. */
  readonly sources: readonly SourceName[];
  readonly settings: { readonly settleMs: number; readonly sliceMs: number; readonly overlapMs: number };
  readonly store: DetectionStore;
  readonly clock: Clock;
}

/** Epoch ms; null: a day, to where the reading ought to have got. */
export interface ReconcileRequest {
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Stores what is missing. */
  readonly fetch: boolean;
}

/** A range that is about to be read. */
export interface ReconcilePlan {
  readonly range: Range;
  readonly slices: readonly Range[];
  readonly settledTo: Instant;
  readonly watermark: Instant | null;
}

const DAY_MS = 86_400_000;
/** A reading that is no further behind than this is up to date: it is due, and not to be blamed for the rest. */
const UP_TO_DATE_MS = 300_000;
/** How long the poll of a running bridge is waited for, and how often is looked. */
const POLL_WAIT_MS = 75_000;
const LOOK_MS = 500;

/** The range by Microsoft's own clock. Throws where Microsoft cannot be asked. */
export async function planReconcile(
  { tenant, source, settings, store }: ReconcileDeps,
  { fromMs, toMs }: ReconcileRequest,
  signal: AbortSignal,
): Promise<ReconcilePlan> {
  const nowMs = await source.serverNow(signal);
  const settledTo = instantFromMs(nowMs - settings.settleMs);
  const { watermark } = await store.checkpoint({ tenantId: tenant.tenantId, source: source.name });
  const to = toMs === null ? reachOf(watermark, settledTo) : instantFromMs(Math.min(toMs, nowMs));
  const range = { from: fromMs === null ? shiftInstant(to, -DAY_MS) : instantFromMs(fromMs), to };
  return { range, slices: slicesOf(range, settings.sliceMs), settledTo, watermark };
}

function reachOf(watermark: Instant | null, settledTo: Instant): Instant {
  if (watermark === null || watermark > settledTo) return settledTo;
  return watermark < shiftInstant(settledTo, -UP_TO_DATE_MS) ? settledTo : watermark;
}

/**
 * Reads the range at Microsoft and compares it with the store; fetches what is missing where that is asked for.
 * @param watch told with every slice how many alerts Microsoft has so far
 */
export async function compareSource(
  deps: ReconcileDeps,
  { range, slices, settledTo, watermark }: ReconcilePlan,
  { fetch }: Pick<ReconcileRequest, 'fetch'>,
  watch: (alerts: number) => void,
  signal: AbortSignal,
): Promise<SourceComparison> {
  const { tenant, source, sources, settings, store } = deps;
  const { tenantId } = tenant;
  const key = { tenantId, source: source.name };
  const known = createKnownStretches(store, key);
  await known.load();
  const quarantine = (await store.quarantine()).filter(
    (entry) => entry.tenantId === tenantId && entry.source === source.name,
  );
  const oldest = await store.oldestUpdate(tenantId);
  const comparison = createComparison({
    ...key,
    sources,
    store,
    reasons: createReasons({ quarantine, settledTo, watermark, oldest }),
    fetch: fetch ? createFetch(deps) : null,
  });
  const unread: UnreadStretch[] = quarantine.flatMap(({ stretch, reason }) =>
    stretch !== null && stretch.from < range.to && stretch.to > range.from
      ? [{ from: stretch.from, to: stretch.to, code: null, reason }]
      : [],
  );
  for await (const reading of readSlices(slices, (slice) => known.gaps(slice), deps, signal)) {
    if (reading.kind === 'page') await comparison.take(reading.page, reading.readIn);
    else if (reading.kind === 'slice') watch(comparison.size());
    else unread.push({ ...reading.range, code: reading.error.code, reason: reading.error.message });
  }
  const readAgain = watermark === null ? null : shiftInstant(watermark, -settings.overlapMs);
  if (readAgain !== null && comparison.lacks(readAgain)) await nextPoll(deps, signal);
  await comparison.lookAgain();
  const stored = await store.alertsUpdated(tenantId, range);
  const own = stored.filter(({ owner }) => owner === source.name);
  const storedOnly = own.filter(({ alertId }) => !comparison.has(alertId)).length;
  return { range, ...comparison.result(), storedOnly, unread };
}

/**
 * Each poll reads the last stretch again, because Microsoft makes some alerts visible late: one that showed up since the
 * last poll is not missing. Where nobody polls, nothing is waited for. The first poll that ends may have begun before.
 */
async function nextPoll({ tenant, source, store, clock }: ReconcileDeps, signal: AbortSignal): Promise<void> {
  const since = clock.now();
  const ended = new Set<number>();
  for (let waitedMs = 0; waitedMs < POLL_WAIT_MS; waitedMs += LOOK_MS) {
    const statuses = await store.statuses();
    const own = statuses.find((one) => one.tenantId === tenant.tenantId && one.source === source.name);
    const lastTryMs = own?.lastTryMs ?? 0;
    if (since - lastTryMs > UP_TO_DATE_MS) return;
    if (lastTryMs > since) ended.add(lastTryMs);
    if (ended.size > 1) return;
    await clock.sleep(LOOK_MS, signal);
  }
}
