import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import type { TimeRequest } from '../../src/store/feed-pages.ts';
import { anAlert } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { aBatch, aFeed, type CreatePlace, LIMITS } from './detection-store.ts';
import { aNotice } from './errands.ts';
import { EVERYONE, each } from './pages.ts';

const START = Date.parse('2026-01-01T12:00:00Z');

/** How every store gives events to a reader that goes by the time they were stored. */
export function describeTimedPages(name: string, create: CreatePlace): void {
  describe(`pages by time on ${name}`, () => {
    let place: ReturnType<CreatePlace>;
    let clock: SteppedClock;
    let store: DetectionStore;
    let stored: number;

    beforeEach(async () => {
      place = create();
      clock = steppedClock(START);
      store = await place.open(clock);
      await store.ensureFeeds([aFeed()]);
      stored = 0;
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });

    /** Stores so many events so long after the start. */
    const put = async (afterMs: number, count = 1) => {
      clock.step(START + afterMs - clock.now());
      const records = Array.from({ length: count }, (_, index) => anAlert({ alertId: `da-${stored + index}` }));
      stored += count;
      await store.append(aBatch({ records }));
    };
    const notice = (recipient: string) => {
      return store.appendNotice(aNotice({ kind: 'test', recipient }));
    };
    const read = (overrides: Partial<TimeRequest> = {}) =>
      store.readStored({
        feed: 'default',
        afterMs: START,
        untilMs: START + 3_600_000,
        unitMs: 1,
        limits: LIMITS,
        audience: EVERYONE,
        ...overrides,
      });
    const most = (maxEvents: number) => ({ limits: { ...LIMITS, maxEvents } });

    it('gives what was stored after a time and not later than another, with StoredMs for FeedTime', async () => {
      for (const afterMs of [0, 1, 2, 3]) await put(afterMs);
      const page = await read({ untilMs: START + 2 });
      expect(page).toMatchObject({ from: 2, to: 3, events: 2, hasMore: false, newestMs: START + 2 });
      expect(each(page, 'FeedTime')).toEqual([START + 1, START + 2]);
    });

    it('is empty where nothing was stored', async () => {
      expect(await read()).toMatchObject({ events: 0, body: Buffer.from('[]'), newestMs: null, hasMore: false });
      await put(0, 2);
      expect(await read()).toMatchObject({ events: 0, newestMs: null });
      expect(await read({ afterMs: START + 9, untilMs: START + 5 })).toMatchObject({ events: 0 });
    });

    it('never ends inside a millisecond, however small a page may be', async () => {
      await put(1, 3);
      await put(2, 2);
      expect(await read(most(2))).toMatchObject({ from: 1, to: 3, events: 3, hasMore: true, newestMs: START + 1 });
      expect(await read({ limits: { ...LIMITS, maxBytes: 1 } })).toMatchObject({ to: 3, events: 3 });
      expect(await read(most(4))).toMatchObject({ to: 5, events: 5, hasMore: false });
    });

    it('has pages of the usual size of a feed that was filled from the store in one go', async () => {
      await put(1, 1100);
      await store.ensureFeeds([aFeed(), aFeed({ name: 'late' })]);
      const page = await read({ feed: 'late', ...most(100) });
      expect(page.events).toBeLessThanOrEqual(500);
      expect(page).toMatchObject({ hasMore: true });
    });

    it('holds together what got one time because the clock stepped back', async () => {
      await put(5);
      await put(-60_000, 2);
      expect(await read(most(1))).toMatchObject({ events: 3, newestMs: START + 5 });
    });

    it('reaches beyond the unit that it was asked from, so that a coarse time gets on', async () => {
      for (const afterMs of [100, 200, 300, 1200, 2200]) await put(afterMs);
      const unitMs = 1000;
      const first = await read({ ...most(2), unitMs });
      expect(first).toMatchObject({ to: 4, events: 4, hasMore: true, newestMs: START + 1200 });
      const second = await read({ ...most(1), unitMs, afterMs: START + 1000 });
      expect(second).toMatchObject({ from: 4, to: 5, hasMore: false });
    });

    it('loses nothing and comes to an end, whatever the precision and the size of a page', async () => {
      for (let turn = 0; turn < 12; turn += 1) await put(turn * 370, (turn % 3) + 1);
      for (const unitMs of [1, 1000, 60_000]) {
        const seen = new Set<unknown>();
        let afterMs = START - 60_000;
        for (let poll = 0; poll < 30; poll += 1) {
          const page = await read({ ...most(2), unitMs, afterMs });
          for (const seq of each(page, 'FeedSeq')) seen.add(seq);
          afterMs = Math.floor((page.newestMs ?? afterMs) / unitMs) * unitMs;
        }
        expect(seen.size).toBe(stored);
      }
    });

    it('does not take an event of somebody else for one that gets a coarse time on', async () => {
      for (const afterMs of [100, 200]) await put(afterMs);
      clock.step(1000);
      await notice('arcsight-02');
      await put(1500);
      expect(await read({ ...most(1), unitMs: 1000 })).toMatchObject({ events: 3, newestMs: START + 1500 });
    });

    it('leaves out what is for somebody else', async () => {
      await put(1);
      await notice('arcsight-02');
      expect((await read()).events).toBe(1);
      expect((await read({ audience: { ...EVERYONE, connector: 'arcsight-02' } })).events).toBe(2);
    });
  });
}
