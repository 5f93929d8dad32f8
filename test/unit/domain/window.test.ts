import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfNext, halfway, justAfter } from '../../../src/domain/halfway.ts';
import { instantFromMs, instantToMs, parseInstant, shiftInstant } from '../../../src/domain/instant.ts';
import {
  advance,
  type Checkpoint,
  firstCheckpoint,
  NO_CHECKPOINT,
  nextStep,
  positionOf,
  type Step,
  type Window,
  type WindowSettings,
} from '../../../src/domain/window.ts';
import { instant } from '../../support/alerts.ts';

const HOUR = 3_600_000;
const SETTINGS: WindowSettings = {
  overlapMs: 15 * 60_000,
  settleMs: 30_000,
  initialLookbackMs: 24 * HOUR,
  sliceMs: 6 * HOUR,
  rescan: { everyMs: HOUR, reachMs: 24 * HOUR },
};
const NOON = Date.parse('2026-01-01T12:00:00Z');

function at(watermark: string, overrides: Partial<Checkpoint> = {}): Checkpoint {
  return { ...NO_CHECKPOINT, watermark: instant(watermark), ...overrides };
}

function done(step: Step, checkpoint: Checkpoint): Checkpoint {
  return advance(checkpoint, step, { isLast: true, progress: step.window.to });
}

/** Reads everything there is; the windows, oldest first. */
function readAll(checkpoint: Checkpoint, nowMs: number): { steps: readonly Step[]; checkpoint: Checkpoint } {
  const steps: Step[] = [];
  let now = checkpoint;
  for (let step = nextStep(now, SETTINGS, nowMs); step !== null; step = nextStep(now, SETTINGS, nowMs)) {
    steps.push(step);
    now = done(step, now);
  }
  return { steps, checkpoint: now };
}

describe('an instant', () => {
  it('keeps seven digits and takes any zone, and no zone for UTC', () => {
    expect(parseInstant('2021-05-02T14:19:01.3266667Z')).toBe('2021-05-02T14:19:01.3266667Z');
    expect(parseInstant('2021-05-02T14:19:01Z')).toBe('2021-05-02T14:19:01.0000000Z');
    expect(parseInstant('2021-05-02T16:19:01.5+02:00')).toBe('2021-05-02T14:19:01.5000000Z');
    expect(parseInstant('2021-05-02T14:19:01.123456789')).toBe('2021-05-02T14:19:01.1234567Z');
  });

  it('refuses what is no real date', () => {
    for (const text of ['', 'tomorrow', '2021-02-30T00:00:00Z', '2021-13-01T00:00:00Z', '2021-05-02'])
      expect(parseInstant(text)).toBeNull();
  });

  it('orders as text as it does in time, and shifts without losing digits', () => {
    expect(shiftInstant(instant('2026-01-01T00:00:00.1234567Z'), -500)).toBe('2025-12-31T23:59:59.6234567Z');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: 4e12 }), (a, b) => {
        expect(instantFromMs(a) < instantFromMs(b)).toBe(a < b);
        expect(instantToMs(instantFromMs(a))).toBe(a);
      }),
    );
  });

  it('is followed by another one 100 ns later', () => {
    expect(justAfter(instant('2026-01-01T00:00:00.1234567Z'))).toBe('2026-01-01T00:00:00.1234568Z');
    expect(justAfter(instant('2025-12-31T23:59:59.9999999Z'))).toBe('2026-01-01T00:00:00.0000000Z');
  });

  it('lies halfway between two others, until there is none between them', () => {
    const from = instant('2026-01-01T00:00:00Z');
    expect(halfway(from, instant('2026-01-02T00:00:00Z'))).toBe('2026-01-01T12:00:00.0000000Z');
    expect(halfway(from, instant('2026-01-01T00:00:00.0000003Z'))).toBe('2026-01-01T00:00:00.0000001Z');
    expect(halfway(from, justAfter(from))).toBeNull();
    expect(halfway(from, from)).toBeNull();
    expect(halfway(from, instant('2026-01-01T00:00:00.004Z'), 3)).toBe('2026-01-01T00:00:00.0020000Z');
    expect(halfway(from, instant('2026-01-01T00:00:00.003Z'), 3)).toBeNull();
  });

  it('ends a next stretch that is so many times as long', () => {
    const from = instant('2026-01-01T00:00:00Z');
    expect(endOfNext(from, justAfter(from), 8n)).toBe('2026-01-01T00:00:00.0000009Z');
    expect(endOfNext(from, instant('2026-01-01T01:00:00Z'), 2n)).toBe('2026-01-01T03:00:00.0000000Z');
  });

  it('is found by halving a day 40 times at most', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (choices) => {
        let [from, to] = [instant('2026-01-01T00:00:00Z'), instant('2026-01-02T00:00:00Z')];
        for (const isOlder of choices) {
          const middle = halfway(from, to);
          if (middle === null) break;
          expect(from < middle && middle < to).toBe(true);
          [from, to] = isOlder ? [from, middle] : [middle, to];
        }
        expect(to).toBe(justAfter(from));
      }),
    );
  });
});

