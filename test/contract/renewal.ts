import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertRecord } from '../../src/domain/detection.ts';
import type { FeedRules } from '../../src/domain/feed-rules.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { anAlert, anEvidence, instant } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { aBatch, aFeed, aPage, aPosition, aTry, type CreatePlace, TENANT } from './detection-store.ts';
import { aNotice, EVERYTHING } from './errands.ts';
import { aPageRequest, EVERYONE, each } from './pages.ts';

const HOUR = 3_600_000;

/** An alert with so many items. */
export function anAlertOf(items: number, overrides: Partial<AlertRecord> = {}): AlertRecord {
  const evidence = Array.from({ length: items }, (_, index) => anEvidence({ key: [`192.0.2.${index + 1}`] }));
  return anAlert({ evidence, raw: JSON.stringify({ items, ...overrides.facts }), ...overrides });
}

/** How every store makes a feed anew whose settings changed. */
export function describeRenewal(name: string, create: CreatePlace): void {
  describe(`a feed with other settings on ${name}`, () => {
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

    const append = (...records: AlertRecord[]) => store.append(aBatch({ records }));
    const restart = async (overrides: Partial<FeedRules> = {}) => {
      await store.close();
      store = await place.open(clock);
      return store.ensureFeeds([aFeed(overrides)]);
    };
    const events = async (...members: string[]) => {
      const page = await store.readPage(aPageRequest());
      const columns = members.map((member) => each(page, member));
      return Array.from({ length: page.events }, (_, index) => columns.map((column) => column[index]));
    };
    const perAlert = { detections: 'perAlert' } as const;

    it('has what nobody was sent made anew, in order, under new numbers', async () => {
      await append(anAlertOf(2, { alertId: 'da-1' }), anAlertOf(3, { alertId: 'da-2' }));
      expect(await restart(perAlert)).toEqual([{ feed: 'default', events: 2 }]);
      expect(await events('FeedSeq', 'DetectionId')).toEqual([
        [6, 'da-1'],
        [7, 'da-2'],
      ]);
      expect(await store.feedSpan('default')).toMatchObject({ firstSeq: 1, lastSeq: 7 });
      await append(anAlert({ alertId: 'da-3' }));
      expect((await events('FeedSeq', 'DetectionId')).at(-1)).toEqual([8, 'da-3']);
    });

    it('is left alone by what does not change its events', async () => {
      await append(anAlertOf(2));
      await restart({ categories: new Set(['execution', 'malware']), tenantIds: new Set([TENANT.tenantId, 'x']) });
      const before = (await store.readPage(aPageRequest())).body;
      const same = { categories: new Set(['malware', 'execution']), tenantIds: new Set(['x', TENANT.tenantId]) };
      expect(await restart({ ...same, layout: 'esm', receiptTime: 'alert', initialLookbackMs: 1 })).toEqual([]);
      expect((await store.readPage(aPageRequest())).body).toEqual(before);
    });

    it('keeps the name that a tenant had', async () => {
      await append(anAlert());
      await store.append(aBatch({ tenant: { ...TENANT, name: 'renamed' }, records: [anAlert({ alertId: 'da-2' })] }));
      await restart(perAlert);
      expect(await events('TenantName')).toEqual([['contoso'], ['renamed']]);
    });

    it.each([
      ['was acknowledged', { acknowledged: 2 }],
      ['is on its way', { page: aPage({ to: 2 }) }],
      [
        'was on its way in a larger page',
        {
          page: aPage({ to: 1, tries: [aTry({ to: 2, outcome: 'broken' })] }),
        },
      ],
    ] as const)('keeps what %s, whoever had it', async (_, position) => {
      await append(anAlert({ alertId: 'da-1' }), anAlert({ alertId: 'da-2' }), anAlert({ alertId: 'da-3' }));
      await store.savePosition(aPosition({ connector: 'arcsight-02', ...position }));
      await store.savePosition(aPosition());
      expect(await restart(perAlert)).toEqual([{ feed: 'default', events: 1 }]);
      expect((await events('FeedSeq', 'AlertId')).map(String)).toEqual(['1,da-1', '2,da-2', '4,da-3']);
      expect((await events('DetectionId'))[2]).toEqual(['da-3']);
    });

    it('keeps what a reader with a cursor had', async () => {
      await append(anAlert({ alertId: 'da-1' }), anAlert({ alertId: 'da-2' }));
      await store.noteServed('default', 1);
      await restart(perAlert);
      expect((await events('FeedSeq', 'AlertId')).map(String)).toEqual(['1,da-1', '3,da-2']);
    });

    it('goes on within an alert of which a part was sent', async () => {
      await append(anAlertOf(4));
      const ids = (await events('DetectionId')).flat();
      await store.noteServed('default', 2);
      await restart({ changes: 'all' });
      expect(await events('FeedSeq', 'DetectionId')).toEqual([1, 2, 5, 6].map((seq, at) => [seq, ids[at]]));
      await restart(perAlert);
      expect(await events('FeedSeq', 'DetectionId')).toEqual([
        [1, ids[0]],
        [2, ids[1]],
        [7, 'da-1'],
      ]);
      await restart();
      expect(await events('FeedSeq', 'DetectionId')).toEqual([1, 2, 8, 9].map((seq, at) => [seq, ids[at]]));
    });

    it('does not send the items of an alert that was sent as one', async () => {
      await restart(perAlert);
      await append(anAlertOf(3, { alertId: 'da-1' }), anAlertOf(1, { alertId: 'da-2' }));
      await store.noteServed('default', 1);
      expect(await restart()).toEqual([{ feed: 'default', events: 1 }]);
      expect(await events('FeedSeq', 'AlertId')).toEqual([
        [1, 'da-1'],
        [3, 'da-2'],
      ]);
    });

    it('takes what the old filter kept out as far back as a new feed would, or as its oldest event that waits', async () => {
      const alert = (alertId: string, Severity: string) => anAlert({ alertId, facts: { Severity } });
      const high = { minSeverity: 'High', initialLookbackMs: 2 * HOUR } as const;
      await restart(high);
      await append(alert('da-1', 'Low'), alert('da-2', 'High'), alert('da-3', 'Low'));
      await store.noteServed('default', 1);
      clock.step(3 * HOUR);
      await append(alert('da-4', 'Low'));
      const all = { ...high, minSeverity: 'Informational' } as const;
      expect(await restart(all)).toEqual([{ feed: 'default', events: 1 }]);
      expect((await events('FeedSeq', 'AlertId')).map(String)).toEqual(['1,da-2', '2,da-4']);
      expect(await restart(high)).toEqual([{ feed: 'default', events: 0 }]);
      await append(alert('da-5', 'High'), alert('da-6', 'Low'));
      clock.step(3 * HOUR);
      expect(await restart(all)).toEqual([{ feed: 'default', events: 2 }]);
      expect((await events('FeedSeq', 'AlertId')).map(String)).toEqual(['1,da-2', '4,da-5', '5,da-6']);
    });

    it('leaves what the new filter keeps out', async () => {
      await append(anAlert());
      expect(await restart({ minSeverity: 'High' })).toEqual([{ feed: 'default', events: 0 }]);
      expect(await events('FeedSeq')).toEqual([]);
      expect(await restart({ minSeverity: 'High', tenantIds: new Set(['x']) })).toEqual([]);
    });

    it('keeps what the bridge made itself, in its place', async () => {
      await append(anAlert());
      await store.appendNotice(aNotice());
      await restart(perAlert);
      expect(await events('FeedSeq', 'EventKind')).toEqual([
        [2, 'heartbeat'],
        [3, 'new'],
      ]);
    });

    it('leaves out for a cut-over what it left out before, and nothing that came later', async () => {
      const old = (alertId: string) => anAlert({ alertId, lastUpdate: instant('2026-01-01T08:00:00Z') });
      await append(old('da-1'), old('da-2'));
      const cutOver = { upTo: 2, updatedBeforeMs: Date.parse('2026-01-01T09:00:00Z') };
      await store.savePosition(aPosition({ cutOver }));
      await append(old('da-3'));
      await restart(perAlert);
      const position = await store.position('arcsight-01', 'default');
      expect(position).toMatchObject({ revision: 2, cutOver: { upTo: 5 } });
      const audience = { ...EVERYONE, connector: 'arcsight-01', cutOver: position?.cutOver ?? null };
      expect(each(await store.readPage(aPageRequest({ audience })), 'AlertId')).toEqual(['da-3']);
      expect(await store.savePosition(aPosition({ revision: 3, cutOver }))).toBe(true);
    });

    it('keeps what was told once more and waits, and does not take it for the newest that was sent', async () => {
      await append(anAlertOf(2, { alertId: 'da-1' }), anAlert({ alertId: 'da-2' }), anAlert({ alertId: 'da-3' }));
      await store.tellAgain('default', TENANT.tenantId, 'da-1');
      await store.noteServed('default', 4);
      await restart(perAlert);
      const ids = async () => (await events('FeedSeq', 'AlertId')).slice(4).map(String);
      expect(await ids()).toEqual(['7,da-1']);
      await store.noteServed('default', 7);
      await append(anAlertOf(2, { alertId: 'da-4' }));
      expect(await restart()).toEqual([{ feed: 'default', events: 2 }]);
      expect(await ids()).toEqual(['7,da-1', '9,da-4', '10,da-4']);
    });

    it('sends a replay that waits, also where a cut-over left the event itself out', async () => {
      const old = (alertId: string) => anAlert({ alertId, lastUpdate: instant('2026-01-01T08:00:00Z') });
      await append(old('da-1'));
      const cutOver = { upTo: 1, updatedBeforeMs: Date.parse('2026-01-01T09:00:00Z') };
      await store.savePosition(aPosition({ cutOver }));
      const commandId = await store.addCommand({ kind: 'replay', args: {}, requestedBy: 'kim' });
      await store.takeCommand();
      const slice = { commandId, feed: 'default', recipient: 'arcsight-01', selection: EVERYTHING, limit: 9 };
      expect(await store.appendReplay(slice)).toMatchObject({ events: 1 });
      const read = async () => {
        const position = await store.position('arcsight-01', 'default');
        const audience = { ...EVERYONE, connector: 'arcsight-01', cutOver: position?.cutOver ?? null };
        return each(await store.readPage(aPageRequest({ audience })), 'EventKind');
      };
      expect(await read()).toEqual(['replay']);
      await restart(perAlert);
      expect(await read()).toEqual(['replay']);
    });

    it('looks back as far as a new feed where only events of the bridge itself were sent', async () => {
      await restart({ minSeverity: 'High' });
      await append(anAlert());
      await store.noteServed('default', (await store.appendNotice(aNotice())) ?? 0);
      expect(await restart()).toEqual([{ feed: 'default', events: 1 }]);
    });

    it('has what came while it was not configured, once it is again', async () => {
      await append(anAlert({ alertId: 'da-1' }));
      await store.noteServed('default', 1);
      await restart({ name: 'other' });
      await append(anAlert({ alertId: 'da-2' }));
      expect(await restart()).toEqual([{ feed: 'default', events: 1 }]);
      expect((await events('FeedSeq', 'AlertId')).map(String)).toEqual(['1,da-1', '2,da-2']);
      expect(await restart()).toEqual([]);
    });

    it('has FeedSeq rising and StoredMs not falling, whatever the clock does', async () => {
      for (const step of [HOUR, -2 * HOUR, 0, 60_000, -HOUR]) {
        clock.step(step);
        await append(anAlertOf(2, { alertId: `da-${String(clock.now())}-${step}` }));
        await restart(step > 0 ? perAlert : {});
        await append(anAlertOf(2, { alertId: `da-${String(clock.now())}-${step}-2` }));
      }
      const rows = await events('FeedSeq', 'StoredMs');
      for (const [index, [seq, storedMs]] of rows.entries()) {
        const [seqBefore, storedBefore] = rows[index - 1] ?? [0, 0];
        expect(Number(seq)).toBeGreaterThan(Number(seqBefore));
        expect(Number(storedMs)).toBeGreaterThanOrEqual(Number(storedBefore));
      }
      const { lastSeq } = await store.feedSpan('default');
      await restart({ minSeverity: 'High' });
      await restart();
      expect((await events('FeedSeq'))[0]).toEqual([lastSeq + 1]);
    });
  });
}
