import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import type { FeedRules } from '../../src/domain/feed-rules.ts';
import type { PageTry, PendingPage, Position, SeenPoll } from '../../src/domain/position.ts';
import { NO_CHECKPOINT } from '../../src/domain/window.ts';
import type { AppendBatch, DetectionStore, SetAside } from '../../src/store/detection-store.ts';
import { anAlert, anEvidence, instant } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { readAfter } from '../support/read-after.ts';

export const TENANT = { tenantId: '11111111-2222-3333-4444-555555555555', name: 'contoso' };
export const KEY = { tenantId: TENANT.tenantId, source: 'graph-alerts' } as const;
export const LIMITS = { maxEvents: 1000, maxBytes: 5_000_000 };
export const IDLE = { ...NO_CHECKPOINT, watermark: instant('2026-01-01T09:00:00Z') };

export function aFeed(overrides: Partial<FeedRules> = {}): FeedRules {
  return {
    name: 'default',
    tenantIds: new Set([TENANT.tenantId]),
    detections: 'perEvidence',
    changes: 'significant',
    layout: 'microsoft',
    receiptTime: 'feed',
    arcsight: DEFAULT_CHOICES,
    minSeverity: 'Informational',
    categories: new Set(),
    initialLookbackMs: 86_400_000,
    ...overrides,
  };
}

/** A batch of one source that brings nothing yet. */
export function aBatch(overrides: Partial<AppendBatch> = {}): AppendBatch {
  return {
    tenant: TENANT,
    source: 'graph-alerts',
    sources: ['graph-alerts'],
    records: [],
    setAside: [],
    settles: [],
    checkpoint: IDLE,
    ...overrides,
  };
}

export function aRecordAside(overrides: Partial<SetAside> = {}): SetAside {
  const facts = { id: null, code: 'no-id', reason: 'the alert has no id', raw: '{"title":"x"}' } as const;
  return { ...facts, stretch: null, readIn: null, ...overrides };
}

export function aPosition(overrides: Partial<Position> = {}): Position {
  return {
    connector: 'arcsight-01',
    feed: 'default',
    revision: 1,
    acknowledged: 0,
    page: null,
    lastStampMs: 0,
    confirmedStampMs: null,
    confirmedRun: 0,
    strayed: null,
    lastPollMs: 1,
    lastSince: null,
    lastDeliveredMs: null,
    recent: [],
    parties: null,
    cutOver: null,
    pace: null,
    passedOver: null,
    passedInARow: 0,
    ...overrides,
  };
}

export function aTry(overrides: Partial<PageTry> = {}): PageTry {
  return { stampMs: 1000, to: 1, since: null, outcome: 'sent', atMs: 1000, ...overrides };
}

export function aSeenPoll(overrides: Partial<SeenPoll> = {}): SeenPoll {
  const { atMs = 1000 } = overrides;
  const facts = { since: null, address: '10.0.0.1', stampMs: null, movedAfterBroken: false, heldAfterBroken: false };
  return { atMs, lastMs: atMs, polls: 1, pages: 0, ...facts, ...overrides };
}

/** A pending page of one event unless told otherwise. */
export function aPage(overrides: Partial<PendingPage> = {}): PendingPage {
  const tries = overrides.tries ?? [aTry()];
  const { from = 1, to = from } = overrides;
  const events = to - from + 1;
  return { from, to, events, firstTryMs: tries[0]?.atMs ?? 0, sent: tries.length, alone: false, ...overrides, tries };
}

/** A place for one database: `open` gives the same one again after a close. */
export type CreatePlace = () => { open(clock: SteppedClock): Promise<DetectionStore>; remove(): void };

