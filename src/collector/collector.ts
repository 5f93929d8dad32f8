import type { Source } from '../defender/source.ts';
import type { Emit, PollCounts } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import type { SourceName } from '../domain/detection.ts';
import { BridgeError, toBridgeError } from '../domain/errors.ts';
import { firstCheckpoint, type WindowSettings } from '../domain/window.ts';
import {
  type DetectionStore,
  NEVER_POLLED,
  type RescanTrouble,
  type SourceStatus,
  type TenantRef,
} from '../store/detection-store.ts';
import { createBackoff } from './backoff.ts';
import { createCatchUp } from './catch-up.ts';
import { createInheritance } from './inheritance.ts';
import { createKnownStretches } from './known-stretches.ts';
import { createNarrowing } from './narrowing.ts';
import { createPoll } from './poll.ts';
import { NOTHING } from './poll-counts.ts';
import { createQuarantineRetry } from './quarantine-retry.ts';
import { createReading } from './reading.ts';
import { createTurn, type Turn } from './turn.ts';

export interface CollectorDeps {
  readonly tenant: TenantRef;
  readonly source: Source;
  /** Every source that the tenant is read by, this one included. */
  readonly sources: readonly SourceName[];
  readonly settings: WindowSettings & {
    /** Answers of Microsoft's that one poll may take. */
    readonly budgetPages: number;
  };
  readonly store: DetectionStore;
  readonly clock: Clock;
  readonly emit: Emit;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export interface Collector {
  /**
   * Reads what there is, as far as the budget goes, and stores it page by page. Never throws: a failure is recorded,
   * told and tried again. An abort counts as a failure when its reason is a BridgeError.
   */
  tick(signal: AbortSignal): Promise<void>;
}

/** Pulls one source of one tenant into the store. */
export function createCollector(deps: CollectorDeps): Collector {
  const { tenant, source, sources, settings, store, clock, emit } = deps;
  const key = { tenantId: tenant.tenantId, source: source.name };
  const ref = { tenant: tenant.name, source: source.name };
  const known = createKnownStretches(store, key);
  const reading = createReading({ source, known });
  const narrowing = createNarrowing({ source, reading, known, ref, emit });
  const retry = createQuarantineRetry({ key, ref, source, store, known, clock, emit });
  const poll = createPoll({ source, settings, ref, emit, known, reading, narrowing, retry, clock });
  const backoff = createBackoff(deps);
  const rescanBackoff = createBackoff(deps);
  const catchUp = createCatchUp({ clock, emit, ref });
  const inheritance = createInheritance({ key, sources, settings, store });
  let hasInherited = false;
  let status: SourceStatus | null = null;

  const loadStatus = async (): Promise<SourceStatus> => {
    const stored = (await store.statuses()).find(
      ({ tenantId, source: name }) => tenantId === key.tenantId && name === key.source,
    );
    return stored ?? NEVER_POLLED;
  };

  /** Kept before Microsoft answers for the first time: a first start that fails for days must not skip those days. */
  const startTurn = async ({ lastSuccessMs }: SourceStatus): Promise<Turn> => {
    const { budgetPages } = settings;
    const turnDeps = { tenant, source: source.name, sources, ref, store, emit, budgetPages };
    const stored = await store.checkpoint(key);
    const turn = createTurn(turnDeps, stored);
    if (stored.watermark === null && stored.window === null)
      await turn.store({}, firstCheckpoint(clock.now(), settings));
    else if (lastSuccessMs !== null && !hasInherited) await inherit(turn);
    return turn;
  };

  /** Once a process: what is configured does not change while it runs. */
  const inherit = async (turn: Turn): Promise<void> => {
    const before = turn.checkpoint();
    const claimed = await inheritance.claim(before);
    if (claimed !== before) await turn.store({}, claimed);
    await inheritance.settle();
    hasInherited = true;
  };

  const fail = (before: SourceStatus, counts: PollCounts, error: BridgeError): SourceStatus => {
    const failures = before.failures + 1;
    const waitMs = backoff.wait(failures, error.retryAfterMs);
    emit({ name: 'pollFailed', ...ref, error, attempt: failures, ...(counts.pages > 0 && { stored: counts }) });
    return failed(before, error, { nowMs: clock.now(), waitMs });
  };

  const failRescan = (before: SourceStatus['rescan'], error: BridgeError): RescanTrouble => {
    const failures = (before?.failures ?? 0) + 1;
    const waitMs = rescanBackoff.wait(failures, error.retryAfterMs);
    emit({ name: 'rescanFailed', ...ref, error, attempt: failures });
    const nowMs = clock.now();
    return {
      failingSinceMs: before?.failingSinceMs ?? nowMs,
      failures,
      lastError: noteOf(error),
      nextTryMs: nowMs + waitMs,
    };
  };

  const run = async (before: SourceStatus, signal: AbortSignal): Promise<SourceStatus> => {
    const started = clock.monotonic();
    let turn: Turn | null = null;
    let { catchingUp } = before;
    let rescan = settings.rescan === null ? null : before.rescan;
    const counts = (): PollCounts => turn?.counts() ?? NOTHING;
    const noted = (): SourceStatus => ({
      ...withRejected(before, counts().rejected, clock.now()),
      catchingUp,
      rescan,
      inheritedBy: [],
      tokenProblem: source.tokenProblem(),
    });
    try {
      const current = await startTurn(before);
      turn = current;
      const start = current.checkpoint();
      await poll(current, signal, {
        async passed(target) {
          const wasBehind = catchingUp !== null;
          catchingUp = catchUp.note(catchingUp, start, current.checkpoint(), target);
          if (wasBehind || catchingUp !== null) await store.recordStatus(key, succeeded(noted(), clock.now()));
        },
        isRescanWaiting: () => rescanBackoff.isWaiting(),
        rescanned(failure) {
          rescan = failure === null ? null : failRescan(rescan, failure);
        },
      });
      const behind = catchingUp === null ? {} : { reached: catchingUp.reached, target: catchingUp.target };
      const durationMs = Math.round(clock.monotonic() - started);
      emit({ name: 'pollFinished', ...ref, ...counts(), durationMs, ...behind });
      return succeeded(noted(), clock.now());
    } catch (thrown) {
      if (!signal.aborted) return fail(noted(), counts(), toBridgeError(thrown));
      const reason: unknown = signal.reason;
      return reason instanceof BridgeError ? fail(noted(), counts(), reason) : noted();
    } finally {
      tellFiltered(turn, emit);
    }
  };

  return {
    async tick(signal) {
      if (backoff.isWaiting()) {
        emit({ name: 'pollSkipped', ...ref, reason: 'waiting' });
        return;
      }
      try {
        status = await run(status ?? (await loadStatus()), signal);
        await store.recordStatus(key, status);
      } catch (thrown) {
        // The store itself cannot be read or written: told here unless the poll did, and by the store's own finding.
        if (status === null || status.lastError === null)
          emit({ name: 'pollFailed', ...ref, error: toBridgeError(thrown), attempt: 1 });
      }
    },
  };
}

function tellFiltered(turn: Turn | null, emit: Emit): void {
  for (const [feed, events] of Object.entries(turn?.filtered() ?? {})) emit({ name: 'eventsFiltered', feed, events });
}

function withRejected(status: SourceStatus, rejected: number, nowMs: number): SourceStatus {
  return rejected === 0 ? status : { ...status, rejected: status.rejected + rejected, lastRejectedMs: nowMs };
}

function succeeded(status: SourceStatus, nowMs: number): SourceStatus {
  return {
    ...status,
    lastTryMs: nowMs,
    lastSuccessMs: nowMs,
    failingSinceMs: null,
    failures: 0,
    lastError: null,
    nextTryMs: null,
  };
}

function failed(
  status: SourceStatus,
  error: BridgeError,
  { nowMs, waitMs }: { readonly nowMs: number; readonly waitMs: number },
): SourceStatus {
  return {
    ...status,
    lastTryMs: nowMs,
    failingSinceMs: status.failingSinceMs ?? nowMs,
    failures: status.failures + 1,
    lastError: noteOf(error),
    nextTryMs: nowMs + waitMs,
  };
}

function noteOf({ code, kind, message, hint }: BridgeError): NonNullable<SourceStatus['lastError']> {
  return { code, kind, message, hint };
}
