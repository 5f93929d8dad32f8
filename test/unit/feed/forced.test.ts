import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createDeliveryRig,
  type DeliveryRig,
  HOUR,
  MINUTE,
  type PollOptions,
  seqsOf,
  stampOf,
} from './delivery-rig.ts';

describe('a page that is never acknowledged (forced)', () => {
  let rig: DeliveryRig;

  beforeEach(async () => {
    rig = await createDeliveryRig();
    rig.settings = { ...rig.settings, limits: { maxEvents: 4, maxBytes: 1e6 } };
  });
  afterEach(() => rig.close());

  const poll: DeliveryRig['poll'] = (since, options) => rig.poll(since, options);
  const seqs = async (...args: Parameters<DeliveryRig['poll']>) => seqsOf(await rig.poll(...args));
  const named = (name: string) => rig.events.filter((event) => event.name === name);
  /** Five tries over ten minutes that all break off, and the one in which the first event goes alone. */
  const breakDown = async (options: PollOptions = {}) => {
    for (let turn = 0; turn < 5; turn += 1) await poll(rig.wall(), { ...options, outcome: 'broken' });
    return poll(rig.wall(), { outcome: 'broken', ...options, stepMs: 10 * MINUTE });
  };
  /** A connector that follows the stamp, and the stamp that it has sent last. */
  const follower = async () => {
    let last = await poll(rig.wall());
    for (let page = 0; page < 3; page += 1) last = await poll(stampOf(last));
    await poll(stampOf(last));
    return stampOf(last);
  };

  it('is tried with its first event alone, then passes over it and goes on in full', async () => {
    await rig.put(6);
    expect(seqsOf(await breakDown())).toEqual([1]);
    expect((await rig.position()).page).toMatchObject({ alone: true, sent: 6 });
    expect(await seqs(rig.wall())).toEqual([2, 3, 4, 5]);
    expect(await rig.position()).toMatchObject({
      acknowledged: 1,
      page: { alone: false, sent: 1, firstTryMs: rig.clock.now() },
      passedOver: { events: 1, lastSeq: 1, lastMs: rig.clock.now() },
    });
  });

  it('says which event was passed over, in the log and in the audit trail', async () => {
    await rig.put(2);
    await breakDown();
    await poll(rig.wall());
    const names = { feed: 'default', connector: 'arcsight-01', seq: 1, tries: 6 };
    expect(named('eventPassedOver')).toEqual([{ name: 'eventPassedOver', ...names }]);
    expect(await rig.store.audit(5)).toMatchObject([{ who: 'flexbridge', action: 'passed-over', details: names }]);
  });

  it('passes over nothing when the event alone is acknowledged', async () => {
    await rig.put(6);
    const alone = await breakDown({ outcome: 'sent' });
    expect(seqsOf(alone)).toEqual([1]);
    expect(await seqs(stampOf(alone))).toEqual([2, 3]);
    expect(await rig.position()).toMatchObject({ acknowledged: 1, passedOver: null });
  });

  it('closes in on the event at fault: pages grow again after one that was taken alone', async () => {
    rig.settings = { ...rig.settings, limits: { maxEvents: 8, maxBytes: 1e6 } };
    await rig.put(40);
    await breakDown({ outcome: 'sent' });
    const sizes: number[] = [];
    for (let page = 0; page < 5; page += 1) sizes.push((await poll(rig.wall())).page.events);
    expect(sizes).toEqual([2, 4, 8, 8, 8]);
    expect((await rig.position()).pace).toBeNull();
  });

  it.each([
    ['four tries', 4, 20 * MINUTE],
    ['less than ten minutes', 8, 9 * MINUTE],
  ])('waits: %s are not enough', async (_, tries, overMs) => {
    await rig.put(4);
    for (let turn = 0; turn < tries; turn += 1)
      await poll(rig.wall(), { outcome: 'broken', stepMs: turn === 0 ? 0 : overMs / tries });
    expect((await rig.position()).page?.alone).toBe(false);
    expect(named('eventPassedOver')).toEqual([]);
  });

  it('loses nothing of a connector that is only away', async () => {
    await rig.put(4);
    const last = await poll(rig.wall());
    expect(await seqs(stampOf(last), { stepMs: 300 * HOUR, outcome: 'open' })).toEqual([]);
    expect((await rig.position()).acknowledged).toBe(4);
    await rig.put(2);
    await poll(rig.wall(), { outcome: 'broken' });
    expect(await seqs(rig.wall(), { stepMs: 300 * HOUR })).toEqual([5]);
    expect(await seqs(rig.wall())).toEqual([6]);
    expect(named('eventPassedOver')).toEqual([]);
  });

  it('gets one that follows the stamp past an event that it cannot digest', async () => {
    await rig.put(30);
    const stamp = await follower();
    const { acknowledged } = await rig.position();
    for (let turn = 1; turn < 5; turn += 1) expect((await poll(stamp)).page.events).toBe(4);
    expect(await seqs(stamp, { stepMs: 10 * MINUTE })).toEqual([acknowledged + 1]);
    const next = await poll(stamp);
    expect(seqsOf(next)[0]).toBe(acknowledged + 2);
    expect(await rig.position()).toMatchObject({ confirmedRun: 4, passedOver: { lastSeq: acknowledged + 1 } });
  });

  it('takes the confirmation of an earlier, larger try of that page for the whole of it', async () => {
    await rig.put(4);
    const large = await poll(rig.wall(), { outcome: 'broken' });
    await breakDown();
    expect(await seqs(stampOf(large))).toEqual([]);
    expect(await rig.position()).toMatchObject({ acknowledged: 4, passedOver: null });
  });

  it('gives up the fourth event in a row only after an hour: the fault is hardly theirs', async () => {
    rig.settings = { ...rig.settings, limits: { maxEvents: 1, maxBytes: 1e6 } };
    await rig.put(9);
    for (let event = 0; event < 3; event += 1) await breakDown();
    await breakDown();
    expect((await rig.position()).passedOver?.events).toBe(3);
    expect((await rig.position()).page?.alone).toBe(false);
    await poll(rig.wall(), { outcome: 'broken', stepMs: 50 * MINUTE });
    await poll(rig.wall());
    expect((await rig.position()).passedOver).toMatchObject({ events: 4, lastSeq: 4 });
    await poll(rig.wall());
    expect((await rig.position()).passedInARow).toBe(0);
  });

  it('begins the ten minutes anew when the clock of the bridge is set back', async () => {
    await rig.put(4);
    await poll(rig.wall(), { outcome: 'broken' });
    rig.clock.step(-24 * HOUR);
    for (let turn = 0; turn < 5; turn += 1) await poll(rig.wall(), { outcome: 'broken' });
    expect((await rig.position()).page?.alone).toBe(false);
    await poll(rig.wall(), { outcome: 'broken', stepMs: 10 * MINUTE });
    expect((await rig.position()).page?.alone).toBe(true);
  });

  it('tries the event alone once more when the process ended before the try did', async () => {
    await rig.put(2);
    await breakDown({ outcome: 'open' });
    await rig.store.breakUnprovenTries();
    expect((await rig.position()).page?.alone).toBe(false);
    expect(await seqs(rig.wall())).toEqual([1]);
    expect((await rig.position()).page?.alone).toBe(true);
    expect(await seqs(rig.wall())).toEqual([2]);
    expect((await rig.position()).passedOver).toBeNull();
  });
});