describe('the window to read', () => {
  it('reaches back initialLookback at first and is no longer than a slice', () => {
    expect(nextStep(NO_CHECKPOINT, SETTINGS, NOON)).toEqual({
      kind: 'window',
      window: { from: '2025-12-31T11:59:30.0000000Z', to: '2025-12-31T17:59:30.0000000Z', progress: null },
    });
  });

  it('starts overlap before the watermark and stays settle behind Microsoft', () => {
    expect(nextStep(at('2026-01-01T11:59:00Z'), SETTINGS, NOON)?.window).toEqual({
      from: '2026-01-01T11:44:00.0000000Z',
      to: '2026-01-01T11:59:30.0000000Z',
      progress: null,
    });
  });

  it('is none while the clock has not passed the watermark', () => {
    const settings = { ...SETTINGS, rescan: null };
    expect(nextStep(at('2026-01-01T11:59:00Z'), settings, NOON - 60_000)).toBeNull();
  });

  it('is the one left open, with its progress, after a restart', () => {
    const open = {
      from: instant('2026-01-01T10:00:00Z'),
      to: instant('2026-01-01T11:00:00Z'),
      progress: instant('2026-01-01T10:30:00Z'),
    };
    const checkpoint = { ...NO_CHECKPOINT, window: open };
    const step = nextStep(checkpoint, SETTINGS, NOON);
    expect(step).toEqual({ kind: 'window', window: open });
    expect(step && positionOf(checkpoint, step)).toBe(open.progress);
  });

  it('moves the watermark only with its last page', () => {
    const window = { from: instant('2026-01-01T10:00:00Z'), to: instant('2026-01-01T11:00:00Z'), progress: null };
    const step = { kind: 'window', window } as const;
    const start = at('2026-01-01T10:15:00Z');
    const progress = instant('2026-01-01T10:20:00Z');
    const middle = advance(start, step, { isLast: false, progress });
    expect(middle).toEqual({ ...start, window: { ...window, progress } });
    expect(advance(middle, step, { isLast: true, progress })).toEqual(at('2026-01-01T11:00:00Z'));
  });

  it('goes through days in slices, oldest first, each of which moves the watermark', () => {
    const settings = { ...SETTINGS, rescan: null };
    let checkpoint = at('2025-12-29T12:00:00Z');
    const windows: Window[] = [];
    for (let step = nextStep(checkpoint, settings, NOON); step; step = nextStep(checkpoint, settings, NOON)) {
      windows.push(step.window);
      checkpoint = done(step, checkpoint);
    }
    expect(windows).toHaveLength(13);
    for (const { from, to } of windows) expect(instantToMs(to) - instantToMs(from)).toBeLessThanOrEqual(6 * HOUR);
    for (const [index, { from }] of windows.slice(1).entries())
      expect(from).toBe(shiftInstant(windows[index]?.to ?? from, -15 * 60_000));
    expect(checkpoint.watermark).toBe('2026-01-01T11:59:30.0000000Z');
  });

  it('gets on although a slice is set shorter than the overlap', () => {
    const settings = { ...SETTINGS, sliceMs: 60_000 };
    const checkpoint = at('2025-12-29T12:00:00Z');
    const step = nextStep(checkpoint, settings, NOON);
    expect(step && done(step, checkpoint).watermark).toBe('2025-12-29T12:15:00.0000000Z');
  });

  it('does not believe a start that lies ahead of Microsoft, nor lets it hold back the look back', () => {
    const start = firstCheckpoint(NOON + 1000 * HOUR, SETTINGS);
    const { steps, checkpoint } = readAll(start, NOON);
    expect(steps[0]?.window.from).toBe('2025-12-31T11:45:00.0000000Z');
    expect(checkpoint.watermark).toBe('2026-01-01T11:59:30.0000000Z');
    expect(checkpoint.rescan.window?.from).toBe('2025-12-31T11:45:00.0000000Z');
  });
});

describe('a date of Microsoft that was wrong once', () => {
  it('by less than an hour already makes the time in doubt be read again', () => {
    const ahead = at('2026-01-01T12:45:00Z');
    const { steps, checkpoint } = readAll(ahead, NOON);
    expect(steps[0]?.window.from).toBe('2025-12-31T11:59:30.0000000Z');
    expect(checkpoint.watermark).toBe('2026-01-01T11:59:30.0000000Z');
  });

  it('makes no less be read again than the overlap', () => {
    const settings = { ...SETTINGS, initialLookbackMs: 0 };
    const step = nextStep(at('2026-01-01T12:45:00Z'), settings, NOON);
    expect(step?.window.from).toBe('2026-01-01T11:44:30.0000000Z');
  });

  it('is believed where it differs by as much as servers do', () => {
    expect(nextStep(at('2026-01-01T12:04:00Z'), { ...SETTINGS, rescan: null }, NOON)).toBeNull();
  });
});

