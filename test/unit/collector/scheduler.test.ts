import { afterEach, describe, expect, it } from 'vitest';
import type { Collector } from '../../../src/collector/collector.ts';
import { createScheduler, type Scheduler } from '../../../src/collector/scheduler.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';

const REF = { tenant: 'contoso', source: 'graph-alerts' };
/** The first of January at midnight: never during a test. */
const NEVER = '0 0 0 1 1 *';
const EVERY_SECOND = '* * * * * *';

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
function schedule(collectors: readonly Held[], text: string) {
  const events: BridgeEvent[] = [];
  let told = (_event: BridgeEvent): void => undefined;
  const first = new Promise<BridgeEvent>((resolve) => {
    told = resolve;
  });
  held_.push(...collectors);
  scheduler = createScheduler({
    sources: collectors.map((collector) => ({ ref: REF, schedule: text, collector })),
    emit: (event) => {
      events.push(event);
      told(event);
    },
  });
  return { scheduler, events, first };
}

afterEach(async () => {
  const stopped = scheduler?.stop();
  for (const collector of held_.splice(0)) collector.finish();
  await stopped;
});

describe('the scheduler', () => {
  it('polls every source at once when it starts, and nothing before', () => {
    const sources = [held(), held()];
    const made = schedule(sources, NEVER);
    expect(sources.map(({ signals }) => signals.length)).toEqual([0, 0]);
    made.scheduler.start();
    expect(sources.map(({ signals }) => signals.length)).toEqual([1, 1]);
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

  it('lets one source wait for nobody', async () => {
    const [slow, quick] = [held(), held()];
    schedule([slow, quick], EVERY_SECOND).scheduler.start();
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
