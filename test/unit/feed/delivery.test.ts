import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import type { AcknowledgeMode } from '../../../src/feed/acknowledge.ts';
import { type Answer, createDelivery, type Delivery } from '../../../src/feed/delivery.ts';
import { parseSince } from '../../../src/feed/since.ts';
import type { DetectionStore, TryOutcome } from '../../../src/store/detection-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aFeed } from '../../contract/detection-store.ts';
import { anAlert } from '../../support/alerts.ts';
import { type SteppedClock, steppedClock } from '../../support/clock.ts';

const HOUR = 3_600_000;

describe('delivery to a connector', () => {
  let folder: string;
  let clock: SteppedClock;
  let store: DetectionStore;
  let delivery: Delivery;
  let events: BridgeEvent[];
  let mode: AcknowledgeMode;
  let stored: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexbridge-delivery-'));
    clock = steppedClock('2026-01-01T12:00:00.250Z');
    store = createSqliteStore({ path: join(folder, 'events.db'), clock });
    await store.ensureFeeds([aFeed()]);
    events = [];
    mode = 'progress';
    stored = 0;
    delivery = createDelivery({ store, clock, emit: (event) => events.push(event) });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const feed = (maxEvents = 2) => ({
    name: 'default',
    limits: { maxEvents, maxBytes: 1e6 },
    acknowledge: mode,
    initialLookbackMs: 24 * HOUR,
    maxLookbackMs: 168 * HOUR,
  });
  const put = async (count: number) => {
    const records = Array.from({ length: count }, (_, index) => anAlert({ alertId: `da-${stored + index + 1}` }));
    stored += count;
    await store.append(aBatch({ records }));
  };
  const seqs = ({ page }: Answer) =>
    (JSON.parse(page.body.toString()) as { FeedSeq: number }[]).map(({ FeedSeq }) => FeedSeq);
  const stampOf = ({ attempt }: Answer) => attempt?.stampMs ?? 0;
  /** One poll half a minute later; its try ends as given. */
  const poll = async (
    since: string | number | undefined,
    outcome: TryOutcome = 'sent',
    socketStampMs: number | null = null,
  ) => {
    clock.step(30_000);
    const text = typeof since === 'number' ? new Date(since).toISOString() : since;
    const answer = await delivery.poll({
      connector: 'arcsight-01',
      feed: feed(),
      since: parseSince(text),
      socketStampMs,
    });
    if (answer.attempt && outcome !== 'open')
      await delivery.outcome('arcsight-01', feed(), answer.attempt.stampMs, outcome);
    return answer;
  };
  /** The connector's own clock, which is not ours to the millisecond. */
  const wall = () => clock.now() + 7;

  it('drains a backlog page by page, oldest first, when the time moves', async () => {
    await put(5);
    expect(seqs(await poll(wall()))).toEqual([1, 2]);
    expect(seqs(await poll(wall()))).toEqual([3, 4]);
    expect(seqs(await poll(wall()))).toEqual([5]);
    expect(seqs(await poll(wall()))).toEqual([]);
  });

  it('answers an empty array without moving when nothing is pending', async () => {
    const answer = await poll(wall());
    expect(answer).toMatchObject({ attempt: null, page: { events: 0 } });
    await put(1);
    expect(seqs(await poll(wall()))).toEqual([1]);
  });

  it('sends a page again, under a new stamp and half as large, after a broken try', async () => {
    await put(2);
    const first = await poll(wall(), 'broken');
    const second = await poll(wall(), 'broken');
    expect([seqs(first), seqs(second)]).toEqual([[1, 2], [1]]);
    expect(stampOf(second)).toBeGreaterThanOrEqual(stampOf(first) + 1000);
    expect(seqs(await poll(wall()))).toEqual([1]);
    expect(seqs(await poll(wall()))).toEqual([2]);
  });

  it('does not count a try that is still being sent', async () => {
    await put(2);
    await poll(wall(), 'open');
    expect(seqs(await poll(wall()))).toEqual([1, 2]);
  });

  it('takes a broken try as delivered once its stamp is confirmed', async () => {
    await put(3);
    const first = await poll(wall(), 'broken');
    expect(seqs(await poll(stampOf(first)))).toEqual([3]);
    expect(events.find(({ name }) => name === 'pageAcknowledged')).toMatchObject({ by: 'confirmed', to: 2 });
  });

  it('takes no clock in whole seconds for the confirmation of a broken try', async () => {
    await put(3);
    const first = await poll(wall(), 'broken');
    const clockOfThatPoll = `${new Date(stampOf(first)).toISOString().slice(0, 19)}Z`;
    expect(seqs(await poll(clockOfThatPoll))).toEqual([1]);
    const clean = await poll(wall(), 'sent');
    expect(seqs(clean)).toEqual([2, 3]);
    const confirmed = `${new Date(stampOf(clean)).toISOString().slice(0, 19)}Z`;
    expect(seqs(await poll(confirmed))).toEqual([]);
  });

  it('takes the same time again as delivered only after two clean tries', async () => {
    await put(3);
    const frozen = '2026-01-01T00:00:00Z';
    expect(seqs(await poll(frozen))).toEqual([1, 2]);
    expect(seqs(await poll(frozen))).toEqual([1, 2]);
    expect(seqs(await poll(frozen))).toEqual([3]);
  });

  it('counts nothing but a confirmation once three pages in a row were confirmed', async () => {
    await put(10);
    let last = await poll(wall());
    for (let page = 0; page < 3; page += 1) last = await poll(stampOf(last));
    expect(seqs(last)).toEqual([7, 8]);
    const before = stampOf(await poll(stampOf(last)));
    expect(seqs(await poll(stampOf(last)))).toEqual([9, 10]);
    expect(seqs(await poll(stampOf(last)))).toEqual([9, 10]);
    expect(seqs(await poll(before))).toEqual([]);
  });

  it('ends the following after two other times in a row: it was a clock that looked alike', async () => {
    await put(12);
    let last = await poll(wall());
    for (let page = 0; page < 3; page += 1) last = await poll(stampOf(last));
    expect(seqs(last)).toEqual([7, 8]);
    expect(seqs(await poll(wall()))).toEqual([7, 8]);
    expect(seqs(await poll(wall()))).toEqual([9, 10]);
    expect(seqs(await poll(wall()))).toEqual([11, 12]);
  });

  it('gives every page a stamp at least a second after the one before, even when the clock steps back', async () => {
    await put(6);
    const first = stampOf(await poll(wall()));
    clock.step(-HOUR);
    const second = stampOf(await poll(wall()));
    clock.step(-29_999);
    const third = stampOf(await poll(wall()));
    expect([second - first, third - second]).toEqual([1000, 1000]);
  });

  it('starts a first contact at its time, at initialLookback, and not before maxLookback', async () => {
    await put(1);
    clock.step(48 * HOUR);
    await put(1);
    const at = (connector: string, since: string | undefined) =>
      delivery.poll({ connector, feed: feed(), since: parseSince(since), socketStampMs: null }).then(seqs);
    expect(await at('no-time', undefined)).toEqual([2]);
    expect(await at('future', '2030-01-01T00:00:00Z')).toEqual([2]);
    expect(await at('old', '2025-12-31T00:00:00Z')).toEqual([1, 2]);
    clock.step(150 * HOUR);
    expect(await at('too-old', '2025-12-31T00:00:00Z')).toEqual([2]);
  });

  it('never rewinds for a time in the past', async () => {
    await put(3);
    await poll(wall());
    await poll(wall());
    expect(seqs(await poll('2025-12-31T00:00:00Z'))).toEqual([]);
  });

  it('acknowledges by response on a further request of the same socket, or its orderly end', async () => {
    mode = 'response';
    await put(5);
    const first = await poll(wall());
    expect(seqs(await poll(wall()))).toEqual([1, 2]);
    expect(seqs(await poll(wall(), 'sent', stampOf(first)))).toEqual([3, 4]);
    expect(seqs(await poll(wall(), 'closed'))).toEqual([3, 4]);
    expect(seqs(await poll(wall()))).toEqual([5]);
  });

  it('falls back to the response where the URL carries no time', async () => {
    await put(3);
    expect(seqs(await poll(undefined, 'broken'))).toEqual([1, 2]);
    expect(seqs(await poll(undefined, 'closed'))).toEqual([1]);
    expect(seqs(await poll(undefined, 'closed'))).toEqual([2, 3]);
  });

  it('keeps two connectors on one feed apart', async () => {
    await put(3);
    const other = () =>
      delivery.poll({ connector: 'arcsight-02', feed: feed(), since: parseSince(undefined), socketStampMs: null });
    await poll(wall());
    expect(seqs(await other())).toEqual([1, 2]);
    expect(seqs(await poll(wall()))).toEqual([3]);
  });

  it('peeks without moving a position, FeedTime being StoredMs', async () => {
    await put(2);
    const page = await delivery.peek(feed(), parseSince(undefined));
    const read = JSON.parse(page.body.toString()) as { FeedTime: number; StoredMs: number }[];
    expect(read.map(({ FeedTime, StoredMs }) => FeedTime - StoredMs)).toEqual([0, 0]);
    expect(await store.positions()).toEqual([]);
  });
});