describe('a first start by a local clock that was wrong', () => {
  it.each([
    ['ahead by less than the look back', 20 * HOUR],
    ['ahead by the look back and some minutes', 24 * HOUR + 200_000],
    ['behind since it knows no better than 1970', -NOON],
  ])('reads as far back as it is set to by the clock of Microsoft: %s', (_, wrongMs) => {
    const { steps, checkpoint } = readAll(firstCheckpoint(NOON + wrongMs, SETTINGS), NOON);
    expect(steps[0]?.window.from).toBe('2025-12-31T11:45:00.0000000Z');
    expect(checkpoint.watermark).toBe('2026-01-01T11:59:30.0000000Z');
    expect(steps.length).toBeLessThan(20);
    expect(steps.find(({ kind }) => kind === 'rescan')?.window.from).toBe('2025-12-31T11:45:00.0000000Z');
  });

  it('is not taken for a start that has failed for weeks, which skips nothing', () => {
    const [step] = readAll(firstCheckpoint(NOON - 60 * 24 * HOUR, SETTINGS), NOON).steps;
    expect(step?.window.from).toBe(instantFromMs(NOON - 61 * 24 * HOUR - SETTINGS.overlapMs));
  });
});

describe('the wide look back', () => {
  const started = readAll(firstCheckpoint(NOON, SETTINGS), NOON);

  it('is not due with the first catch-up, which reads everything anyway', () => {
    expect(new Set(started.steps.map(({ kind }) => kind))).toEqual(new Set(['window']));
  });

  it('comes every hour after the window, in slices, and never before the start of the source', () => {
    const { steps, checkpoint } = readAll(started.checkpoint, NOON + HOUR);
    expect(steps.map(({ kind }) => kind)).toEqual(['window', 'rescan', 'rescan', 'rescan', 'rescan', 'rescan']);
    expect(steps[1]?.window.from).toBe('2025-12-31T11:45:00.0000000Z');
    expect(steps.at(-1)?.window.to).toBe('2026-01-01T12:59:30.0000000Z');
    expect(checkpoint.rescan.doneAt).toBe(instantFromMs(NOON + HOUR));
    expect(nextStep(checkpoint, SETTINGS, NOON + HOUR)).toBeNull();
  });

  it('never moves the watermark, and goes on inside after a failure or a restart', () => {
    const caughtUp = readAll(started.checkpoint, NOON + HOUR - 1).checkpoint;
    const step = nextStep(done(nextStep(caughtUp, SETTINGS, NOON + HOUR) ?? fail(), caughtUp), SETTINGS, NOON + HOUR);
    if (step?.kind !== 'rescan') return fail();
    const progress = instant('2025-12-31T14:00:00Z');
    const middle = advance(caughtUp, step, { isLast: false, progress });
    expect(middle.watermark).toBe(caughtUp.watermark);
    expect(middle.rescan.doneAt).toBe(caughtUp.rescan.doneAt);
    expect(positionOf(middle, step)).toBe(progress);
    const { watermark } = middle;
    const later = { ...middle, watermark: watermark && shiftInstant(watermark, HOUR) };
    const next = nextStep(later, SETTINGS, NOON + 2 * HOUR - 1);
    expect(next).toMatchObject({ kind: 'rescan', window: { from: progress }, whole: { to: step.whole.to } });
    // An order that proves nothing takes the slice back to its start, and no further.
    expect(positionOf(advance(middle, step, { isLast: false, progress: null }), step)).toBe(step.window.from);
  });

  it('is measured from the last one, so an outage of days opens no gap', () => {
    const before = readAll(started.checkpoint, NOON + 30 * HOUR).checkpoint;
    const after = readAll(before, NOON + 100 * HOUR);
    const slices = after.steps.filter(({ kind }) => kind === 'rescan');
    expect(slices[0]?.window.from).toBe(instantFromMs(NOON + 6 * HOUR - 30_000));
    expect(slices.at(-1)?.window.to).toBe(instantFromMs(NOON + 100 * HOUR - 30_000));
  });

  it('reaches back from now where nothing is known of an earlier one', () => {
    const checkpoint = at('2026-01-01T11:59:30Z');
    expect(nextStep(checkpoint, SETTINGS, NOON)).toMatchObject({
      kind: 'rescan',
      whole: { from: instantFromMs(NOON - 24 * HOUR), to: checkpoint.watermark },
    });
  });

  it('never comes when it is switched off', () => {
    expect(nextStep(at('2026-01-01T11:59:30Z'), { ...SETTINGS, rescan: null }, NOON)).toBeNull();
  });
});

function fail(): never {
  throw new Error('no step was expected to be missing here');
}
