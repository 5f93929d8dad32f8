import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instant, instantFromMs } from '../../src/domain/instant.ts';
import {
  advance,
  type Checkpoint,
  firstCheckpoint,
  nextStep,
  positionOf,
  type Step,
  type WindowSettings,
} from '../../src/domain/window.ts';

/** Everything happens within minutes after START, in steps of a second, so that ties are frequent. */
const START = Date.parse('2026-01-01T12:00:00Z');
const STEPS = 120;
const OVERLAP = 20;
const REACH = 90;
const EVERY = 15;
const NARROW: WindowSettings = {
  overlapMs: OVERLAP * 1000,
  settleMs: 5000,
  initialLookbackMs: 60_000,
  sliceMs: 1_000_000,
  rescan: null,
};
/** Slices hardly longer than the overlap, and a look back that is due all the time. */
const WIDE: WindowSettings = { ...NARROW, sliceMs: 41_000, rescan: { everyMs: EVERY * 1000, reachMs: REACH * 1000 } };

/** One state of an alert at Microsoft: when it was made, and how many steps later the API shows it. */
interface Version {
  readonly step: number;
  readonly delay: number;
}
type Alert = readonly Version[];

interface Tick {
  readonly gap: number;
  /** How far Microsoft's answer is behind its clock: the Date header has whole seconds and some age. */
  readonly behind: number;
  readonly pageSize: number;
  /** Pages stored before something fails, or the process is restarted; null: nothing fails. */
  readonly pages: number | null;
  /** Pages that one poll may read. */
  readonly budget: number;
  /** False: Microsoft broke the order, and progress proves nothing. */
  readonly ordered: boolean;
}

