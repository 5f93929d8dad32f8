import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertRecord } from '../../src/domain/detection.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import type { Audience, CursorRequest, FeedPage, PageRequest } from '../../src/store/feed-pages.ts';
import { anAlert, instant } from '../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import { aBatch, aFeed, type CreatePlace, LIMITS } from './detection-store.ts';

export const EVERYONE: Audience = { connector: null, updates: true, cutOver: null };

export function aPageRequest(overrides: Partial<PageRequest> = {}): PageRequest {
  return {
    feed: 'default',
    after: 0,
    upTo: null,
    limits: LIMITS,
    audience: EVERYONE,
    stamp: { kind: 'page', feedTimeMs: 777 },
    ...overrides,
  };
}

function aCursorRequest(overrides: Partial<CursorRequest> = {}): CursorRequest {
  const form = { cursorPrefix: 'v1.', between: ',' };
  return { feed: 'default', after: 0, limits: LIMITS, audience: EVERYONE, ...form, ...overrides };
}

/** One member of every event of a page, also of one for a reader with a cursor, which is no array. */
export function each({ body }: FeedPage, member: string): readonly unknown[] {
  const text = body.toString();
  const events = JSON.parse(text.startsWith('[') ? text : `[${text}]`) as Record<string, unknown>[];
  return events.map((event) => event[member]);
}

/** An alert as Microsoft updated it at this minute after nine. */
function version(alertId: string, minute: number, Severity = 'Medium'): AlertRecord {
  const lastUpdate = instant(`2026-01-01T09:${String(minute).padStart(2, '0')}:00Z`);
  return anAlert({ alertId, lastUpdate, facts: { Severity }, raw: JSON.stringify({ alertId, minute }) });
}

