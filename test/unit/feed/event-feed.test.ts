import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import { parseSince } from '../../../src/domain/since.ts';
import { createEventFeed, type EventFeed, type EventsPage, type EventsRequest } from '../../../src/feed/event-feed.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed } from '../../contract/detection-store.ts';
import { anAlert } from '../../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';
import { someFeedSettings } from '../../support/feed-settings.ts';

const HOUR = 3_600_000;
const FEED = someFeedSettings({ initialLookbackMs: 24 * HOUR, maxLookbackMs: 48 * HOUR });

function storeFailure(code: string): BridgeError {
  return new BridgeError({ code, kind: 'operator', message: 'the disk is full', hint: 'free space' });
}

describe('the cursor feed', () => {
  let folder: string;
  let clock: SteppedClock;
  let store: DetectionStore;
  let events: BridgeEvent[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-events-'));
    clock = steppedClock('2026-01-01T12:00:00Z');
    store = createSqliteStore({ path: join(folder, 'events.db'), clock });
    await store.ensureFeeds([aFeed()]);
    events = [];
    // One event every day, 1 to 4, and now it is the evening of the fourth day.
    for (const alertId of ['da-1', 'da-2', 'da-3', 'da-4']) {
      await store.append(aBatch({ records: [anAlert({ alertId })] }));
      clock.step(24 * HOUR);
    }
    clock.step(-12 * HOUR);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  function feedOn(changed: Partial<DetectionStore> = {}): EventFeed {
    return createEventFeed({ store: { ...store, ...changed }, clock, emit: (event) => events.push(event) });
  }
  function request(changes: Partial<EventsRequest> = {}): EventsRequest {
    return {
      feed: FEED,
      start: { kind: 'since', since: parseSince(undefined) },
      maxEvents: null,
      between: ',',
      connector: 'siem-01',
      gives: true,
      requestId: 'r-1',
      ...changes,
    };
  }
  const at = (text: string): EventsRequest['start'] => ({ kind: 'since', since: parseSince(text) });
  const behind = (text: string): EventsRequest['start'] => ({ kind: 'cursor', text });
  const seqs = ({ items }: EventsPage): readonly number[] =>
    [...items.toString().matchAll(/"FeedSeq":(\d+)/g)].map(([, seq]) => Number(seq));

  it('begins initialLookback back without a cursor', async () => {
    expect(seqs(await feedOn().read(request()))).toEqual([4]);
    const feed = { ...FEED, initialLookbackMs: 36 * HOUR };
    expect(seqs(await feedOn().read(request({ feed })))).toEqual([3, 4]);
  });

  it.each([
    ['1990-01-01T00:00:00Z', [1, 2, 3, 4]],
    ['2026-01-02T12:00:00Z', [2, 3, 4]],
    ['2026-01-02T12:00:00.001Z', [3, 4]],
    ['2026-01-04T12:00:00Z', [4]],
    ['2100-01-01T00:00:00Z', []],
  ])('begins at the time asked for, however far back: %s', async (since, expected) => {
    expect(seqs(await feedOn().read(request({ start: at(since) })))).toEqual(expected);
  });

  it('gives a place to come back to where there is nothing yet', async () => {
    const { next, events: count, hasMore } = await feedOn().read(request({ start: at('2100-01-01T00:00:00Z') }));
    expect([count, hasMore]).toEqual([0, false]);
    await store.append(aBatch({ records: [anAlert({ alertId: 'da-5' })] }));
    expect(seqs(await feedOn().read(request({ start: behind(next) })))).toEqual([5]);
  });

  it.each(['STORE_FULL', 'STORE_READ_ONLY', 'STORE_BUSY'])(
    'gives what it has although the store cannot be written (%s)',
    async (code) => {
      const page = await feedOn({ noteServed: () => Promise.reject(storeFailure(code)) }).read(request());
      expect(seqs(page)).toEqual([4]);
      expect(events.map(({ name }) => name)).toEqual(['eventsRead']);
    },
  );

  it('tells any other failure to note what it gave, and gives it all the same', async () => {
    const page = await feedOn({ noteServed: () => Promise.reject(new Error('a defect')) }).read(request());
    expect(seqs(page)).toEqual([4]);
    expect(events).toMatchObject([{ name: 'requestFailed', requestId: 'r-1' }, { name: 'eventsRead' }]);
  });

  it('writes nothing when there is nothing to give', async () => {
    const noteServed = (): Promise<never> => Promise.reject(new Error('not to be called'));
    await feedOn({ noteServed }).read(request({ start: at('2100-01-01T00:00:00Z') }));
    expect(events).toMatchObject([{ name: 'eventsRead', events: 0 }]);
  });

  it('says that a cursor is gone when retention deletes what follows it while it is read', async () => {
    const { next } = await feedOn().read(request({ start: at('1990-01-01T00:00:00Z'), maxEvents: 1 }));
    let looks = 0;
    const feedSpan = async (name: string) => {
      looks += 1;
      const span = await store.feedSpan(name);
      return looks === 1 ? span : { ...span, firstSeq: 4 };
    };
    await expect(feedOn({ feedSpan }).read(request({ start: behind(next) }))).rejects.toMatchObject({
      code: 'CURSOR_GONE',
    });
  });
});
