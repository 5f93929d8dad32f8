import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import type { LoginFailure } from '../../src/store/login-failures.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { aFeed, aPosition, type CreatePlace } from './detection-store.ts';

const NOON = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const DAY = 86_400_000;

function aFailure(overrides: Partial<LoginFailure> = {}): LoginFailure {
  const { lastMs = NOON } = overrides;
  const facts = { connector: 'arcsight-01', address: '192.0.2.7', by: 'basic', failures: 1 } as const;
  return { ...facts, firstMs: lastMs, lastMs, ...overrides };
}

/** What every store must do with wrong logins. */
export function describeLoginFailures(name: string, create: CreatePlace): void {
  describe(`the wrong logins on ${name}`, () => {
    let place: ReturnType<CreatePlace>;
    let clock: SteppedClock;
    let store: DetectionStore;

    beforeEach(async () => {
      place = create();
      clock = steppedClock(NOON);
      store = await place.open(clock);
      await store.ensureFeeds([aFeed()]);
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });

    it('are counted by connector, with where the last came from, also after a restart', async () => {
      await store.noteLoginFailures([aFailure(), aFailure({ connector: '', failures: 3 })]);
      await store.close();
      store = await place.open(clock);
      const later = { address: '192.0.2.8', by: 'clientSecret', lastMs: NOON + MINUTE } as const;
      await store.noteLoginFailures([aFailure({ ...later, failures: 2 })]);
      expect(await store.loginFailures()).toEqual([
        aFailure({ ...later, failures: 3, firstMs: NOON }),
        aFailure({ connector: '', failures: 3 }),
      ]);
    });

    it('are counted anew once the connector has polled', async () => {
      await store.noteLoginFailures([aFailure({ failures: 5 })]);
      await store.savePosition(aPosition({ lastPollMs: NOON + MINUTE }));
      const again = aFailure({ lastMs: NOON + 2 * MINUTE });
      await store.noteLoginFailures([again]);
      expect(await store.loginFailures()).toEqual([again]);
    });

    it('are counted anew once it has read with a cursor', async () => {
      await store.noteLoginFailures([aFailure({ failures: 5 })]);
      clock.step(MINUTE);
      await store.noteReader('default', 'arcsight-01', 0);
      const again = aFailure({ lastMs: NOON + 2 * MINUTE });
      await store.noteLoginFailures([again]);
      expect(await store.loginFailures()).toEqual([again]);
    });

    it('go on being counted where it was another connector that polled', async () => {
      await store.noteLoginFailures([aFailure()]);
      await store.savePosition(aPosition({ connector: 'arcsight-02', lastPollMs: NOON + MINUTE }));
      await store.noteLoginFailures([aFailure({ lastMs: NOON + 2 * MINUTE })]);
      expect(await store.loginFailures()).toMatchObject([{ failures: 2, firstMs: NOON }]);
    });

    it('are counted anew after a day without one, and forgotten after eight', async () => {
      await store.noteLoginFailures([aFailure(), aFailure({ connector: 'arcsight-02' })]);
      clock.step(8 * DAY + 1);
      const again = aFailure({ lastMs: NOON + 8 * DAY });
      await store.noteLoginFailures([again]);
      expect(await store.loginFailures()).toEqual([again]);
    });

    it('are of at most two thousand connectors, the latest', async () => {
      const many = Array.from({ length: 2001 }, (_, one) =>
        aFailure({ connector: `connector-${one}`, lastMs: NOON + one }),
      );
      await store.noteLoginFailures(many);
      const kept = (await store.loginFailures()).map(({ connector }) => connector);
      expect([kept.length, kept[0], kept.at(-1)]).toEqual([2000, 'connector-2000', 'connector-1']);
    });
  });
}