/** What every store must do, whatever it is made of. */
export function describeDetectionStore(name: string, create: CreatePlace): void {
  describe(`the detection store on ${name}`, () => {
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

    const append = (count: number, from = 0) =>
      store.append(
        aBatch({ records: Array.from({ length: count }, (_, index) => anAlert({ alertId: `da-${from + index}` })) }),
      );
    const read = async (position = 0, limits = LIMITS) => {
      const page = await readAfter(store, 'default', position, limits, { kind: 'page', feedTimeMs: 777 });
      return { page, events: JSON.parse(page.body.toString()) as Record<string, unknown>[] };
    };

    it('numbers events without gaps and gives them back in order, each with the page stamp as its last member', async () => {
      await append(3);
      const { page, events } = await read();
      expect(page).toMatchObject({ from: 1, to: 3, events: 3, hasMore: false });
      expect(events.map((event) => [event['FeedSeq'], event['AlertId'], event['FeedTime']])).toEqual([
        [1, 'da-0', 777],
        [2, 'da-1', 777],
        [3, 'da-2', 777],
      ]);
      for (const event of events) expect(Object.keys(event).at(-1)).toBe('FeedTime');
    });

    it('gives an empty array when nothing is pending', async () => {
      expect((await read()).page).toMatchObject({ events: 0, to: 0, body: Buffer.from('[]') });
    });

    it('ends a page at maxEvents and at maxBytes, with at least one event', async () => {
      await append(5);
      expect((await read(0, { ...LIMITS, maxEvents: 2 })).page).toMatchObject({ from: 1, to: 2, hasMore: true });
      expect((await read(2, { ...LIMITS, maxBytes: 1 })).page).toMatchObject({ from: 3, to: 3, hasMore: true });
      const three = (await read(0, { ...LIMITS, maxEvents: 3 })).page.body.length;
      expect((await read(0, { ...LIMITS, maxBytes: three })).page.to).toBeLessThanOrEqual(3);
    });

    it('reads a range again byte for byte but for the stamp', async () => {
      await append(3);
      const { page } = await read();
      const again = await readAfter(store, 'default', 0, LIMITS, { kind: 'page', feedTimeMs: 888 });
      expect(again.body.toString()).toBe(page.body.toString().replaceAll('777', '888'));
    });

    it('stores the page and its checkpoint together', async () => {
      expect(await store.checkpoint(KEY)).toEqual(NO_CHECKPOINT);
      const window = {
        from: instant('2026-01-01T08:00:00Z'),
        to: instant('2026-01-01T09:00:00Z'),
        progress: instant('2026-01-01T08:30:00Z'),
      };
      await store.append(aBatch({ records: [anAlert()], checkpoint: { ...NO_CHECKPOINT, window } }));
      await store.close();
      store = await place.open(clock);
      expect(await store.checkpoint(KEY)).toEqual({ ...NO_CHECKPOINT, window });
    });

    it('keeps how far the wide look back is, beside the window, for each source', async () => {
      const window = { from: instant('2025-12-31T12:00:00Z'), to: instant('2026-01-01T12:00:00Z'), progress: null };
      const reading = { ...IDLE, rescan: { window, doneAt: instant('2026-01-01T11:00:00.1234567Z') } };
      await store.append(aBatch({ checkpoint: reading }));
      await store.append(aBatch({ source: 'siem-detections' }));
      await store.close();
      store = await place.open(clock);
      expect(await store.checkpoint(KEY)).toEqual(reading);
      expect(await store.checkpoints()).toEqual([
        { ...KEY, ...reading },
        { ...KEY, source: 'siem-detections', ...IDLE },
      ]);
    });

    it('leaves neither records nor checkpoint behind when a slice fails', async () => {
      const broken = {
        ...anAlert({ alertId: 'da-9' }),
        get raw(): string {
          throw new Error('cut');
        },
      };
      const batch = aBatch({ records: [anAlert(), broken], setAside: [aRecordAside()] });
      await expect(store.append(batch)).rejects.toThrow('cut');
      expect((await read()).page.events).toBe(0);
      expect((await store.checkpoint(KEY)).watermark).toBeNull();
      expect(await store.quarantine()).toEqual([]);
    });

    it('emits nothing twice, across overlap and restart', async () => {
      expect(await append(3)).toMatchObject({ fresh: 3, events: 3 });
      await store.close();
      store = await place.open(clock);
      await store.ensureFeeds([aFeed()]);
      expect(await append(3)).toMatchObject({ fresh: 0, duplicate: 3, events: 0 });
      expect((await read()).page.events).toBe(3);
    });

    it('takes a page larger than a slice, the cursor with the last slice', async () => {
      const counts = await append(1203);
      expect(counts).toMatchObject({ fresh: 1203, events: 1203 });
      expect((await store.feedStats('default')).lastSeq).toBe(1203);
      const { events } = await read(0, { maxEvents: 2000, maxBytes: 1e9 });
      expect(events.map((event) => event['FeedSeq'])).toEqual(Array.from({ length: 1203 }, (_, index) => index + 1));
      expect((await store.checkpoint(KEY)).watermark).toBe(IDLE.watermark);
    });

    it('never lets StoredMs fall when the clock steps back', async () => {
      await append(1);
      clock.step(-3_600_000);
      await append(1, 1);
      const { events } = await read();
      expect(events[1]?.['StoredMs']).toBe(events[0]?.['StoredMs']);
    });

    it('says when the last event was stored, whatever was read since', async () => {
      await append(1);
      const before = (await store.feedStats('default')).lastStoredMs;
      clock.step(60_000);
      await append(1);
      expect((await store.feedStats('default')).lastStoredMs).toBe(before);
    });

    it('finds the position of a time', async () => {
      const start = clock.now();
      for (let index = 0; index < 5; index += 1) {
        await append(2, index * 2);
        clock.step(60_000);
      }
      expect(await store.seqBefore('default', start)).toBe(0);
      expect(await store.seqBefore('default', start + 1)).toBe(2);
      expect(await store.seqBefore('default', start + 120_000)).toBe(4);
      expect(await store.seqBefore('default', start + 3_600_000)).toBe(10);
    });

    it('fills a feed that is new from what is stored, as far back as its initialLookback', async () => {
      await append(2);
      clock.step(7_200_000);
      await append(2, 2);
      await store.ensureFeeds([aFeed(), aFeed({ name: 'late', initialLookbackMs: 3_600_000 })]);
      const page = await readAfter(store, 'late', 0, LIMITS, { kind: 'stored' });
      expect((JSON.parse(page.body.toString()) as { AlertId: string }[]).map(({ AlertId }) => AlertId)).toEqual([
        'da-2',
        'da-3',
      ]);
    });

    it('gives each feed only what it takes', async () => {
      const feeds = [
        aFeed(),
        aFeed({ name: 'high', minSeverity: 'High' }),
        aFeed({ name: 'other', tenantIds: new Set(['x']) }),
        aFeed({ name: 'cat', categories: new Set(['malware']) }),
      ];
      await store.ensureFeeds(feeds);
      await append(1);
      for (const [feed, lastSeq] of [
        ['default', 1],
        ['high', 0],
        ['other', 0],
        ['cat', 0],
      ] as const) {
        expect((await store.feedStats(feed)).lastSeq).toBe(lastSeq);
      }
    });

    it('keeps hostile text as it came', async () => {
      const title = '<script>"\\\u0000\u2028|=\n\u{1F600}\u202e';
      const records = [anAlert({ evidence: [anEvidence()], facts: { AlertTitle: title } })];
      await store.append(aBatch({ records }));
      expect((await read()).events[0]?.['AlertTitle']).toBe(title);
    });
  });
}
