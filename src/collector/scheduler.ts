import cron from 'node-cron';
import type { Emit, SourceRef } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { Collector } from './collector.ts';

export interface ScheduledSource {
  readonly ref: SourceRef;
  /** Cron text with five or six fields. */
  readonly schedule: string;
  readonly collector: Collector;
}

export interface Scheduler {
  /** Starts the schedules, each with one tick at once, or as much later as its share says. */
  start(): void;
  /** Ends the schedules, aborts running ticks and waits for them. */
  stop(): Promise<void>;
}

export interface SchedulerDeps {
  readonly sources: readonly ScheduledSource[];
  readonly clock: Clock;
  readonly emit: Emit;
  /** Longest tick, in milliseconds; default 15 minutes. A longer one is aborted and told. */
  readonly tickLimitMs?: number;
  /** How often the wall clock is compared with the monotonic one, in milliseconds; default 15 seconds. */
  readonly watchMs?: number;
}

/** Sources take their turns within this time, or within their interval when that is shorter. */
const SPREAD_MS = 30_000;
const TICK_LIMIT_MS = 900_000;
const WATCH_MS = 15_000;
/** Less than that a wall clock is adjusted in passing. */
const STEP_MS = 5_000;

interface Turn {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * Runs every source on its schedule; a source's ticks never overlap (node-cron neither prevents nor awaits that), and no
 * source waits for another. Many tenants on one schedule are spread, so that they do not all ask in the same second.
 */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { sources, clock, emit, tickLimitMs = TICK_LIMIT_MS, watchMs = WATCH_MS } = deps;
  /** Those that wait for their share of the interval to pass, and those that run. */
  const turns = new Set<Turn>();
  const running = new Set<ScheduledSource>();
  let stopping = false;
  let watch: NodeJS.Timeout | undefined;
  const offsets = new Map(
    sources.map((source, index) => [source, offsetMs(source.schedule, index / sources.length)] as const),
  );
  const tasks = sources.map((source) => {
    const turn = (): void => {
      begin(source);
    };
    return cron.createTask(source.schedule, turn, { logger: SILENT });
  });

  function begin(source: ScheduledSource): void {
    if (stopping) return;
    const abort = new AbortController();
    const turn = { abort, done: take(source, abort).finally(() => turns.delete(turn)) };
    turns.add(turn);
  }

  async function take(source: ScheduledSource, abort: AbortController): Promise<void> {
    const offset = offsets.get(source) ?? 0;
    if (offset > 0) await clock.sleep(offset, abort.signal).catch(nothing);
    if (abort.signal.aborted) return;
    // Asked after the wait: were a wait as good as a poll, a source with a late share would lose every other turn.
    if (running.has(source)) {
      emit({ name: 'pollSkipped', ...source.ref, reason: 'running' });
      return;
    }
    running.add(source);
    const limit = setTimeout(() => {
      abort.abort(tooLong(tickLimitMs));
    }, tickLimitMs);
    try {
      await source.collector.tick(abort.signal);
    } finally {
      clearTimeout(limit);
      running.delete(source);
    }
  }

  /**
   * node-cron waits for a time of the wall clock: when that is set back by an hour, as it is on a host that started with
   * a wrong one, nothing would be polled for an hour. So the schedules begin anew whenever it was set.
   */
  function watchClock(): void {
    let ahead = clock.now() - clock.monotonic();
    watch = setInterval(() => {
      const now = clock.now() - clock.monotonic();
      if (Math.abs(now - ahead) < STEP_MS) return;
      ahead = now;
      for (const task of tasks) {
        void task.stop();
        void task.start();
      }
    }, watchMs);
  }

  return {
    start() {
      for (const source of sources) begin(source);
      for (const task of tasks) void task.start();
      watchClock();
    },
    async stop() {
      stopping = true;
      clearInterval(watch);
      const ending = [...turns];
      for (const { abort } of ending) abort.abort(new Error('stopping'));
      for (const task of tasks) await task.destroy();
      await Promise.all(ending.map(({ done }) => done));
    },
  };
}

/** How much later a source takes its turns: its share of the interval, the first none. */
function offsetMs(schedule: string, share: number): number {
  return share === 0 ? 0 : Math.floor(Math.min(intervalMs(schedule), SPREAD_MS) * share);
}

function tooLong(limitMs: number): BridgeError {
  return new BridgeError({
    code: 'POLL_TOO_LONG',
    kind: 'transient',
    message: `The poll did not end within ${Math.round(limitMs / 60_000)} minutes and was broken off.`,
    hint: 'What was read by then is stored, and the next poll goes on there. If it lasts, look at how long requests take in the log at level debug.',
  });
}

/** Milliseconds between the next two runs of a schedule. */
export function intervalMs(schedule: string): number {
  const task = cron.createTask(schedule, nothing, { logger: SILENT });
  const [first, second] = task.getNextRuns(2);
  void task.destroy();
  return first === undefined || second === undefined ? 0 : second.getTime() - first.getTime();
}

/** node-cron writes to the console unless it is given a logger; what matters is emitted by the scheduler itself. */
const SILENT = { info: nothing, warn: nothing, error: nothing, debug: nothing };

function nothing(): void {}
