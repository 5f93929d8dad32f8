import cron from 'node-cron';
import type { Emit, SourceRef } from '../domain/bridge-event.ts';
import type { Collector } from './collector.ts';

export interface ScheduledSource {
  readonly ref: SourceRef;
  /** Cron text with five or six fields. */
  readonly schedule: string;
  readonly collector: Collector;
}

export interface Scheduler {
  /** Starts the schedules, each with one tick at once. */
  start(): void;
  /** Ends the schedules, aborts running ticks and waits for them. */
  stop(): Promise<void>;
}

/** Runs every source on its schedule; a source's ticks never overlap (node-cron neither prevents nor awaits that). */
export function createScheduler({
  sources,
  emit,
}: {
  readonly sources: readonly ScheduledSource[];
  readonly emit: Emit;
}): Scheduler {
  const abort = new AbortController();
  const running = new Map<ScheduledSource, Promise<void>>();
  const tasks = sources.map((source) => {
    const tick = (): void => {
      run(source);
    };
    return cron.createTask(source.schedule, tick, { logger: SILENT });
  });

  function run(source: ScheduledSource): void {
    if (abort.signal.aborted) return;
    if (running.has(source)) {
      emit({ name: 'pollSkipped', ...source.ref, reason: 'running' });
      return;
    }
    const tick = source.collector.tick(abort.signal).finally(() => running.delete(source));
    running.set(source, tick);
  }

  return {
    start() {
      for (const source of sources) run(source);
      for (const task of tasks) void task.start();
    },
    async stop() {
      abort.abort(new Error('stopping'));
      for (const task of tasks) await task.destroy();
      await Promise.all(running.values());
    },
  };
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
