import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSince } from '../../../src/domain/since.ts';
import { createDelivery } from '../../../src/feed/delivery.ts';
import { createDeliveryRig, type DeliveryRig, HOUR, seqsOf, stampOf } from './delivery-rig.ts';

describe('delivery to a connector', () => {
  let rig: DeliveryRig;

  beforeEach(async () => {
    rig = await createDeliveryRig();
  });
  afterEach(() => rig.close());

  const poll: DeliveryRig['poll'] = (since, options) => rig.poll(since, options);
  const seqs = async (...args: Parameters<DeliveryRig['poll']>) => seqsOf(await rig.poll(...args));

  it('drains a backlog page by page, oldest first, when the time moves', async () => {
    await rig.put(5);
    expect(await seqs(rig.wall())).toEqual([1, 2]);
    expect(await seqs(rig.wall())).toEqual([3, 4]);
    expect(await seqs(rig.wall())).toEqual([5]);
    expect(await seqs(rig.wall())).toEqual([]);
  });

  it('answers an empty array without moving when nothing is pending', async () => {
    const answer = await poll(rig.wall());
    expect(answer).toMatchObject({ attempt: null, page: { events: 0 } });
    await rig.put(1);
    expect(await seqs(rig.wall())).toEqual([1]);
  });

  it('sends a page again, under a new stamp and half as large, after a broken try', async () => {
    await rig.put(2);
    const first = await poll(rig.wall(), { outcome: 'broken' });
    const second = await poll(rig.wall(), { outcome: 'broken' });
    expect([seqsOf(first), seqsOf(second)]).toEqual([[1, 2], [1]]);
    expect(stampOf(second)).toBeGreaterThanOrEqual(stampOf(first) + 1000);
    expect(await seqs(rig.wall())).toEqual([1]);
    expect(await seqs(rig.wall())).toEqual([2]);
  });

  it('does not count a try that is still being sent', async () => {
    await rig.put(2);
    await poll(rig.wall(), { outcome: 'open' });
    expect(await seqs(rig.wall())).toEqual([1, 2]);
  });

  it('takes a broken try as delivered once its stamp is confirmed', async () => {
    await rig.put(3);
    const first = await poll(rig.wall(), { outcome: 'broken' });
    expect(await seqs(stampOf(first))).toEqual([3]);
    expect(rig.events.find(({ name }) => name === 'pageAcknowledged')).toMatchObject({
      by: 'confirmed',
      to: 2,
      events: 2,
    });
  });

  it('takes the same time again as delivered only after two clean tries', async () => {
    await rig.put(3);
    const frozen = '2026-01-01T00:00:00Z';
    expect(await seqs(frozen)).toEqual([1, 2]);
    expect(await seqs(frozen)).toEqual([1, 2]);
    expect(await seqs(frozen)).toEqual([3]);
  });

  it('counts nothing but a confirmation once three pages in a row were confirmed', async () => {
    await rig.put(10);
    let last = await poll(rig.wall());
    for (let page = 0; page < 3; page += 1) last = await poll(stampOf(last));
    expect(seqsOf(last)).toEqual([7, 8]);
    const before = stampOf(await poll(stampOf(last)));
    expect(await seqs(stampOf(last))).toEqual([9, 10]);
    expect(await seqs(stampOf(last))).toEqual([9, 10]);
    expect(await seqs(before)).toEqual([]);
  });

  it('takes no response of one that follows the stamp, until a second request in a row carries no time', async () => {
    await rig.put(12);
    let last = await poll(rig.wall());
    for (let page = 0; page < 3; page += 1) last = await poll(stampOf(last));
    const lost = await poll(undefined, { socketStampMs: stampOf(last), outcome: 'closed' });
    expect(seqsOf(lost)).toEqual([7, 8]);
    expect((await rig.position()).acknowledged).toBe(6);
    last = await poll(stampOf(lost));
    expect(seqsOf(last)).toEqual([9, 10]);
    await poll(undefined);
    expect(await seqs(undefined, { outcome: 'closed' })).toEqual([9, 10]);
    expect(await seqs(undefined)).toEqual([11, 12]);
  });

  it('ends the following after two other times in a row: it was a clock that looked alike', async () => {
    await rig.put(12);
    let last = await poll(rig.wall());
    for (let page = 0; page < 3; page += 1) last = await poll(stampOf(last));
    expect(seqsOf(last)).toEqual([7, 8]);
    expect(await seqs(rig.wall())).toEqual([7, 8]);
    expect(await seqs(rig.wall())).toEqual([9, 10]);
    expect(await seqs(rig.wall())).toEqual([11, 12]);
  });

  it('gives every page a stamp at least a second after the one before, even when the clock steps back', async () => {
    await rig.put(6);
    const first = stampOf(await poll(rig.wall()));
    rig.clock.step(-HOUR);
    const second = stampOf(await poll(rig.wall()));
    rig.clock.step(-29_999);
    const third = stampOf(await poll(rig.wall()));
    expect([second - first, third - second]).toEqual([1000, 1000]);
  });

  it('leaves the stamps where they are while nothing is sent', async () => {
    for (let idle = 0; idle < 50; idle += 1) await poll(rig.wall(), { stepMs: 100 });
    await rig.put(1);
    expect(stampOf(await poll(rig.wall(), { stepMs: 100 })) - rig.clock.now()).toBe(1000);
  });

  it('starts a first contact at its time, at initialLookback, and not before maxLookback', async () => {
    await rig.put(1);
    rig.clock.step(48 * HOUR);
    await rig.put(1);
    const at = (connector: string, since: string | undefined) => seqs(since, { connector, stepMs: 0 });
    expect(await at('no-time', undefined)).toEqual([2]);
    expect(await at('future', '2030-01-01T00:00:00Z')).toEqual([2]);
    expect(await at('old', '2025-12-31T00:00:00Z')).toEqual([1, 2]);
    rig.clock.step(150 * HOUR);
    expect(await at('too-old', '2025-12-31T00:00:00Z')).toEqual([2]);
  });

  it('never rewinds for a time in the past', async () => {
    await rig.put(3);
    await poll(rig.wall());
    await poll(rig.wall());
    expect(await seqs('2025-12-31T00:00:00Z')).toEqual([]);
  });

  it('acknowledges by response on a further request of the same socket, or its orderly end', async () => {
    rig.settings = { ...rig.settings, acknowledge: 'response' };
    await rig.put(5);
    const socketStampMs = stampOf(await poll(rig.wall()));
    expect(await seqs(rig.wall())).toEqual([1, 2]);
    expect(await seqs(rig.wall(), { socketStampMs })).toEqual([3, 4]);
    expect(await seqs(rig.wall(), { outcome: 'closed' })).toEqual([3, 4]);
    expect(await seqs(rig.wall())).toEqual([5]);
  });

  it('falls back to the response where the URL carries no time', async () => {
    await rig.put(3);
    expect(await seqs(undefined, { outcome: 'broken' })).toEqual([1, 2]);
    expect(await seqs(undefined, { outcome: 'closed' })).toEqual([1]);
    expect(await seqs(undefined, { outcome: 'closed' })).toEqual([2, 3]);
  });

  it('keeps two connectors on one feed apart, whatever becomes of their tries', async () => {
    await rig.put(4);
    const other = 'arcsight-02';
    const mine = await poll(rig.wall());
    expect(await seqs(undefined, { connector: other, outcome: 'broken' })).toEqual([1, 2]);
    expect(await seqs(stampOf(mine), { connector: other })).toEqual([1]);
    expect(await seqs(rig.wall())).toEqual([3, 4]);
    expect(await rig.position(other)).toMatchObject({ acknowledged: 0, page: { from: 1, sent: 2 } });
    expect((await rig.position()).page).toMatchObject({ from: 3, sent: 1 });
  });

  it('peeks without moving a position, FeedTime being StoredMs', async () => {
    await rig.put(2);
    await rig.change(1);
    const delivery = createDelivery({ store: rig.store, clock: rig.clock, emit: () => undefined });
    const read = async (updates: boolean) => {
      const { body } = await delivery.peek(
        { ...rig.settings, limits: { maxEvents: 9, maxBytes: 1e6 } },
        parseSince(undefined),
        updates,
      );
      return JSON.parse(body.toString()) as { FeedTime: number; StoredMs: number }[];
    };
    expect((await read(true)).map(({ FeedTime, StoredMs }) => FeedTime - StoredMs)).toEqual([0, 0, 0]);
    expect(await read(false)).toHaveLength(2);
    expect(await rig.store.positions()).toEqual([]);
  });

  describe('over events that are not for this connector', () => {
    it('halves a page by its events, not by their numbers', async () => {
      rig.settings = { ...rig.settings, limits: { maxEvents: 4, maxBytes: 1e6 } };
      await rig.put(1);
      for (let notice = 0; notice < 5; notice += 1) await rig.noticeFor('arcsight-02');
      await rig.put(3);
      expect(await seqs(rig.wall(), { outcome: 'broken' })).toEqual([1, 7, 8, 9]);
      expect(await seqs(rig.wall(), { outcome: 'broken' })).toEqual([1, 7]);
      expect(await seqs(rig.wall(), { outcome: 'broken' })).toEqual([1]);
      expect(await seqs(rig.wall())).toEqual([1]);
      expect(await seqs(rig.wall())).toEqual([7, 8, 9]);
    });

    it('moves over them without a try when there is nothing else', async () => {
      await rig.noticeFor('arcsight-02');
      await rig.noticeFor('arcsight-02');
      expect(await seqs(rig.wall())).toEqual([]);
      expect(await rig.position()).toMatchObject({ acknowledged: 2, page: null, lastDeliveredMs: null });
      expect(await seqs(rig.wall(), { connector: 'arcsight-02' })).toEqual([1, 2]);
    });

    it('passes over updates under the old address, with one position for both', async () => {
      await rig.put(1);
      await rig.change(1);
      await rig.put(1);
      expect(await seqs(rig.wall(), { updates: false })).toEqual([1, 3]);
      expect(await seqs(rig.wall())).toEqual([]);
      await rig.change(2);
      expect(await seqs(rig.wall(), { updates: false })).toEqual([]);
      expect(await seqs(rig.wall())).toEqual([]);
    });

    it('goes on to the next page when nothing of the pending one is left for this address', async () => {
      await rig.put(1);
      await poll(rig.wall());
      await rig.change(1);
      expect(await seqs(rig.wall(), { outcome: 'broken' })).toEqual([2]);
      await rig.put(1);
      expect(await seqs(rig.wall(), { updates: false })).toEqual([3]);
      expect(await rig.position()).toMatchObject({ acknowledged: 2, page: { from: 3, sent: 1 } });
    });
  });

  it('lets a request lower the number of events, and never raise it', async () => {
    await rig.put(4);
    expect(await seqs(rig.wall(), { maxEvents: 1 })).toEqual([1]);
    expect(await seqs(rig.wall(), { maxEvents: 100 })).toEqual([2, 3]);
  });

  it('keeps the size of a page that was halved until it is acknowledged, then is full again', async () => {
    rig.settings = { ...rig.settings, limits: { maxEvents: 4, maxBytes: 1e6 } };
    await rig.put(8);
    const since = rig.wall();
    await poll(since, { outcome: 'broken' });
    expect(await seqs(since)).toEqual([1, 2]);
    expect(await seqs(since)).toEqual([1, 2]);
    expect(await seqs(rig.wall())).toEqual([3, 4, 5, 6]);
  });
});
