import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDelivery, type Delivery } from '../../../src/feed/delivery.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { createDeliveryRig, type DeliveryRig, HOUR, SECOND, seqsOf, stampOf } from './delivery-rig.ts';

/** As a connector behind a balancer meets them: any of two processes may answer the next poll. */
describe('two deliveries on one file', () => {
  let one: DeliveryRig;
  let two: DeliveryRig;

  beforeEach(async () => {
    one = await createDeliveryRig();
    two = await one.another();
    await one.put(12);
  });
  afterEach(async () => {
    await two.close();
    await one.close();
  });

  const deliveryOf = ({ store, clock }: DeliveryRig): Delivery =>
    createDelivery({ store, clock, emit: () => undefined });

  it('take turns at a connector as if they were one', async () => {
    const seen: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) seen.push(...seqsOf(await (turn % 2 === 0 ? one : two).poll(one.wall())));
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('know each other’s stamps: what one has sent, the other takes as confirmed', async () => {
    const first = await one.poll(one.wall(), { outcome: 'broken' });
    const second = await two.poll(stampOf(first), { stepMs: 10 });
    expect(seqsOf(second)).toEqual([3, 4]);
    expect(stampOf(second) - stampOf(first)).toBe(SECOND);
  });

  it('count one poll after the other when both are asked at once, and no event is skipped', async () => {
    const [first, second] = await Promise.all([
      deliveryOf(one).poll(one.request('2026-01-01T12:00:00Z')),
      deliveryOf(two).poll(two.request('2026-01-01T12:00:01Z')),
    ]);
    expect([seqsOf(first), seqsOf(second)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(stampOf(first)).not.toBe(stampOf(second));
    expect(await one.position()).toMatchObject({ revision: 2, acknowledged: 0, page: { sent: 2 } });
  });

  it('do not lose an outcome to a poll that comes at the same time', async () => {
    const { attempt } = await one.poll(one.wall(), { outcome: 'open' });
    const stampMs = attempt?.stampMs ?? 0;
    await Promise.all([
      deliveryOf(one).outcome('arcsight-01', one.settings, stampMs, 'broken'),
      deliveryOf(two).poll(two.request('2026-01-01T12:09:00Z')),
    ]);
    const { page } = await one.position();
    expect(page?.tries.map(({ outcome }) => outcome)).toEqual(['broken', 'open']);
    expect((await one.position()).acknowledged).toBe(0);
  });

  it('note an outcome again when a poll was faster', async () => {
    const { attempt } = await one.poll(one.wall(), { outcome: 'open' });
    let isFirst = true;
    const store: DetectionStore = {
      ...one.store,
      async savePosition(position, from) {
        if (isFirst) await two.poll('2026-01-01T12:09:00Z', { outcome: 'open' });
        isFirst = false;
        return one.store.savePosition(position, from);
      },
    };
    await deliveryOf({ ...one, store }).outcome('arcsight-01', one.settings, attempt?.stampMs ?? 0, 'broken');
    const { page } = await one.position();
    expect(page?.tries.map(({ outcome }) => outcome)).toEqual(['broken', 'open']);
  });

  it('say so when a position changes faster than it can be followed', async () => {
    const store = { ...one.store, savePosition: () => Promise.resolve(false) };
    const delivery = createDelivery({ store, clock: one.clock, emit: () => undefined });
    await expect(delivery.poll(one.request(undefined))).rejects.toMatchObject({ code: 'POSITION_CONTENDED' });
  });

  it('never disturb one connector for another, nor one feed', async () => {
    const polls = ['arcsight-01', 'arcsight-02', 'arcsight-03'].flatMap((connector) => [
      deliveryOf(one).poll(one.request('2026-01-01T12:00:00Z', { connector })),
      deliveryOf(two).poll({ ...two.request(undefined, { connector }), feed: { ...two.settings, name: 'default' } }),
    ]);
    await Promise.all(polls);
    for (const connector of ['arcsight-01', 'arcsight-02', 'arcsight-03'])
      expect(await one.position(connector)).toMatchObject({ revision: 2, acknowledged: 0, page: { from: 1, sent: 2 } });
  });

  it('pass over one event once', async () => {
    for (let turn = 0; turn < 5; turn += 1) await one.poll(one.wall(), { outcome: 'broken' });
    await one.poll(one.wall(), { outcome: 'broken', stepMs: HOUR });
    await Promise.all([
      deliveryOf(one).poll(one.request('2026-01-01T14:00:00Z')),
      deliveryOf(two).poll(two.request('2026-01-01T14:00:01Z')),
    ]);
    expect(await one.position()).toMatchObject({ acknowledged: 1, passedOver: { events: 1 } });
    expect(await one.store.audit(5)).toHaveLength(1);
  });
});
