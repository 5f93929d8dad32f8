import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import type { FeedReaders, RetentionPolicy } from '../../src/store/upkeep.ts';
import { anAlert, anEvidence, instant } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { readAfter } from '../support/read-after.ts';
import { aBatch, aFeed, aPosition, type CreatePlace, LIMITS } from './detection-store.ts';

const DAY = 86_400_000;
const POLICY: RetentionPolicy = { ageMs: 30 * DAY, sizeBytes: null, undeliveredMs: 90 * DAY };
const NOTHING = { events: 0, records: 0, emissions: 0, alerts: 0, undelivered: {}, done: true };
const START = '2026-01-01T12:00:00Z';

const readers = (...connectors: string[]): readonly FeedReaders[] => [{ feed: 'default', connectors }];

/** What every store does when data gets old. */
export function describeRetention(name: string, create: CreatePlace): void {
  describe(`retention on ${name}`, () => {
    let place: ReturnType<CreatePlace>;
    let clock: SteppedClock;
    let store: DetectionStore;

    beforeEach(async () => {
      place = create();
      clock = steppedClock(START);
      store = await place.open(clock);
      await store.ensureFeeds([aFeed()]);
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });

    const append = (count: number, prefix = 'a', raw = '{}') =>
      store.append(
        aBatch({
          records: Array.from({ length: count }, (_, index) => anAlert({ alertId: `${prefix}-${index}`, raw })),
        }),
      );
    const acknowledge = async (acknowledged: number, connector = 'arcsight-01') => {
      const revision = ((await store.position(connector, 'default'))?.revision ?? 0) + 1;
      await store.savePosition(aPosition({ connector, revision, acknowledged }));
    };
    const prune = async (options: { readonly policy?: RetentionPolicy; readonly of?: readonly FeedReaders[] } = {}) => {
      const { policy = POLICY, of = readers('arcsight-01') } = options;
      const sum = { events: 0, records: 0, emissions: 0, alerts: 0 };
      const undelivered: Record<string, number> = {};
      for (let calls = 0; calls < 1000; calls += 1) {
        const pruned = await store.prune({ policy, readers: of, maxRows: 7 });
        expect(pruned.events + pruned.records + pruned.emissions + pruned.alerts).toBeLessThanOrEqual(7);
        for (const what of ['events', 'records', 'emissions', 'alerts'] as const) sum[what] += pruned[what];
        for (const [feed, events] of Object.entries(pruned.undelivered)) {
          undelivered[feed] = events + (undelivered[feed] ?? 0);
        }
        if (pruned.done) return { ...sum, undelivered, done: true };
      }
      throw new Error('retention does not come to an end');
    };
    const kept = async () => {
      const { body } = await readAfter(store, 'default', 0, LIMITS, { kind: 'stored' });
      return (JSON.parse(body.toString()) as { FeedSeq: number }[]).map(({ FeedSeq }) => FeedSeq);
    };
    const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

    it('deletes what is delivered and older than age, in short steps, and nothing else', async () => {
      await append(20, 'old');
      clock.step(20 * DAY);
      await append(5, 'young');
      await acknowledge(25);
      clock.step(10 * DAY);
      expect(await prune()).toEqual(NOTHING);
      clock.step(1);
      expect(await prune()).toEqual({ ...NOTHING, events: 20, records: 20, emissions: 20 });
      expect(await kept()).toEqual(numbers(21, 25));
      expect(await prune()).toEqual(NOTHING);
    });

    it('moves the feed’s first number with what goes, to one past the last when all goes', async () => {
      await append(10);
      clock.step(1);
      await append(2, 'b');
      await acknowledge(12);
      clock.step(30 * DAY);
      await prune();
      expect(await store.feedSpan('default')).toMatchObject({ firstSeq: 11, lastSeq: 12 });
      clock.step(DAY);
      await prune();
      expect(await store.feedSpan('default')).toMatchObject({ firstSeq: 13, lastSeq: 12 });
      expect(await kept()).toEqual([]);
    });

    it('never gives a number again, of an event or of what it is made from', async () => {
      await append(9);
      await acknowledge(9);
      clock.step(31 * DAY);
      await prune();
      const before = (await store.stats()).detections;
      await append(1, 'b');
      expect((await store.stats()).detections).toBe(before + 1);
      expect(await kept()).toEqual([10]);
    });

    it('keeps what one of two connectors has not taken, and says whose fault it is', async () => {
      await append(10);
      await acknowledge(10, 'arcsight-01');
      await acknowledge(4, 'arcsight-02');
      clock.step(31 * DAY);
      const of = readers('arcsight-01', 'arcsight-02');
      expect(await prune({ of })).toEqual({ ...NOTHING, events: 4, records: 4, emissions: 4 });
      expect(await kept()).toEqual(numbers(5, 10));
      expect(await store.held({ policy: POLICY, readers: of })).toEqual([
        { feed: 'default', connector: 'arcsight-02', events: 6, oldestMs: Date.parse(START) },
      ]);
      await acknowledge(10, 'arcsight-02');
      expect(await store.held({ policy: POLICY, readers: of })).toEqual([]);
      expect((await prune({ of })).events).toBe(6);
    });

    it('lets a connector that is not configured any more hold nothing', async () => {
      await append(3);
      await acknowledge(3, 'arcsight-01');
      await acknowledge(0, 'gone');
      clock.step(31 * DAY);
      expect((await prune()).events).toBe(3);
    });

    it('holds nothing for a login that never asked where another one reads the feed', async () => {
      await append(3);
      await acknowledge(3, 'arcsight-01');
      clock.step(31 * DAY);
      const of = readers('arcsight-01', 'unused');
      expect(await store.held({ policy: POLICY, readers: of })).toEqual([]);
      expect((await prune({ of })).events).toBe(3);
    });

    it('waits for a connector that never asked as long as nobody reads the feed', async () => {
      await append(3);
      clock.step(31 * DAY);
      expect((await prune()).events).toBe(0);
      expect(await store.held({ policy: POLICY, readers: readers('arcsight-01') })).toMatchObject([
        { connector: 'arcsight-01', events: 3 },
      ]);
      await store.noteServed('default', 3);
      expect(await store.held({ policy: POLICY, readers: readers('arcsight-01') })).toEqual([]);
      expect((await prune()).events).toBe(3);
    });

    it('deletes unread what is older than undelivered, counts it by feed and writes it into the audit trail', async () => {
      await append(10);
      await acknowledge(2);
      clock.step(DAY);
      await append(3, 'b');
      clock.step(89 * DAY);
      expect((await prune()).events).toBe(2);
      clock.step(1);
      expect(await prune()).toMatchObject({ events: 8, undelivered: { default: 8 } });
      expect(await kept()).toEqual([11, 12, 13]);
      expect(await store.audit(10)).toEqual([
        {
          atMs: clock.now(),
          who: 'flexbridge',
          action: 'retention',
          details: { feed: 'default', undelivered: 8, fromSeq: 3, toSeq: 10 },
        },
      ]);
      clock.step(DAY);
      await prune();
      expect((await store.audit(10)).map(({ details }) => details['undelivered'])).toEqual([3, 8]);
    });

    it('above the size limit deletes the oldest of what is delivered first, though it is young, until it fits', async () => {
      const raw = JSON.stringify({ text: 'x'.repeat(20_000) });
      for (let hour = 0; hour < 20; hour += 1) {
        await append(5, `h${hour}`, raw);
        clock.step(3_600_000);
      }
      await acknowledge(80);
      const { usedBytes } = await store.space();
      const policy = { ...POLICY, sizeBytes: Math.round(usedBytes * 0.6) };
      const { events, records } = await prune({ policy });
      expect((await store.space()).usedBytes).toBeLessThanOrEqual(policy.sizeBytes);
      expect([events, records]).toEqual([expect.any(Number), events]);
      expect(events).toBeGreaterThan(30);
      expect(events).toBeLessThan(60);
      expect(await kept()).toEqual(numbers(events + 1, 100));
      // What nobody has taken stays, even if that is too much.
      await prune({ policy: { ...POLICY, sizeBytes: 1 } });
      expect(await kept()).toEqual(numbers(81, 100));
    });

    it('keeps what an event is made from as long as any event of the record is there', async () => {
      await store.ensureFeeds([aFeed(), aFeed({ name: 'alerts', detections: 'perAlert' })]);
      const evidence = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => anEvidence({ key: [ip] }));
      await store.append(aBatch({ records: [anAlert({ evidence }), anAlert({ alertId: 'last' })] }));
      await store.savePosition(aPosition({ acknowledged: 4 }));
      await store.savePosition(aPosition({ feed: 'alerts', acknowledged: 0 }));
      clock.step(31 * DAY);
      const of = [...readers('arcsight-01'), { feed: 'alerts', connectors: ['arcsight-01'] }];
      expect(await prune({ of })).toEqual({ ...NOTHING, events: 4 });
      await store.savePosition(aPosition({ feed: 'alerts', revision: 2, acknowledged: 2 }));
      // The newest record and emission stay, for the numbers to go on from.
      expect(await prune({ of })).toEqual({ ...NOTHING, events: 2, emissions: 3, records: 1 });
    });

    it('keeps the state of an alert for 400 days after its last update, and its number with it', async () => {
      const updated = (text: string, alertId: string) => anAlert({ alertId, lastUpdate: instant(text) });
      const records = [updated('2026-01-01T09:00:00Z', 'old'), updated('2026-01-02T09:00:00Z', 'young')];
      await store.append(aBatch({ records }));
      const other = { tenantId: '22222222-2222-3333-4444-555555555555', name: 'fabrikam' };
      await store.append(aBatch({ tenant: other, records: records.slice(0, 1) }));
      clock.step(Date.parse('2027-02-05T08:00:00Z') - clock.now());
      expect((await prune()).alerts).toBe(0);
      clock.step(3_600_001);
      expect((await prune()).alerts).toBe(2);
      expect((await store.stats()).alerts).toBe(1);
      expect(await store.append(aBatch({ records: records.slice(1) }))).toMatchObject({ duplicate: 1, fresh: 0 });
      expect(await store.append(aBatch({ records: records.slice(0, 1) }))).toMatchObject({ duplicate: 0, fresh: 1 });
    });

    it('keeps all events while a replay is under way, but not for one that got stuck', async () => {
      await append(3);
      await acknowledge(3);
      clock.step(31 * DAY);
      await store.addCommand({ kind: 'replay', args: {}, requestedBy: 'kim' });
      const command = await store.takeCommand();
      expect(await prune()).toEqual(NOTHING);
      clock.step(3_600_001);
      expect((await prune()).events).toBe(3);
      expect(command).not.toBeNull();
    });

    it('keeps what a replay refers to', async () => {
      await append(3);
      await acknowledge(3);
      const commandId = await store.addCommand({ kind: 'replay', args: {}, requestedBy: 'kim' });
      await store.takeCommand();
      clock.step(29 * DAY);
      const selection = { storedFromMs: null, storedToMs: null, fromSeq: 2, toSeq: 2, alertId: null };
      await store.appendReplay({ commandId, feed: 'default', recipient: null, selection, limit: 10 });
      await store.updateCommand(commandId, { state: 'done' });
      await acknowledge(4);
      clock.step(2 * DAY);
      expect(await prune()).toMatchObject({ events: 3, emissions: 1 });
      expect(await kept()).toEqual([4]);
    });
  });
}
