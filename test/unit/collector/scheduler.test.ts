import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Collector } from '../../../src/collector/collector.ts';
import { createScheduler, type Scheduler, type SchedulerDeps } from '../../../src/collector/scheduler.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import type { Clock } from '../../../src/domain/clock.ts';
import { BridgeError } from '../../../src/domain/errors.ts';

const REF = { tenant: 'contoso', source: 'graph-alerts' };
/** The first of January at midnight: never during a test. */
const NEVER = '0 0 0 1 1 *';
const EVERY_SECOND = '* * * * * *';

/** Nobody waits for a turn by it. */
const impatient: Clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };

/** A collector whose ticks end when the test says so. */
interface Held extends Collector {
  readonly signals: readonly AbortSignal[];
  running(): number;
  finish(): void;
  /** Resolves with the start of the tick of that number, from 1. */
  started(count: number): Promise<void>;
}

function held(): Held {
  const signals: AbortSignal[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let open: (() => void)[] = [];
  return {
    signals,
    running: () => open.length,
    finish: () => {
      for (const end of open) end();
      open = [];
    },
    started: (count) =>
      new Promise((resolve) => {
        if (signals.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    tick: (signal) => {
      signals.push(signal);
      for (const { count, resolve } of waiting) if (signals.length >= count) resolve();
      return new Promise((resolve) => {
        open.push(resolve);
      });
    },
  };
}

let scheduler: Scheduler | null = null;
const held_: Held[] = [];

/** Resolves with the first event of a scheduler. */
function schedule(
  collectors: readonly Held[],
  text: string,
  clock: Clock = impatient,
  options: Pick<SchedulerDeps, 'tickLimitMs' | 'watchMs'> = {},
) {
  const events: BridgeEvent[] = [];
  let told = (_event: BridgeEvent): void => undefined;
  const first = new Promise<BridgeEvent>((resolve) => {
    told = resolve;
  });
  held_.push(...collectors);
  scheduler = createScheduler({
    sources: collectors.map((collector) => ({ ref: REF, schedule: text, collector })),
    clock,
    ...options,
    emit: (event) => {
      events.push(event);
      told(event);
    },
  });
  return { scheduler, events, first };
}

afterEach(async () => {
  vi.unstubAllGlobals();
  const stopped = scheduler?.stop();
  for (const collector of held_.splice(0)) collector.finish();
  await stopped;
});

describe('the scheduler', () => {
  it('polls the first source at once when it starts, and nothing before', async () => {
    const sources = [held(), held()];
    const made = schedule(sources, NEVER);
    expect(sources.map(({ signals }) => signals.length)).toEqual([0, 0]);
    made.scheduler.start();
    expect(sources.map(({ signals }) => signals.length)).toEqual([1, 0]);
    await sources[1]?.started(1);
  });

  it.each([
    ['*/10 * * * * *', [2500, 5000, 7500]],
    ['*/5 * * * *', [7500, 15_000, 22_500]],
  ])('gives each source its share of the interval %s to wait, of half a minute at most', (text, waits) => {
    const asked: number[] = [];
    const clock: Clock = { ...impatient, sleep: (ms) => Promise.resolve(asked.push(ms)).then(() => undefined) };
    schedule([held(), held(), held(), held()], text, clock).scheduler.start();
    expect(asked).toEqual(waits);
  });

  it('breaks off a source that waits for its turn when it is stopped', async () => {
    const sources = [held(), held()];
    const clock: Clock = {
      ...impatient,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        }),
    };
    const made = schedule(sources, NEVER, clock);
    made.scheduler.start();
    const stopping = made.scheduler.stop();
    sources[0]?.finish();
    await stopping;
    expect(sources[1]?.signals).toEqual([]);
  });

  it('aborts a poll that takes too long, with a reason that can be told, and polls again', async () => {
    const source = held();
    const made = schedule([source], EVERY_SECOND, impatient, { tickLimitMs: 5 });
    made.scheduler.start();
    const [signal] = source.signals;
    if (signal === undefined) throw new Error('no poll was started');
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    expect(signal.reason).toBeInstanceOf(BridgeError);
    expect(signal.reason).toMatchObject({ code: 'POLL_TOO_LONG', kind: 'transient' });
    source.finish();
    await source.started(2);
  });

  it('polls again by the clock, never while a poll is running, and says what it passed over', async () => {
    const source = held();
    const made = schedule([source], EVERY_SECOND);
    made.scheduler.start();
    expect(await made.first).toEqual({ name: 'pollSkipped', ...REF, reason: 'running' });
    expect(source.running()).toBe(1);
    source.finish();
    await source.started(2);
    expect(source.running()).toBe(1);
  });

  it('loses no turn of a source that waits for its share while the schedule comes round again', async () => {
    const sources = [held(), held()];
    const waits: (() => void)[] = [];
    let asked = (): void => undefined;
    const twice = new Promise<void>((resolve) => {
      asked = () => {
        if (waits.length === 2) resolve();
      };
    });
    const clock: Clock = {
      ...impatient,
      sleep: () =>
        new Promise((resolve) => {
          waits.push(resolve);
          asked();
        }),
    };
    const made = schedule(sources, EVERY_SECOND, clock);
    made.scheduler.start();
    await twice;
    waits[0]?.();
    await sources[1]?.started(1);
    sources[1]?.finish();
    await new Promise(setImmediate);
    waits[1]?.();
    await sources[1]?.started(2);
  });

  it('goes on when somebody sets the wall clock back, or ahead and back again', async () => {
    const source = held();
    let ahead = 0;
    const real = Date;
    class Shifted extends real {
      constructor(time: number | string | Date = real.now() + ahead) {
        super(time);
      }
      static override now(): number {
        return real.now() + ahead;
      }
    }
    vi.stubGlobal('Date', Shifted);
    const clock: Clock = { ...impatient, now: () => real.now() + ahead, monotonic: () => performance.now() };
    schedule([source], EVERY_SECOND, clock, { watchMs: 20 }).scheduler.start();
    for (const step of [-3_600_000, 0]) {
      ahead = step;
      const count = source.signals.length;
      source.finish();
      await source.started(count + 1);
    }
  });

  it('lets one source wait for nobody', async () => {
    const [slow, quick] = [held(), held()];
    schedule([slow, quick], EVERY_SECOND).scheduler.start();
    await quick.started(1);
    quick.finish();
    await quick.started(2);
    expect([slow.running(), slow.signals.length]).toEqual([1, 1]);
  });

  it('aborts what runs when it is stopped, and waits for its end', async () => {
    const source = held();
    const made = schedule([source], NEVER);
    made.scheduler.start();
    let stopped = false;
    const stopping = made.scheduler.stop().then(() => {
      stopped = true;
    });
    expect(source.signals[0]?.aborted).toBe(true);
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    source.finish();
    await stopping;
    expect(stopped).toBe(true);
  });

  it('starts no poll any more once it is stopped, and may be stopped twice', async () => {
    const source = held();
    const made = schedule([source], EVERY_SECOND);
    made.scheduler.start();
    source.finish();
    await made.scheduler.stop();
    await made.scheduler.stop();
    const polls = source.signals.length;
    // Another schedule's next second has passed, so this one's would have, too.
    const other = held();
    const witness = createScheduler({
      sources: [{ ref: REF, schedule: EVERY_SECOND, collector: other }],
      clock: impatient,
      emit: () => undefined,
    });
    witness.start();
    other.finish();
    await other.started(2);
    other.finish();
    await witness.stop();
    expect(source.signals).toHaveLength(polls);
  });

  it('can be stopped before it was started', async () => {
    const source = held();
    await schedule([source], NEVER).scheduler.stop();
    expect(source.signals).toEqual([]);
  });
});
