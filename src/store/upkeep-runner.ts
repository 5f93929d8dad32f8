import { setImmediate } from 'node:timers/promises';
import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { type BridgeError, toBridgeError } from '../domain/errors.ts';
import type { FeedReaders, Pruned, RetentionPolicy, UpkeepStore } from './upkeep.ts';

/** Keeps the store at its size while the service runs. */
export interface Upkeep {
  start(): void;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

export interface UpkeepDeps {
  readonly store: Pick<UpkeepStore, 'prune' | 'trimLog'>;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly policy: RetentionPolicy;
  /** Asked at every turn: connectors come and go. */
  readonly readers: () => readonly FeedReaders[];
}

/** A start has other things to do, and by then the host has set its clock. */
const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;
const AFTER_FAILURE_MS = 5 * 60_000;
/** Rows that one transaction looks at: it takes some milliseconds, which the feed waits for. */
const MAX_ROWS = 200;
/** After each of them the others have nine times as long, and at least so long. */
const REST_FACTOR = 9;
const LEAST_REST_MS = 20;
/** The wall clock went another way than time: what is old by it is not to be trusted before the next run. */
const CLOCK_STEP_MS = 15 * 60_000;

export function createUpkeep({ store, clock, emit, policy, readers }: UpkeepDeps): Upkeep {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const pruneAll = async (): Promise<void> => {
    const sum: { -readonly [Name in 'events' | 'records' | 'alerts' | 'undelivered']: number } = {
      events: 0,
      records: 0,
      alerts: 0,
      undelivered: 0,
    };
    try {
      for (let done = false; !done && !stopping.signal.aborted; ) {
        const began = clock.monotonic();
        const pruned = await store.prune({ policy, readers: readers(), maxRows: MAX_ROWS });
        add(sum, pruned);
        done = pruned.done;
        await setImmediate();
        if (!done) await clock.sleep(restMs(clock.monotonic() - began), stopping.signal);
      }
    } finally {
      if (Object.values(sum).some((count) => count > 0)) emit({ name: 'pruned', ...sum });
    }
    await store.trimLog();
  };

  const attempt = async (): Promise<BridgeError | null> => {
    try {
      await pruneAll();
      return null;
    } catch (thrown) {
      if (stopping.signal.aborted) return null;
      const error = toBridgeError(thrown);
      emit({ name: 'upkeepFailed', error });
      return error;
    }
  };

  const loop = async (): Promise<void> => {
    let offset = offsetOf(clock);
    for (let waitMs = FIRST_MS; ; ) {
      await clock.sleep(waitMs, stopping.signal);
      const stepped = Math.abs(offsetOf(clock) - offset) > CLOCK_STEP_MS;
      offset = offsetOf(clock);
      waitMs = !stepped && (await attempt()) !== null ? AFTER_FAILURE_MS : EVERY_MS;
    }
  };

  return {
    start() {
      running = loop().catch((thrown: unknown) => {
        if (!stopping.signal.aborted) emit({ name: 'upkeepFailed', error: toBridgeError(thrown) });
      });
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Of the wall clock from the clock that only grows. */
function offsetOf(clock: Clock): number {
  return clock.now() - clock.monotonic();
}

function restMs(workedMs: number): number {
  return Math.max(LEAST_REST_MS, workedMs * REST_FACTOR);
}

function add(
  sum: { -readonly [Name in 'events' | 'records' | 'alerts' | 'undelivered']: number },
  pruned: Pruned,
): void {
  sum.events += pruned.events;
  sum.records += pruned.records;
  sum.alerts += pruned.alerts;
  for (const count of Object.values(pruned.undelivered)) sum.undelivered += count;
}
