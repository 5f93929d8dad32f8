import type { Source } from '../defender/source.ts';
import type { Emit, SourceRef } from '../domain/bridge-event.ts';
import { toBridgeError } from '../domain/errors.ts';
import type { Instant } from '../domain/instant.ts';
import { nextStep, positionOf, type Step, targetOf, type WindowSettings } from '../domain/window.ts';
import type { KnownStretches } from './known-stretches.ts';
import type { Narrowing } from './narrowing.ts';
import type { QuarantineRetry } from './quarantine-retry.ts';
import type { Reading } from './reading.ts';
import type { Turn } from './turn.ts';

export interface PollDeps {
  readonly source: Source;
  readonly settings: WindowSettings;
  readonly ref: SourceRef;
  readonly emit: Emit;
  readonly known: KnownStretches;
  readonly reading: Reading;
  readonly narrowing: Narrowing;
  readonly retry: QuarantineRetry;
}

/**
 * Reads step by step until the source has caught up or the budget is used up: the main line first, then the wide look
 * back, then what was set aside. `passed` is called after every step with where the main line has to get.
 */
export type Poll = (turn: Turn, signal: AbortSignal, passed: (target: Instant) => Promise<void>) => Promise<void>;

export function createPoll(deps: PollDeps): Poll {
  const { source, settings, ref, emit, known, reading, narrowing, retry } = deps;
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

  return async (turn, signal, passed) => {
    // Asked once: a clock that moves on while it is read would never be reached.
    const serverNowMs = await source.serverNow(signal);
    if (!known.isLoaded()) await known.load();
    while (!turn.isSpent()) {
      signal.throwIfAborted();
      const step = nextStep(turn.checkpoint(), settings, serverNowMs);
      if (step === null) break;
      if (step.kind === 'window') await read(turn, step, signal);
      else await rescan(turn, step, signal);
      await passed(targetOf(settings, serverNowMs));
    }
    if (!turn.isSpent()) await retry.run(turn, signal);
  };
}

type Rescanning = Extract<Step, { readonly kind: 'rescan' }>;
