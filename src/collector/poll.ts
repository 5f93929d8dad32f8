import type { Source } from '../defender/source.ts';
import type { Emit, SourceRef } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { type BridgeError, toBridgeError } from '../domain/errors.ts';
import type { Instant } from '../domain/instant.ts';
import { nextStep, positionOf, type Step, targetOf, type WindowSettings } from '../domain/window.ts';
import type { KnownStretches } from './known-stretches.ts';
import type { Narrowing } from './narrowing.ts';
import type { QuarantineRetry } from './quarantine-retry.ts';
import type { Reading } from './reading.ts';
import { afterMainLine, type Turn } from './turn.ts';

/** The wide look back may take so long of one poll: the main line, which is due every half a minute, waits for it. */
const RESCAN_MS = 60_000;

export interface PollDeps {
  readonly source: Source;
  readonly settings: WindowSettings;
  readonly ref: SourceRef;
  readonly emit: Emit;
  readonly known: KnownStretches;
  readonly reading: Reading;
  readonly narrowing: Narrowing;
  readonly retry: QuarantineRetry;
  readonly clock: Clock;
}

/** What a poll tells while it runs. */
export interface PollWatch {
  /** After every step, with where the main line has to get. */
  passed(target: Instant): Promise<void>;
  /** The wide look back still waits after a failure. */
  isRescanWaiting(): boolean;
  /** It failed, or (null) a part of it was read. */
  rescanned(failure: BridgeError | null): void;
}

/**
 * Reads step by step until the source has caught up or the budget is used up: the main line first, then the wide look
 * back, then what was set aside; each of the latter gets a request at least once the main line has caught up. A look
 * back that fails ends the poll, but does not fail it.
 */
export type Poll = (turn: Turn, signal: AbortSignal, watch: PollWatch) => Promise<void>;

export function createPoll(deps: PollDeps): Poll {
  const { source, settings, ref, emit, known, reading, narrowing, retry, clock } = deps;
  let rescanned = { fresh: 0, changed: 0 };

  const read = async (turn: Turn, step: Step, signal: AbortSignal): Promise<void> => {
    if (await narrowing.resume(turn, step, signal)) return;
    const range = { from: positionOf(turn.checkpoint(), step), to: step.window.to };
    const pageSize = narrowing.pageSize(step);
    const options = pageSize === undefined ? {} : { pageSize };
    try {
      if ((await reading.read(turn, step, range, signal, options)) === 'finished') narrowing.finish(step);
    } catch (thrown) {
      signal.throwIfAborted();
      const isTaken = await narrowing.take(turn, step, toBridgeError(thrown), signal);
      if (!isTaken) throw thrown;
    }
  };

  const rescan = async (turn: Turn, step: Rescanning, signal: AbortSignal): Promise<void> => {
    if (step.window.from === step.whole.from) rescanned = { fresh: 0, changed: 0 };
    const { fresh, changed } = turn.counts();
    try {
      await read(turn, step, signal);
    } finally {
      const now = turn.counts();
      rescanned = {
        fresh: rescanned.fresh + now.fresh - fresh,
        changed: rescanned.changed + now.changed - changed,
      };
    }
    if (turn.checkpoint().rescan.doneAt === step.at) emit({ name: 'rescanFinished', ...ref, ...rescanned });
  };

  /** False when it failed. */
  const rescanAll = async (
    turn: Turn,
    serverNowMs: number,
    signal: AbortSignal,
    watch: PollWatch,
  ): Promise<boolean> => {
    const endsAt = clock.monotonic() + RESCAN_MS;
    const share = afterMainLine(turn, () => clock.monotonic() >= endsAt);
    while (!share.isSpent()) {
      signal.throwIfAborted();
      const step = nextStep(turn.checkpoint(), settings, serverNowMs);
      if (step?.kind !== 'rescan' || watch.isRescanWaiting()) return true;
      try {
        await rescan(share, step, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        watch.rescanned(toBridgeError(thrown));
        return false;
      }
      watch.rescanned(null);
      await watch.passed(targetOf(settings, serverNowMs));
    }
    return true;
  };

  return async (turn, signal, watch) => {
    // Asked once: a clock that moves on while it is read would never be reached.
    const serverNowMs = await source.serverNow(signal);
    if (!known.isLoaded()) await known.load();
    for (;;) {
      signal.throwIfAborted();
      const step = nextStep(turn.checkpoint(), settings, serverNowMs);
      if (step?.kind !== 'window') break;
      if (turn.isSpent()) return;
      await read(turn, step, signal);
      await watch.passed(targetOf(settings, serverNowMs));
    }
    if (await rescanAll(turn, serverNowMs, signal, watch)) await retry.run(afterMainLine(turn), signal);
  };
}

type Rescanning = Extract<Step, { readonly kind: 'rescan' }>;
