import type { Source } from '../defender/source.ts';
import type { Emit, PollCounts } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { type BridgeError, toBridgeError } from '../domain/errors.ts';
import { advance, type Checkpoint, firstCheckpoint, nextWindow, type WindowSettings } from '../domain/window.ts';
import { type DetectionStore, NEVER_POLLED, type SourceStatus, type TenantRef } from '../store/detection-store.ts';

export interface CollectorDeps {
  readonly tenant: TenantRef;
  readonly source: Source;
  readonly settings: WindowSettings;
  readonly store: DetectionStore;
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface Collector {
  /** Reads one window and stores it page by page. Never throws: a failure is recorded, told and tried again. */
  tick(signal: AbortSignal): Promise<void>;
}

/** Waits between tries after failures: doubling from 15 s to 10 min, or what Microsoft asked for when that is longer. */
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 600_000;

const NOTHING: PollCounts = {
  pages: 0,
  fetched: 0,
  fresh: 0,
  changed: 0,
  duplicate: 0,
  stale: 0,
  rejected: 0,
  events: 0,
  cut: 0,
};

/** Pulls one source of one tenant into the store. */
export function createCollector(deps: CollectorDeps): Collector {
  const { tenant, source, settings, store, clock, emit } = deps;
  const key = { tenantId: tenant.tenantId, source: source.name };
  const ref = { tenant: tenant.name, source: source.name };
  let status: SourceStatus | null = null;
  let waitUntil = 0;

  /** Kept before Microsoft answers for the first time: a first start that fails for days must not skip those days. */
  const startingPoint = async (): Promise<Checkpoint> => {
    const stored = await store.checkpoint(key);
    if (stored.watermark !== null || stored.window !== null) return stored;
    const checkpoint = firstCheckpoint(clock.now(), settings);
    await store.append({ tenant, source: source.name, records: [], rejected: [], checkpoint });
    return checkpoint;
  };

  /** Tells `stored` of every page that is safe: what a later page breaks does not undo it. */
  const readWindow = async (signal: AbortSignal, stored: (counts: PollCounts) => void): Promise<void> => {
    let checkpoint = await startingPoint();
    const window = nextWindow(checkpoint, settings, await source.serverNow(signal));
    if (window === null) return;
    for await (const page of source.pages(window, signal)) {
      signal.throwIfAborted();
      checkpoint = advance(checkpoint, window, page);
      const { records, rejected } = page;
      const batch = { tenant, source: source.name, records, rejected, checkpoint };
      const { arrivalDelaysMs, ...appended } = await store.append(batch);
      if (arrivalDelaysMs.length > 0) emit({ name: 'alertsArrived', ...ref, delaysMs: arrivalDelaysMs });
      // The overlap brings them again with every poll: they are told when one of them is new.
      if (appended.rejected > 0)
        for (const { id, reason } of rejected) emit({ name: 'recordRejected', ...ref, id, reason });
      stored({ pages: 1, fetched: records.length + rejected.length, ...appended });
    }
  };

  const succeeded = ({ rejected, lastRejectedMs }: SourceStatus): SourceStatus => ({
    lastTryMs: clock.now(),
    lastSuccessMs: clock.now(),
    failingSinceMs: null,
    failures: 0,
    lastError: null,
    rejected,
    lastRejectedMs,
  });

  const failed = (before: SourceStatus, { code, kind, message, hint }: BridgeError): SourceStatus => ({
    ...before,
    lastTryMs: clock.now(),
    failingSinceMs: before.failingSinceMs ?? clock.now(),
    failures: before.failures + 1,
    lastError: { code, kind, message, hint },
  });

  const loadStatus = async (): Promise<SourceStatus> => {
    const stored = (await store.statuses()).find(
      ({ tenantId, source: name }) => tenantId === key.tenantId && name === key.source,
    );
    return stored ?? NEVER_POLLED;
  };

  const poll = async (before: SourceStatus, signal: AbortSignal): Promise<SourceStatus> => {
    const started = clock.monotonic();
    let counts = NOTHING;
    const counted = (): SourceStatus => ({
      ...before,
      rejected: before.rejected + counts.rejected,
      lastRejectedMs: counts.rejected > 0 ? clock.now() : before.lastRejectedMs,
    });
    try {
      await readWindow(signal, (page) => {
        counts = add(counts, page);
      });
      emit({ name: 'pollFinished', ...ref, ...counts, durationMs: Math.round(clock.monotonic() - started) });
      return succeeded(counted());
    } catch (thrown) {
      if (signal.aborted) return counted();
      const error = toBridgeError(thrown);
      const after = failed(counted(), error);
      const backOff = Math.min(FIRST_WAIT_MS * 2 ** (after.failures - 1), LONGEST_WAIT_MS);
      waitUntil = clock.monotonic() + Math.max(backOff, error.retryAfterMs ?? 0);
      emit({ name: 'pollFailed', ...ref, error, attempt: after.failures, ...(counts.pages > 0 && { stored: counts }) });
      return after;
    }
  };

  return {
    async tick(signal) {
      if (clock.monotonic() < waitUntil) {
        emit({ name: 'pollSkipped', ...ref, reason: 'waiting' });
        return;
      }
      try {
        status = await poll(status ?? (await loadStatus()), signal);
        await store.recordStatus(key, status);
      } catch (thrown) {
        // The store itself cannot be read or written: told here unless the poll did, and by the store's own finding.
        if (status === null || status.lastError === null)
          emit({ name: 'pollFailed', ...ref, error: toBridgeError(thrown), attempt: 1 });
      }
    },
  };
}

function add(a: PollCounts, b: PollCounts): PollCounts {
  return {
    pages: a.pages + b.pages,
    fetched: a.fetched + b.fetched,
    fresh: a.fresh + b.fresh,
    changed: a.changed + b.changed,
    duplicate: a.duplicate + b.duplicate,
    stale: a.stale + b.stale,
    rejected: a.rejected + b.rejected,
    events: a.events + b.events,
    cut: a.cut + b.cut,
  };
}