/** How every store gives a reader its events. */
export function describePages(name: string, create: CreatePlace): void {
  describe(`pages on ${name}`, () => {
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
    const fresh = (count: number, from = 0) =>
      append(...Array.from({ length: count }, (_, index) => version(`da-${from + index}`, 0)));
    const read = (overrides: Partial<PageRequest> = {}) => store.readPage(aPageRequest(overrides));
    const readCursor = (overrides: Partial<CursorRequest> = {}) => store.readCursor(aCursorRequest(overrides));

    it('gives events in order, each with the stamp as its last member', async () => {
      await fresh(3);
      const page = await read();
      expect(page).toMatchObject({ from: 1, to: 3, events: 3, hasMore: false });
      expect(each(page, 'AlertId')).toEqual(['da-0', 'da-1', 'da-2']);
      expect(each(page, 'FeedTime')).toEqual([777, 777, 777]);
      expect(page.body.toString().endsWith(',"FeedTime":777}]')).toBe(true);
    });

    it('gives each event its own StoredMs where there is no page stamp', async () => {
      await fresh(1);
      clock.step(1000);
      await fresh(1, 1);
      const page = await read({ stamp: { kind: 'stored' } });
      expect(each(page, 'FeedTime')).toEqual(each(page, 'StoredMs'));
      expect(new Set(each(page, 'FeedTime')).size).toBe(2);
    });

    it('ends a page at maxEvents and at maxBytes, and holds at least one event', async () => {
      await fresh(5);
      expect(await read({ limits: { ...LIMITS, maxEvents: 2 } })).toMatchObject({ from: 1, to: 2, hasMore: true });
      expect(await read({ after: 2, limits: { ...LIMITS, maxBytes: 1 } })).toMatchObject({ from: 3, to: 3, events: 1 });
      const { length } = (await read({ limits: { ...LIMITS, maxEvents: 3 } })).body;
      const page = await read({ limits: { ...LIMITS, maxBytes: length } });
      expect(page.body.length).toBeLessThanOrEqual(length);
    });

    it('ends a page at the last FeedSeq it may hold, and says that there is more', async () => {
      await fresh(5);
      expect(await read({ after: 1, upTo: 3 })).toMatchObject({ from: 2, to: 3, events: 2, hasMore: true });
      expect(await read({ upTo: 99 })).toMatchObject({ from: 1, to: 5, events: 5, hasMore: false });
    });

    it('gives the same range again byte for byte but for the stamp', async () => {
      await fresh(3);
      const { body } = await read();
      await fresh(2, 3);
      const again = await read({ upTo: 3, stamp: { kind: 'page', feedTimeMs: 888 } });
      expect(again.body.toString()).toBe(body.toString().replaceAll('777', '888'));
    });

    it('is empty when nothing is pending, also behind the end', async () => {
      expect(await read()).toEqual({ from: 0, to: 0, events: 0, body: Buffer.from('[]'), hasMore: false });
      await fresh(2);
      expect(await read({ after: 2 })).toMatchObject({ from: 2, to: 2, events: 0, hasMore: false });
      expect(await read({ after: 7 })).toMatchObject({ from: 7, to: 7, events: 0, hasMore: false });
    });

    describe('without updates', () => {
      const audience = { ...EVERYONE, updates: false };

      it('leaves them out, whatever the alert says of itself', async () => {
        await append(version('da-1', 0), version('da-2', 0), version('da-1', 1, 'High'), version('da-3', 0));
        await append(anAlert({ alertId: 'da-4', facts: { AlertTitle: '"EventKind":"update"' } }));
        const page = await read({ audience });
        expect(page).toMatchObject({ from: 1, to: 5, events: 4, hasMore: false });
        expect(each(page, 'FeedSeq')).toEqual([1, 2, 4, 5]);
        expect(each(await read(), 'EventKind')).toEqual(['new', 'new', 'update', 'new', 'new']);
      });

      it('ends a page where the next event for the reader begins', async () => {
        await append(version('da-1', 0), version('da-1', 1, 'High'), version('da-1', 2, 'Low'), version('da-2', 3));
        const page = await read({ audience, limits: { ...LIMITS, maxEvents: 1 } });
        expect(page).toMatchObject({ from: 1, to: 3, events: 1, hasMore: true });
        expect(await read({ audience, after: 3 })).toMatchObject({ from: 4, to: 4, events: 1, hasMore: false });
      });

      it('says of an empty page up to where there is nothing', async () => {
        await append(version('da-1', 0), version('da-1', 1, 'High'), version('da-1', 2, 'Low'));
        expect(await read({ audience, after: 1 })).toMatchObject({ from: 3, to: 3, events: 0, hasMore: false });
        expect(await read({ audience, after: 1, upTo: 2 })).toMatchObject({ from: 2, to: 2, events: 0, hasMore: true });
      });
    });

    it('after a cut-over leaves out what was updated before it and stored by then', async () => {
      await append(version('da-1', 1), version('da-2', 5), version('da-3', 3));
      const cutOver = { upTo: 3, updatedBeforeMs: Date.parse('2026-01-01T09:03:00Z') };
      await append(version('da-4', 1));
      const page = await read({ audience: { ...EVERYONE, cutOver } });
      expect(each(page, 'AlertId')).toEqual(['da-2', 'da-3', 'da-4']);
      expect(page).toMatchObject({ from: 2, to: 4, events: 3 });
    });

    it('gives a reader with a cursor the stored bodies, each with its own cursor as the last member', async () => {
      await fresh(2);
      const page = await readCursor();
      const stored = (await read({ stamp: { kind: 'stored' } })).body.toString();
      const events = stored.slice(2, -2).split('},{');
      const expected = `{${events.map((event, index) => `${event},"Cursor":"v1.${index + 1}"`).join('},{')}}`;
      expect(page.body.toString()).toBe(expected);
      expect(page).toMatchObject({ from: 1, to: 2, events: 2, hasMore: false });
    });

    it('gives a reader with a cursor lines where it wants lines, and the limits and the audience hold', async () => {
      await append(version('da-1', 0), version('da-1', 1, 'High'), version('da-2', 0), version('da-3', 0));
      const lines = { between: '\n', audience: { ...EVERYONE, updates: false } };
      const page = await readCursor({ ...lines, limits: { ...LIMITS, maxEvents: 2 } });
      const events = page.body.toString().split('\n');
      expect(events.map((line) => JSON.parse(line) as unknown)).toMatchObject([
        { FeedSeq: 1, Cursor: 'v1.1' },
        { FeedSeq: 3, Cursor: 'v1.3' },
      ]);
      expect(page).toMatchObject({ from: 1, to: 3, events: 2, hasMore: true });
      const nothing = await readCursor({ ...lines, after: 4 });
      expect(nothing).toMatchObject({ from: 4, to: 4, events: 0, hasMore: false });
      expect(nothing.body).toHaveLength(0);
    });

    it('says what a feed holds, and keeps its generation over a restart', async () => {
      const span = await store.feedSpan('default');
      expect(span).toEqual({ generation: expect.stringMatching(/^[0-9a-f]+$/) as string, firstSeq: 1, lastSeq: 0 });
      await fresh(2);
      await store.close();
      store = await place.open(clock);
      expect(await store.feedSpan('default')).toEqual({ ...span, lastSeq: 2 });
    });

    it('refuses a feed that nobody made known', async () => {
      for (const work of [
        read({ feed: 'x' }),
        readCursor({ feed: 'x' }),
        store.feedSpan('x'),
        store.noteServed('x', 1),
      ])
        await expect(work).rejects.toThrow('feed x is not known');
    });
  });
}
