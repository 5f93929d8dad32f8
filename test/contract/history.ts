import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { aDetection, anAlert, anEvidence, aPart, instant } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { readAfter } from '../support/read-after.ts';
import { aBatch, aFeed, type CreatePlace, LIMITS, TENANT } from './detection-store.ts';

const { tenantId } = TENANT;
const DAY = { from: instant('2026-01-01T00:00:00Z'), to: instant('2026-01-02T00:00:00Z') };
const NOON = Date.parse('2026-01-01T12:00:00Z');

/** What every store must know of what became of an alert. */
export function describeHistory(name: string, create: CreatePlace): void {
  describe(`looking back on ${name}`, () => {
    let place: ReturnType<CreatePlace>;
    let clock: SteppedClock;
    let store: DetectionStore;

    beforeEach(async () => {
      place = create();
      clock = steppedClock(NOON);
      store = await place.open(clock);
      await store.ensureFeeds([aFeed(), aFeed({ name: 'high', minSeverity: 'High' })]);
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });

    const version = (alertId: string, time: string, Severity = 'Medium') =>
      anAlert({ alertId, lastUpdate: instant(time), facts: { Severity }, raw: `${alertId} ${time}` });
    const append = (...records: readonly ReturnType<typeof anAlert>[]) => store.append(aBatch({ records }));

    it('finds alerts under any spelling of their id, as they were stored', async () => {
      await append(version('da637551227677560813_-961444813', '2026-01-01T09:00:00.1234567Z'));
      const asked = ['637551227677560813_-961444813', 'da637551227677560813_-961444813', 'da-unknown'];
      const found = await store.storedAlerts(tenantId, asked);
      const stored = {
        alertId: 'da637551227677560813_-961444813',
        lastUpdate: '2026-01-01T09:00:00.1234567Z',
        owner: 'graph-alerts',
        parts: null,
      };
      expect([...found]).toEqual([
        [asked[0], stored],
        [asked[1], stored],
      ]);
      expect((await store.storedAlerts('another tenant', asked)).size).toBe(0);
    });

    it('knows each detection of an alert that comes in parts, and when it was processed', async () => {
      const records = [aPart([aDetection('1', '2026-01-01T09:00:00Z'), aDetection('2', '2026-01-01T08:00:00Z')])];
      await store.append(aBatch({ source: 'siem-detections', sources: ['siem-detections'], records }));
      const found = (await store.storedAlerts(tenantId, ['da-1'])).get('da-1');
      expect(found).toMatchObject({ owner: 'siem-detections', lastUpdate: '2026-01-01T09:00:00.0000000Z' });
      expect([...(found?.parts ?? [])]).toEqual([
        ['da-1:1', '2026-01-01T09:00:00.0000000Z'],
        ['da-1:2', '2026-01-01T08:00:00.0000000Z'],
      ]);
    });

    it('lists what was updated in a range, its end excluded, and knows the oldest update', async () => {
      expect(await store.oldestUpdate(tenantId)).toBeNull();
      await append(
        version('da-2', '2026-01-01T10:00:00Z'),
        version('da-1', '2026-01-01T00:00:00Z'),
        version('da-3', '2026-01-02T00:00:00Z'),
      );
      const found = await store.alertsUpdated(tenantId, DAY);
      expect(found.map(({ alertId, owner }) => [alertId, owner])).toEqual([
        ['da-1', 'graph-alerts'],
        ['da-2', 'graph-alerts'],
      ]);
      expect(await store.oldestUpdate(tenantId)).toBe('2026-01-01T00:00:00.0000000Z');
      expect(await store.alertsUpdated('another tenant', DAY)).toEqual([]);
      expect(await store.oldestUpdate('another tenant')).toBeNull();
    });

    it('knows the numbers of the events of an alert, feed by feed, new ones and updates', async () => {
      await append(version('da-1', '2026-01-01T09:00:00Z'), version('da-2', '2026-01-01T09:00:00Z', 'High'));
      await append(version('da-1', '2026-01-01T10:00:00Z', 'Low'), version('da-2', '2026-01-01T10:00:00Z', 'Low'));
      expect(await store.deliveries(tenantId, 'da-1')).toEqual([{ feed: 'default', seqs: [1, 3] }]);
      expect(await store.deliveries(tenantId, 'da-2')).toEqual([
        { feed: 'default', seqs: [2, 4] },
        { feed: 'high', seqs: [1] },
      ]);
      expect(await store.deliveries(tenantId, 'da-3')).toEqual([]);
    });

    it('does not count a replay or a notice as delivery of an alert', async () => {
      await append(version('da-1', '2026-01-01T09:00:00Z'));
      const commandId = await store.addCommand({ kind: 'replay', args: {}, requestedBy: 'kim' });
      await store.takeCommand();
      await store.updateCommand(commandId, { progress: { toSeq: 1, afterSeq: 0, firstSeq: null, lastSeq: null } });
      const all = { storedFromMs: null, storedToMs: null, fromSeq: null, toSeq: null, alertId: null };
      const slice = { commandId, feed: 'default', recipient: null, selection: all, limit: 10 };
      expect((await store.appendReplay(slice)).events).toBe(1);
      expect(await store.deliveries(tenantId, 'da-1')).toEqual([{ feed: 'default', seqs: [1] }]);
    });

    it('knows what each record of an alert had to tell, also where a filter kept it out', async () => {
      const evidence = ['192.0.2.1', '192.0.2.2'].map((ip) => anEvidence({ key: [ip] }));
      await append(anAlert({ evidence }));
      clock.step(60_000);
      await append(anAlert({ evidence, lastUpdate: instant('2026-01-01T10:00:00Z'), facts: { Status: 'resolved' } }));
      const tellings = await store.tellings(tenantId, 'da-1');
      expect(tellings.map(({ storedMs, emissions }) => [storedMs, emissions.map(({ reason }) => reason)])).toEqual([
        [NOON, ['new', 'new']],
        [NOON + 60_000, ['update: Status new -> resolved']],
      ]);
      expect(await store.tellings(tenantId, 'da-2')).toEqual([]);
    });

    it('knows whether a feed was at a time as it is now', async () => {
      const nothing = { hadSettings: false, nextMs: null, isPruned: false };
      expect(await store.feedAt('default', NOON)).toEqual(nothing);
      await append(version('da-1', '2026-01-01T09:00:00Z'));
      clock.step(60_000);
      await append(version('da-2', '2026-01-01T09:00:00Z', 'High'));
      expect(await store.feedAt('default', NOON)).toEqual({ ...nothing, nextMs: NOON });
      expect(await store.feedAt('high', NOON + 60_000)).toEqual({ ...nothing, nextMs: NOON + 60_000 });
      expect(await store.feedAt('default', NOON + 60_000)).toEqual({
        ...nothing,
        hadSettings: true,
        nextMs: NOON + 60_000,
      });
      expect(await store.feedAt('default', NOON + 60_001)).toEqual({ ...nothing, hadSettings: true });
      expect(await store.feedAt('unknown', NOON)).toEqual(nothing);
      // What was sent stays as it was made.
      await store.noteServed('default', 2);
      await store.ensureFeeds([aFeed({ minSeverity: 'High' }), aFeed({ name: 'high', minSeverity: 'High' })]);
      expect(await store.feedAt('default', NOON + 60_000)).toMatchObject({ hadSettings: false });
    });

    it('tells an alert once more in one feed, behind all others', async () => {
      await append(version('da-1', '2026-01-01T09:00:00Z', 'High'), version('da-2', '2026-01-01T09:00:00Z', 'High'));
      await append(version('da-1', '2026-01-01T10:00:00Z', 'Low'));
      expect(await store.tellAgain('default', tenantId, 'da-1')).toBe(2);
      expect(await store.tellAgain('high', tenantId, 'da-1')).toBe(1);
      expect(await store.tellAgain('high', tenantId, 'da-9')).toBe(0);
      const page = await readAfter(store, 'default', 3, LIMITS, { kind: 'stored' });
      const events = JSON.parse(page.body.toString()) as Record<string, unknown>[];
      expect(events.map((event) => [event['FeedSeq'], event['AlertId'], event['EventKind']])).toEqual([
        [4, 'da-1', 'new'],
        [5, 'da-1', 'update'],
      ]);
    });
  });
}
