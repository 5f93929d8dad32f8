import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { aFeed, aPage, aPosition, aSeenPoll, aTry, type CreatePlace } from './detection-store.ts';

/** What every store must do with the positions of connectors. */
export function describePositions(name: string, create: CreatePlace): void {
  describe(`positions on ${name}`, () => {
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

    it('changes a position only from the revision it was read at', async () => {
      expect(await store.position('arcsight-01', 'default')).toBeNull();
      expect(await store.savePosition(aPosition())).toBe(true);
      expect(await store.savePosition(aPosition())).toBe(false);
      expect(await store.savePosition(aPosition({ revision: 2, acknowledged: 5 }))).toBe(true);
      expect(await store.savePosition(aPosition({ revision: 2, acknowledged: 9 }))).toBe(false);
      expect(await store.position('arcsight-01', 'default')).toMatchObject({ revision: 2, acknowledged: 5 });
    });

    it('changes a position from a revision that is told, to any later one', async () => {
      await store.savePosition(aPosition());
      expect(await store.savePosition(aPosition({ revision: 9, acknowledged: 4 }), 2)).toBe(false);
      expect(await store.savePosition(aPosition({ revision: 9, acknowledged: 4 }), 1)).toBe(true);
      expect(await store.position('arcsight-01', 'default')).toMatchObject({ revision: 9, acknowledged: 4 });
      expect(await store.savePosition(aPosition({ feed: 'other', revision: 5 }), 0)).toBe(true);
    });

    it('gives a position back as it was saved, whole or with nothing in it', async () => {
      const bare = aPosition({ feed: 'bare' });
      const whole = aPosition({
        page: aPage({ from: 4, to: 9, events: 3, sent: 31, firstTryMs: 17, alone: true, tries: [aTry({ to: 4 })] }),
        confirmedStampMs: 5,
        strayed: '2026-01-01',
        lastSince: '1',
        lastDeliveredMs: 6,
        recent: [aSeenPoll()],
        parties: { addresses: ['10.0.0.1', '10.0.0.2'], sinceMs: 1, lastMs: 2 },
        cutOver: { upTo: 3, updatedBeforeMs: 4 },
        pace: 4,
        passedOver: { events: 1, lastSeq: 2, lastMs: 3 },
        passedInARow: 1,
      });
      await store.savePosition(bare);
      await store.savePosition(whole);
      await store.close();
      store = await place.open(clock);
      expect(await store.positions()).toEqual([bare, whole]);
    });

    it('takes a try whose end nobody saw as broken once its process is gone', async () => {
      const tries = (['open', 'sent', 'closed', 'broken'] as const).map((outcome) => aTry({ outcome }));
      await store.savePosition(aPosition({ page: aPage({ tries }) }));
      expect(await store.breakUnprovenTries()).toBe(1);
      const { page } = (await store.position('arcsight-01', 'default')) ?? {};
      expect(page?.tries.map(({ outcome }) => outcome)).toEqual(['broken', 'broken', 'closed', 'broken']);
    });

    it('gives an event that was being sent alone another chance once the process is gone', async () => {
      await store.savePosition(aPosition({ page: aPage({ alone: true, tries: [aTry({ outcome: 'open' })] }) }));
      await store.savePosition(
        aPosition({ feed: 'other', page: aPage({ alone: true, tries: [aTry({ outcome: 'broken' })] }) }),
      );
      await store.breakUnprovenTries();
      expect((await store.positions()).map(({ page }) => page?.alone)).toEqual([false, true]);
    });

    it('knows the last stamp of a connector over all its feeds', async () => {
      expect(await store.lastStamp('arcsight-01')).toBe(0);
      await store.savePosition(aPosition({ lastStampMs: 5 }));
      await store.savePosition(aPosition({ feed: 'other', lastStampMs: 9 }));
      expect(await store.lastStamp('arcsight-01')).toBe(9);
    });
  });
}
