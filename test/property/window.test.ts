import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instant, instantFromMs } from '../../src/domain/instant.ts';
import { advance, type Checkpoint, nextWindow, type Window, type WindowSettings } from '../../src/domain/window.ts';

/** Everything happens within minutes after START, in steps of a second, so that ties are frequent. */
const START = Date.parse('2026-01-01T12:00:00Z');
const STEPS = 120;
const OVERLAP = 20;
const SETTINGS: WindowSettings = { overlapMs: OVERLAP * 1000, settleMs: 5000, initialLookbackMs: 60_000 };

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
  /** Pages stored before something fails; null: nothing fails. */
  readonly pages: number | null;
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
    pages: fc.option(fc.nat({ max: 3 })),
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

function list(world: readonly Alert[], step: number, { from, to, progress }: Window): readonly Row[] {
  return world
    .flatMap((alert, index) => {
      const version = shown(alert, step);
      return version === undefined ? [] : [{ alert: index, at: updateTime(version) }];
    })
    .filter(({ at }) => at >= (progress ?? from) && at < to)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** One poll: pages are stored with their checkpoint until the tick fails. */
function poll(
  world: readonly Alert[],
  checkpoint: Checkpoint,
  step: number,
  tick: Tick,
  read: Set<string>,
): Checkpoint {
  const window = nextWindow(checkpoint, SETTINGS, START + (step - tick.behind) * 1000);
  if (window === null) return checkpoint;
  const rows = list(world, step, window);
  const count = Math.max(1, Math.ceil(rows.length / tick.pageSize));
  let now = checkpoint;
  for (let page = 0; page < count && (tick.pages === null || page < tick.pages); page += 1) {
    const part = rows.slice(page * tick.pageSize, (page + 1) * tick.pageSize);
    for (const { alert, at } of part) read.add(`${alert} ${at}`);
    const progress = tick.ordered ? (part.at(-1)?.at ?? window.progress) : null;
    now = advance(now, window, { isLast: page === count - 1, progress });
  }
  return now;
}

function unread(world: readonly Alert[], schedule: readonly Tick[]): readonly string[] {
  const read = new Set<string>();
  let checkpoint: Checkpoint = { watermark: null, window: null };
  let step = 0;
  for (const tick of schedule) {
    step += tick.gap;
    checkpoint = poll(world, checkpoint, step, tick, read);
  }
  // Two quiet polls once everything is visible and settled: one for a window left open, one for the rest.
  const quiet: Tick = { gap: 1, behind: 0, pageSize: 100, pages: null, ordered: true };
  const end = Math.max(step, STEPS + OVERLAP + 10);
  checkpoint = poll(world, checkpoint, end, quiet, read);
  poll(world, checkpoint, end + 1, quiet, read);
  return world.flatMap((alert, index) => {
    const last = shown(alert, Number.POSITIVE_INFINITY);
    const key = last === undefined ? '' : `${index} ${updateTime(last)}`;
    return read.has(key) ? [] : [key];
  });
}

describe('reading by windows', () => {
  it('reads the final state of every alert, however late within the overlap it shows and whatever fails', () => {
    fc.assert(
      fc.property(alerts(OVERLAP), ticks, (world, schedule) => {
        // From the first poll that stored something on: before it, every window is a first one and reaches back anew.
        const first: Tick = { gap: 1, behind: 0, pageSize: 1, pages: 1, ordered: true };
        expect(unread(world, [first, ...schedule])).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('would miss one that shows later than the overlap: the model can fail', () => {
    const late: Alert = [{ step: 10, delay: 100 }];
    const every = Array.from({ length: 12 }, () => ({ gap: 10, behind: 0, pageSize: 1, pages: null, ordered: true }));
    expect(unread([late], every)).toHaveLength(1);
    expect(unread([[{ step: 10, delay: OVERLAP }]], every)).toEqual([]);
  });
});
