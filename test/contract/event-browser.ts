import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertRecord } from '../../src/domain/detection.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import type { EventSearch } from '../../src/store/event-browser.ts';
import { anAlert } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { aBatch, aFeed, type CreatePlace } from './detection-store.ts';

/** What every store must do for those who look at events. */
export function describeEventBrowser(name: string, create: CreatePlace): void {
  describe(`the events to look at on ${name}`, () => {
    let place: ReturnType<CreatePlace>;
    let clock: SteppedClock;
    let store: DetectionStore;

    beforeEach(async () => {
      place = create();
      clock = steppedClock('2026-01-01T12:00:00Z');
      store = await place.open(clock);
      await store.ensureFeeds([aFeed(), aFeed({ name: 'other' })]);
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });

    const append = (...records: readonly Partial<AlertRecord>[]) =>
      store.append(aBatch({ records: records.map((overrides) => anAlert(overrides)) }));
    const titled = (alertId: string, AlertTitle: string) =>
      anAlert({ alertId, facts: { AlertId: alertId, AlertTitle } });
    const find = (search: Partial<EventSearch> = {}) =>
      store.findEvents({ feed: 'default', words: '', before: null, limit: 50, ...search });
    const seqs = async (search: Partial<EventSearch> = {}) => (await find(search)).events.map(({ seq }) => seq);

    it('come newest first, with their text as it is stored', async () => {
      await append({ alertId: 'da-1' }, { alertId: 'da-2' });
      const { events, before } = await find();
      expect(before).toBeNull();
      expect(events).toMatchObject([
        { feed: 'default', seq: 2, storedMs: clock.now() },
        { feed: 'default', seq: 1, storedMs: clock.now() },
      ]);
      const members = JSON.parse(events[0]?.text ?? '') as Record<string, unknown>;
      expect(members).toMatchObject({ FeedSeq: 2, StoredMs: clock.now() });
      expect(members).not.toHaveProperty('FeedTime');
    });

    it('are read on to the oldest in pieces', async () => {
      await append(...Array.from({ length: 5 }, (_, one) => ({ alertId: `da-${one}` })));
      const first = await find({ limit: 2 });
      const second = await find({ limit: 2, before: first.before });
      const third = await find({ limit: 2, before: second.before });
      expect([first, second, third].map(({ events }) => events.map(({ seq }) => seq))).toEqual([[5, 4], [3, 2], [1]]);
      expect([first.before, second.before, third.before]).toEqual([4, 2, null]);
    });

    it('end where there is nothing older, also where a piece is full', async () => {
      await append({ alertId: 'da-1' }, { alertId: 'da-2' });
      expect(await find({ limit: 2 })).toMatchObject({ before: null });
      expect(await find({ before: 1 })).toEqual({ events: [], before: null });
    });

    it('are none of a feed that is not known', async () => {
      expect(await find({ feed: 'none' })).toEqual({ events: [], before: null });
      expect(await store.eventOrigin('none', 1)).toBeNull();
    });

    it('are those of the feed alone', async () => {
      await append({ alertId: 'da-1' });
      await store.ensureFeeds([aFeed(), aFeed({ name: 'late' })]);
      await append({ alertId: 'da-2' });
      expect(await seqs()).toEqual([2, 1]);
      expect((await find({ feed: 'late' })).events.map(({ feed }) => feed)).toEqual(['late', 'late']);
    });

    it('are found by what their text contains, whatever the case', async () => {
      const records = [titled('da-1', 'Zusammenhänge MIMIKATZ'), titled('da-2', 'other'), titled('da-3', 'mimikatz')];
      await store.append(aBatch({ records }));
      expect(await seqs({ words: 'MimiKatz' })).toEqual([3, 1]);
      expect(await seqs({ words: ' ZUSAMMENHÄNGE ' })).toEqual([1]);
      expect(await seqs({ words: 'nothing like this' })).toEqual([]);
    });

    it('are found by text as people see it, and as JSON writes it', async () => {
      await store.append(aBatch({ records: [titled('da-1', String.raw`C:\Users\"x"`), titled('da-2', '100%_')] }));
      for (const words of [String.raw`c:\users\"X"`, String.raw`C:\\Users\\\"x`, '"AlertId":"da-1"'])
        expect(await seqs({ words })).toEqual([1]);
      expect(await seqs({ words: '%' })).toEqual([2]);
      expect(await seqs({ words: '100_' })).toEqual([]);
    });

    it('are found by the id of their alert, without those that only mention it', async () => {
      await store.append(aBatch({ records: [titled('da-1', 'x'), titled('da-2', 'see da-1'), titled('da-3', 'y')] }));
      expect(await find({ words: 'da-1' })).toMatchObject({ events: [{ seq: 1 }], before: null });
      expect(await seqs({ words: 'da-1', before: 1 })).toEqual([]);
    });

    it('are looked through five thousand at a time, and others have their turn meanwhile', async () => {
      await append({ alertId: 'needle-1' });
      await append(...Array.from({ length: 5002 }, (_, one) => ({ alertId: `da-${one}` })));
      let turns = 0;
      let done = false;
      const others = async (): Promise<void> => {
        while (!done) {
          await setImmediate();
          turns += 1;
        }
      };
      const counting = others();
      const first = await find({ words: 'needle' });
      done = true;
      await counting;
      expect(first).toEqual({ events: [], before: 4 });
      expect(turns).toBeGreaterThanOrEqual(20);
      expect(await find({ words: 'needle', before: first.before })).toMatchObject({
        events: [{ seq: 1 }],
        before: null,
      });
    });

    it('are at most five hundred at once', async () => {
      await append(...Array.from({ length: 501 }, (_, one) => ({ alertId: `da-${one}` })));
      expect((await find({ limit: 1e9 })).events).toHaveLength(500);
    });

    it("have Microsoft's record with them, as it was received", async () => {
      const raw = '{"id":"da-1","n":1234567890123456789, "t":"\u202e</script>"}';
      await append({ alertId: 'da-1', raw }, { alertId: 'da-2' });
      expect(await store.eventOrigin('default', 1)).toMatchObject({ event: { feed: 'default', seq: 1 }, raw });
      expect(await store.eventOrigin('default', 3)).toBeNull();
    });

    it('have none where the bridge made them', async () => {
      const words = { title: 'a test', text: 'x', reason: 'asked' };
      const seq = await store.appendNotice({
        feed: 'default',
        kind: 'test',
        ...words,
        recipient: null,
        commandId: null,
      });
      expect(await store.eventOrigin('default', seq ?? 0)).toMatchObject({ raw: null, event: { seq } });
      expect((await find({ words: 'a test' })).events).toHaveLength(1);
    });
  });
}
