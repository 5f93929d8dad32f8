import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import type { Measure } from '../../src/store/measures.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import type { CreatePlace } from './detection-store.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = Date.parse('2026-01-01T12:00:00Z');

function aMinute(fromMs: number, overrides: Partial<Measure> = {}): Measure {
  return { fromMs, alerts: 1, delivered: 2, arrivals: { count: 1, sumMs: 700, maxMs: 700 }, ...overrides };
}

/** What every store must do with the history behind the charts. */
export function describeMeasures(name: string, create: CreatePlace): void {
  describe(`the measures on ${name}`, () => {
    let place: ReturnType<CreatePlace>;
    let clock: SteppedClock;
    let store: DetectionStore;

    beforeEach(async () => {
      place = create();
      clock = steppedClock(NOON);
      store = await place.open(clock);
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });

    const within = (fromMs: number, toMs: number, stepMs = MINUTE) => store.measures({ fromMs, toMs, stepMs });

    it('are none at first', async () => {
      expect(await within(0, NOON + DAY)).toEqual([]);
    });

    it('add up where the same minute comes again, also after a restart', async () => {
      await store.addMeasures([aMinute(NOON)]);
      await store.close();
      store = await place.open(clock);
      await store.addMeasures([
        aMinute(NOON, { alerts: 3, delivered: 0, arrivals: { count: 2, sumMs: 1000, maxMs: 900 } }),
      ]);
      expect(await within(NOON, NOON + MINUTE)).toEqual([
        { fromMs: NOON, alerts: 4, delivered: 2, arrivals: { count: 3, sumMs: 1700, maxMs: 900 } },
      ]);
    });

    it('keep the longest delay where a shorter one comes later', async () => {
      await store.addMeasures([aMinute(NOON, { arrivals: { count: 1, sumMs: 900, maxMs: 900 } }), aMinute(NOON)]);
      expect((await within(NOON, NOON + MINUTE))[0]?.arrivals).toEqual({ count: 2, sumMs: 1600, maxMs: 900 });
    });

    it('are summed by the step, oldest first, without stretches in which nothing happened', async () => {
      const minutes = [NOON + HOUR, NOON + 7 * MINUTE, NOON + 4 * MINUTE, NOON];
      await store.addMeasures(minutes.map((fromMs) => aMinute(fromMs)));
      expect((await within(NOON, NOON + 2 * HOUR, 5 * MINUTE)).map(({ fromMs, alerts }) => [fromMs, alerts])).toEqual([
        [NOON, 2],
        [NOON + 5 * MINUTE, 1],
        [NOON + HOUR, 1],
      ]);
      expect(await within(NOON, NOON + 2 * HOUR, DAY)).toMatchObject([
        { fromMs: Date.parse('2026-01-01T00:00:00Z'), alerts: 4, delivered: 8, arrivals: { count: 4, sumMs: 2800 } },
      ]);
    });

    it('lie in a range that includes its beginning and not its end', async () => {
      await store.addMeasures([aMinute(NOON), aMinute(NOON + MINUTE)]);
      expect((await within(NOON, NOON + MINUTE)).map(({ fromMs }) => fromMs)).toEqual([NOON]);
      expect((await within(NOON + 1, NOON + 2 * MINUTE)).map(({ fromMs }) => fromMs)).toEqual([NOON + MINUTE]);
    });

    it('go after eight days', async () => {
      await store.addMeasures([aMinute(NOON)]);
      clock.step(8 * DAY);
      await store.addMeasures([aMinute(NOON + 8 * DAY)]);
      expect(await within(NOON, NOON + DAY)).toHaveLength(1);
      clock.step(1);
      await store.addMeasures([]);
      expect((await within(0, NOON + 9 * DAY)).map(({ fromMs }) => fromMs)).toEqual([NOON + 8 * DAY]);
    });
  });
}
