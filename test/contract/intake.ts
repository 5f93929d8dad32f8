import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { anAlert, anEvidence, instant } from '../support/alerts.ts';
import { steppedClock } from '../support/clock.ts';
import { readAfter } from '../support/read-after.ts';
import { aBatch, aFeed, type CreatePlace, LIMITS } from './detection-store.ts';

/** How every store takes records in and hands them to feeds. */
export function describeIntake(name: string, create: CreatePlace): void {
  describe(`taking records in on ${name}`, () => {
    let place: ReturnType<CreatePlace>;
    let store: DetectionStore;

    beforeEach(async () => {
      place = create();
      store = await place.open(steppedClock('2026-01-01T12:00:00Z'));
      await store.ensureFeeds([aFeed()]);
    });
    afterEach(async () => {
      await store.close();
      place.remove();
    });

    it('takes the same text again for nothing new, unless more is read out of it', async () => {
      const alert = anAlert();
      await store.append(aBatch({ records: [alert] }));
      expect(await store.append(aBatch({ records: [alert, alert] }))).toMatchObject({ duplicate: 2, events: 0 });
      const fuller = { ...alert, evidence: [...alert.evidence, anEvidence({ key: ['192.0.2.2'] })] };
      expect(await store.append(aBatch({ records: [fuller] }))).toMatchObject({ changed: 1, events: 1 });
      expect(await store.append(aBatch({ records: [fuller] }))).toMatchObject({ duplicate: 1, events: 0 });
    });

    it('takes a return to what was there before for a change', async () => {
      const version = (minute: number, Severity: string) =>
        anAlert({ lastUpdate: instant(`2026-01-01T09:0${minute}:00Z`), facts: { Severity }, raw: `{"v":${minute}}` });
      const records = [version(1, 'High'), version(2, 'Low'), version(3, 'High')];
      expect(await store.append(aBatch({ records }))).toMatchObject({ fresh: 1, changed: 2 });
      expect(await store.append(aBatch({ records }))).toMatchObject({ stale: 2, duplicate: 1, events: 0 });
    });

    it('knows an alert again under the id that another API gives it', async () => {
      const sources = ['graph-alerts', 'defender-alerts'] as const;
      const record = (alertId: string) => anAlert({ alertId, raw: JSON.stringify({ alertId }) });
      await store.append(aBatch({ sources, records: [record('da637551227677560813_-961444813')] }));
      const again = [record('637551227677560813_-961444813')];
      const counts = await store.append(aBatch({ sources, source: 'defender-alerts', records: again }));
      expect(counts).toMatchObject({ fresh: 0, duplicate: 1, events: 0 });
      expect((await store.stats()).alerts).toBe(1);
    });

    it('counts for each feed what its filter kept out', async () => {
      await store.ensureFeeds([
        aFeed(),
        aFeed({ name: 'high', minSeverity: 'High' }),
        aFeed({ name: 'cat', categories: new Set(['malware']) }),
        aFeed({ name: 'other', tenantIds: new Set(['x']) }),
      ]);
      const records = [anAlert(), anAlert({ alertId: 'da-2' })];
      expect((await store.append(aBatch({ records }))).filtered).toEqual({ high: 2, cat: 2 });
      expect((await store.append(aBatch({ records }))).filtered).toEqual({});
    });

    it('gives a feed by alert one event for each record, and a new one the same as it would have got', async () => {
      const perAlert = aFeed({ name: 'alerts', detections: 'perAlert' });
      await store.ensureFeeds([aFeed(), perAlert]);
      const evidence = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => anEvidence({ key: [ip] }));
      const records = Array.from({ length: 200 }, (_, index) => anAlert({ alertId: `da-${index}`, evidence }));
      expect((await store.append(aBatch({ records }))).events).toBe(800);
      await store.ensureFeeds([aFeed(), perAlert, { ...perAlert, name: 'later' }]);
      const ids = async (feed: string) => {
        const page = await readAfter(store, feed, 0, LIMITS, { kind: 'stored' });
        const events = JSON.parse(page.body.toString()) as { DetectionId: string; EventKind: string }[];
        return events.map(({ DetectionId, EventKind }) => `${EventKind} ${DetectionId}`);
      };
      expect(await ids('alerts')).toEqual(records.map(({ alertId }) => `new ${alertId}`));
      expect(await ids('later')).toEqual(await ids('alerts'));
    });
  });
}
