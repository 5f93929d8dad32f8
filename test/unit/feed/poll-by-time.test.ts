import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveryRig, type DeliveryRig, HOUR, inSeconds, seqsOf } from './delivery-rig.ts';

describe('a feed that keeps no position (acknowledge: none)', () => {
  let rig: DeliveryRig;

  beforeEach(async () => {
    rig = await createDeliveryRig();
    rig.settings = { ...rig.settings, acknowledge: 'none' };
  });
  afterEach(() => rig.close());

  const poll: DeliveryRig['poll'] = (since, options) => rig.poll(since, options);
  const seqs = async (...args: Parameters<DeliveryRig['poll']>) => seqsOf(await rig.poll(...args));
  /** Stores one event in each of so many milliseconds, and gives their times. */
  const putApart = async (count: number, apartMs = 1) => {
    const times: number[] = [];
    for (let event = 0; event < count; event += 1) {
      rig.clock.step(apartMs);
      await rig.put(1);
      times.push(rig.clock.now());
    }
    return times;
  };

  it('gives what was stored after the time in the request, and the same again for the same time', async () => {
    const [first] = await putApart(3);
    expect(await seqs(first)).toEqual([2, 3]);
    expect(await seqs(first)).toEqual([2, 3]);
    const { body } = (await poll(first)).page;
    const events = JSON.parse(body.toString()) as { FeedTime: number; StoredMs: number }[];
    expect(events.map(({ FeedTime, StoredMs }) => FeedTime - StoredMs)).toEqual([0, 0]);
  });

  it('holds back what is not older than two seconds', async () => {
    await rig.put(1);
    const before = rig.clock.now() - 1;
    expect(await seqs(before, { stepMs: 2000 })).toEqual([]);
    expect(await seqs(before, { stepMs: 1 })).toEqual([1]);
  });

  it('delivers everything to a connector that sends the newest FeedTime back', async () => {
    const [first = 0] = await putApart(7);
    let since = first - 1;
    const seen: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const answer = await poll(since);
      seen.push(...seqsOf(answer));
      const times = JSON.parse(answer.page.body.toString()) as { FeedTime: number }[];
      since = times.at(-1)?.FeedTime ?? since;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('loses nothing to whole seconds: what lies in the second comes again', async () => {
    const [first = 0] = await putApart(5, 400);
    expect(await seqs(inSeconds(first))).toEqual([1, 2]);
    expect(await seqs(inSeconds(first + 800))).toEqual([2, 3, 4, 5]);
  });

  it('goes initialLookback back where the request carries no time, and no less far for an old one', async () => {
    await rig.put(1);
    rig.clock.step(400 * HOUR);
    await rig.put(1);
    expect(await seqs(undefined)).toEqual([2]);
    expect(await seqs('2020-01-01T00:00:00Z')).toEqual([1, 2]);
  });

  it('shows that the connector polls, and what its time proves', async () => {
    const [first, second] = await putApart(3);
    await poll(first);
    expect(await rig.position()).toMatchObject({ acknowledged: 1, page: null, lastPollMs: rig.clock.now() });
    await poll(second);
    expect(await rig.position()).toMatchObject({ acknowledged: 2, lastDeliveredMs: rig.clock.now() });
    await poll(first);
    expect((await rig.position()).acknowledged).toBe(2);
    expect((await rig.position()).recent).toHaveLength(3);
  });

  it('takes a time in the future for no more than what it could have been sent', async () => {
    await putApart(2);
    expect(await seqs('2030-01-01T00:00:00Z', { stepMs: 1000 })).toEqual([]);
    expect((await rig.position()).acknowledged).toBe(0);
  });

  it('keeps no try, and minds no outcome', async () => {
    const [first] = await putApart(2);
    expect((await poll(first)).attempt).toBeNull();
    expect(rig.events.filter(({ name }) => name === 'pageSent')).toMatchObject([{ events: 1, from: 2, to: 2 }]);
  });

  it('lets go of the page that was pending when the feed kept a position, and takes it up where it stands', async () => {
    await putApart(4);
    rig.settings = { ...rig.settings, acknowledge: 'progress' };
    await poll(rig.wall());
    await poll(rig.wall());
    rig.settings = { ...rig.settings, acknowledge: 'none' };
    await poll(undefined);
    expect(await rig.position()).toMatchObject({ acknowledged: 2, page: null });
    rig.settings = { ...rig.settings, acknowledge: 'progress' };
    expect(await seqs(rig.wall())).toEqual([3, 4]);
  });
});