function alerts(longestDelay: number): fc.Arbitrary<readonly Alert[]> {
  const version = fc.record({
    step: fc.integer({ min: 0, max: STEPS }),
    delay: fc.integer({ min: 0, max: longestDelay }),
  });
  return fc.array(fc.uniqueArray(version, { selector: ({ step }) => step, minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 12,
  });
}

const ticks = fc.array(
  fc.record({
    gap: fc.integer({ min: 1, max: 40 }),
    behind: fc.integer({ min: 0, max: 3 }),
    pageSize: fc.integer({ min: 1, max: 4 }),
    pages: fc.option(fc.nat({ max: 6 })),
    budget: fc.integer({ min: 1, max: 8 }),
    ordered: fc.boolean(),
  }),
  { maxLength: 15 },
);

function updateTime({ step }: Version): Instant {
  return instantFromMs(START + step * 1000);
}

/** What the API shows of an alert: its latest state that is visible by then, and only that. */
function shown(alert: Alert, step: number): Version | undefined {
  return alert
    .filter((version) => version.step + version.delay <= step)
    .toSorted((a, b) => a.step - b.step)
    .at(-1);
}

interface Row {
  readonly alert: number;
  readonly at: Instant;
}

function list(world: readonly Alert[], step: number, from: Instant, to: Instant): readonly Row[] {
  return world
    .flatMap((alert, index) => {
      const version = shown(alert, step);
      return version === undefined ? [] : [{ alert: index, at: updateTime(version) }];
    })
    .filter(({ at }) => at >= from && at < to)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** Pages of one step, each stored with its checkpoint; ends where `stop` says so. */
function read(
  world: readonly Alert[],
  { checkpoint, now, seen }: { checkpoint: Checkpoint; now: number; seen: Set<string> },
  step: Step,
  tick: Tick,
  stop: (page: { readonly leadsOn: boolean }) => boolean,
): Checkpoint {
  const from = positionOf(checkpoint, step);
  const rows = list(world, now, from, step.window.to);
  const count = Math.max(1, Math.ceil(rows.length / tick.pageSize));
  let after = checkpoint;
  for (let page = 0; page < count; page += 1) {
    const part = rows.slice(page * tick.pageSize, (page + 1) * tick.pageSize);
    for (const { alert, at } of part) seen.add(`${alert} ${at}`);
    const progress = tick.ordered ? (part.at(-1)?.at ?? from) : null;
    after = advance(after, step, { isLast: page === count - 1, progress });
    if (stop({ leadsOn: page === count - 1 || (progress !== null && progress > from) })) return after;
  }
  return after;
}

/** One poll: steps are read until there is none, the budget is used up, or something fails. */
function poll(
  world: readonly Alert[],
  settings: WindowSettings,
  start: Checkpoint,
  now: number,
  tick: Tick,
  seen: Set<string>,
): Checkpoint {
  let checkpoint = start;
  let pages = 0;
  let isOver = tick.pages === 0;
  const stop = ({ leadsOn }: { readonly leadsOn: boolean }): boolean => {
    pages += 1;
    isOver = pages === tick.pages || (leadsOn && pages >= tick.budget);
    return isOver;
  };
  while (!isOver) {
    const step = nextStep(checkpoint, settings, START + (now - tick.behind) * 1000);
    if (step === null) break;
    checkpoint = read(world, { checkpoint, now, seen }, step, tick, stop);
  }
  return checkpoint;
}

/** Final states that no poll has read. */
function unread(world: readonly Alert[], settings: WindowSettings, schedule: readonly Tick[]): readonly string[] {
  const seen = new Set<string>();
  let checkpoint = firstCheckpoint(START, settings);
  let now = 0;
  for (const tick of schedule) {
    now += tick.gap;
    checkpoint = poll(world, settings, checkpoint, now, tick, seen);
  }
  // Quiet polls once everything is visible and settled: for what was left open, and for one more look back.
  const quiet: Tick = { gap: 1, behind: 0, pageSize: 100, pages: null, budget: 1000, ordered: true };
  now = Math.max(now, STEPS + REACH + 10);
  for (const later of [0, 1, EVERY + 2]) checkpoint = poll(world, settings, checkpoint, now + later, quiet, seen);
  return world.flatMap((alert, index) => {
    const last = shown(alert, Number.POSITIVE_INFINITY);
    const key = last === undefined ? '' : `${index} ${updateTime(last)}`;
    return seen.has(key) ? [] : [key];
  });
}

describe('reading by windows', () => {
  it('reads the final state of every alert, however late within the overlap it shows and whatever fails', () => {
    fc.assert(
      fc.property(alerts(OVERLAP), ticks, (world, schedule) => {
        expect(unread(world, NARROW, schedule)).toEqual([]);
        expect(unread(world, { ...WIDE, rescan: null }, schedule)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads it however late within the reach of the look back it shows, through slices, budgets and failures', () => {
    fc.assert(
      fc.property(alerts(REACH), ticks, (world, schedule) => {
        expect(unread(world, WIDE, schedule)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  const every = Array.from({ length: 12 }, () => {
    return { gap: 10, behind: 0, pageSize: 1, pages: null, budget: 100, ordered: true };
  });

  it('would miss one that shows later than the overlap without the look back: the model can fail', () => {
    const late: Alert = [{ step: 10, delay: REACH }];
    expect(unread([late], NARROW, every)).toHaveLength(1);
    expect(unread([late], WIDE, every)).toEqual([]);
    expect(unread([[{ step: 10, delay: OVERLAP }]], NARROW, every)).toEqual([]);
  });

  it('would miss one that shows later than the look back reaches', () => {
    const settings = { ...WIDE, rescan: { everyMs: EVERY * 1000, reachMs: 30_000 } };
    expect(unread([[{ step: 10, delay: REACH }]], settings, every)).toHaveLength(1);
  });

  it('reads it after an outage that is longer than the look back reaches', () => {
    const world: readonly Alert[] = [[{ step: 20, delay: 60 }], [{ step: 1, delay: 85 }]];
    const [tick] = every;
    const outage = every.slice(0, 3).concat(tick === undefined ? [] : [{ ...tick, gap: 400 }], every);
    expect(unread(world, WIDE, outage)).toEqual([]);
  });
});
