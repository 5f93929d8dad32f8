import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore, SetAside } from '../../src/store/detection-store.ts';
import { anAlert, instant } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { aBatch, aFeed, aRecordAside, type CreatePlace, IDLE, KEY } from './detection-store.ts';

const HOUR = 3_600_000;

function aStretch(overrides: Partial<NonNullable<SetAside['stretch']>> = {}): SetAside {
  const stretch = {
    from: instant('2026-01-01T08:00:00.1234567Z'),
    to: instant('2026-01-01T08:00:00.1234568Z'),
    index: null,
    ...overrides,
  };
  return aRecordAside({ code: 'unanswered', reason: 'Microsoft answered 500', raw: '<html>', stretch });
}

/** What every store must do with records and stretches of time that could not be taken. */
export function describeQuarantine(name: string, create: CreatePlace): void {
  describe(`the quarantine on ${name}`, () => {
    let place: ReturnType<CreatePlace>;
    let clock: SteppedClock;
    let store: DetectionStore;

    beforeEach(async () => {
      place = create();
      clock = steppedClock('2026-01-01T12:00:00Z');
      store = await place.open(clock);
      await store.ensureFeeds([aFeed()]);
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });

    const setAside = async (...things: readonly SetAside[]) =>
      (await store.append(aBatch({ setAside: things }))).rejected;
    const ids = async () => (await store.quarantine()).map(({ entryId }) => entryId);
    const dueReasons = async (limit = 10) => (await store.dueQuarantine(KEY, limit)).map(({ reason }) => reason);

    it('keeps the same thing once and notes when it was seen last', async () => {
      const start = clock.now();
      expect(await setAside(aRecordAside(), aRecordAside())).toBe(1);
      clock.step(60_000);
      expect(await setAside(aRecordAside())).toBe(0);
      expect(await store.quarantine()).toEqual([
        {
          ...{ ...KEY, ...aRecordAside(), raw: '' },
          entryId: 1,
          firstMs: start,
          lastTryMs: start + 60_000,
          tries: 1,
          nextTryMs: start + HOUR,
        },
      ]);
    });

    it('tells things apart by text and reason, stretches by their times, and all by tenant and source', async () => {
      expect(await setAside(aRecordAside(), aRecordAside({ raw: '{}' }), aRecordAside({ reason: 'other' }))).toBe(3);
      const { stretch } = aStretch();
      expect(stretch).not.toBeNull();
      const later = aStretch({ to: instant('2026-01-01T09:00:00Z') });
      expect(await setAside(aStretch(), aStretch({ index: 0 }), aStretch({ index: 1 }), later)).toBe(4);
      expect(await setAside({ ...aStretch(), reason: 'Microsoft answered 502', raw: '' })).toBe(0);
      const elsewhere = { tenantId: '99999999-2222-3333-4444-555555555555', name: 'fabrikam' };
      const things = [aRecordAside(), aStretch()];
      expect((await store.append(aBatch({ tenant: elsewhere, setAside: things }))).rejected).toBe(2);
      expect((await store.append(aBatch({ source: 'siem-detections', setAside: things }))).rejected).toBe(2);
    });

    it('gives the text of an entry that is asked for, and none for one that is not there', async () => {
      const raw = '{"id":7,"text":"\u202e\u0000"}';
      await setAside(aRecordAside({ raw, id: 'da-7' }), aStretch({ index: 3 }));
      expect(await store.quarantine({ entryId: 1 })).toMatchObject([{ entryId: 1, id: 'da-7', raw, stretch: null }]);
      expect(await store.quarantine({ entryId: 2 })).toMatchObject([aStretch({ index: 3 })]);
      expect(await store.quarantine({ entryId: 3 })).toEqual([]);
      expect((await store.quarantine()).map((entry) => entry.raw)).toEqual(['', '']);
    });

    it('knows where a record was read first, which does not make it another thing', async () => {
      const readIn = { from: instant('2026-01-01T08:00:00Z'), to: instant('2026-01-01T09:00:00Z') };
      const later = { from: instant('2026-01-01T08:30:00Z'), to: instant('2026-01-01T09:30:00Z') };
      expect(await setAside(aRecordAside({ readIn }), aRecordAside({ readIn: later }), aRecordAside())).toBe(1);
      expect(await store.quarantine()).toMatchObject([{ stretch: null, readIn }]);
    });

    it('gives what is due for a source, oldest first, with its text', async () => {
      await setAside(aRecordAside({ reason: 'a' }));
      clock.step(1000);
      await setAside(aRecordAside({ reason: 'b' }), aRecordAside({ reason: 'c' }));
      await store.append(aBatch({ source: 'siem-detections', setAside: [aRecordAside({ reason: 'd' })] }));
      expect(await dueReasons()).toEqual([]);
      clock.step(HOUR - 1000);
      expect(await dueReasons()).toEqual(['a']);
      clock.step(1000);
      expect(await dueReasons()).toEqual(['a', 'b', 'c']);
      expect(await dueReasons(2)).toEqual(['a', 'b']);
      expect((await store.dueQuarantine(KEY, 1))[0]?.raw).toBe('{"title":"x"}');
    });

    it('postpones an entry whose try did not succeed, and counts the try', async () => {
      await setAside(aRecordAside());
      clock.step(HOUR);
      await store.postponeQuarantine(1, 'still no id', clock.now() + 2 * HOUR);
      expect(await store.quarantine()).toMatchObject([
        { tries: 2, reason: 'still no id', lastTryMs: clock.now(), nextTryMs: clock.now() + 2 * HOUR },
      ]);
      expect(await dueReasons()).toEqual([]);
      clock.step(2 * HOUR);
      expect(await dueReasons()).toEqual(['still no id']);
    });

    it('takes the same thing for the same after a try gave it another reason', async () => {
      await setAside(aRecordAside());
      await store.postponeQuarantine(1, 'still no id', clock.now());
      expect(await setAside(aRecordAside())).toBe(0);
      expect(await ids()).toEqual([1]);
    });

    it('makes entries due on demand, the named ones or all', async () => {
      await setAside(aRecordAside({ reason: 'a' }), aRecordAside({ reason: 'b' }), aRecordAside({ reason: 'c' }));
      expect(await store.retryQuarantine([2, 2, 77])).toBe(1);
      expect(await dueReasons()).toEqual(['b']);
      expect(await store.retryQuarantine([])).toBe(0);
      expect(await store.retryQuarantine('all')).toBe(3);
      expect(await dueReasons()).toEqual(['a', 'b', 'c']);
    });

    it('lets go of entries together with the batch that settles them, and gives their numbers to no other', async () => {
      await setAside(aRecordAside({ reason: 'a' }), aRecordAside({ reason: 'b' }));
      const broken = {
        ...anAlert(),
        get raw(): string {
          throw new Error('cut');
        },
      };
      await expect(store.append(aBatch({ records: [broken], settles: [1, 2] }))).rejects.toThrow('cut');
      expect(await ids()).toEqual([1, 2]);
      await store.append(aBatch({ records: [anAlert()], settles: [2], checkpoint: IDLE }));
      expect(await ids()).toEqual([1]);
      await setAside(aRecordAside({ reason: 'c' }));
      expect(await ids()).toEqual([1, 3]);
    });

    it('takes a thing that is settled and set aside at once for a new one', async () => {
      await setAside(aRecordAside());
      expect((await store.append(aBatch({ settles: [1], setAside: [aRecordAside()] }))).rejected).toBe(1);
      expect(await ids()).toEqual([2]);
    });

    it('is there after a restart', async () => {
      await setAside(aRecordAside(), aStretch());
      const before = await store.quarantine();
      await store.close();
      store = await place.open(clock);
      expect(await store.quarantine()).toEqual(before);
    });
  });
}
