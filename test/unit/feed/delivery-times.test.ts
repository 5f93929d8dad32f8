import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveryRig, type DeliveryRig, HOUR, inSeconds, MINUTE, seqsOf, stampOf } from './delivery-rig.ts';

describe('what a time proves', () => {
  let rig: DeliveryRig;

  beforeEach(async () => {
    rig = await createDeliveryRig();
  });
  afterEach(() => rig.close());

  const poll: DeliveryRig['poll'] = (since, options) => rig.poll(since, options);
  const seqs = async (...args: Parameters<DeliveryRig['poll']>) => seqsOf(await rig.poll(...args));

  describe('with a time that a clock may have sent', () => {
    it('takes no clock in whole seconds for the confirmation of a try that is not clean', async () => {
      await rig.put(3);
      const broken = await poll(rig.wall(), { outcome: 'broken' });
      expect(await seqs(inSeconds(stampOf(broken)), { outcome: 'open' })).toEqual([1]);
      expect(await seqs(inSeconds(rig.clock.now()))).toEqual([1]);
      expect((await rig.position()).acknowledged).toBe(0);
    });

    it('confirms a broken try in whole seconds where the stamp lies well ahead of the clock', async () => {
      await rig.put(6);
      await poll(rig.wall());
      await poll(rig.wall() + 1, { stepMs: 0 });
      const ahead = await poll(rig.wall() + 2, { stepMs: 0, outcome: 'broken' });
      expect(seqsOf(ahead)).toEqual([5, 6]);
      expect(await seqs(inSeconds(stampOf(ahead)))).toEqual([]);
    });

    it('gives a first stamp that differs from the time in the request at its precision', async () => {
      await rig.put(3);
      const start = inSeconds(rig.clock.now());
      const first = await poll(start, { stepMs: 0 });
      expect(await seqs(inSeconds(stampOf(first)))).toEqual([3]);
      expect(stampOf(first) - rig.clock.now()).toBeLessThan(1000);
    });

    it.each(['broken', 'sent'] as const)(
      'takes a clock in whole seconds for no confirmation of an earlier, larger try that was %s',
      async (outcome) => {
        rig.settings = { ...rig.settings, limits: { maxEvents: 4, maxBytes: 1e6 } };
        await rig.put(12);
        for (let turn = 0; turn < 3; turn += 1) await poll(inSeconds(rig.clock.now()), { stepMs: 400, maxEvents: 1 });
        const since = inSeconds(rig.clock.now() - MINUTE);
        const large = await poll(since, { stepMs: 400, outcome });
        if (outcome === 'sent') await poll(since, { stepMs: 10, outcome: 'broken' });
        const small = await poll(since, { stepMs: stampOf(large) - rig.clock.now() });
        expect([large, small].map((answer) => answer.page.events)).toEqual([4, 2]);
        await poll(inSeconds(rig.clock.now()), { stepMs: 400 });
        expect((await rig.position()).acknowledged).toBe(small.page.to);
      },
    );

    it('takes no time for a confirmation that was already sent when the page was given', async () => {
      await rig.put(3);
      const minute = '2026-01-01T12:00Z';
      expect(await seqs(minute, { stepMs: 10_000 })).toEqual([1, 2]);
      expect(await seqs(minute, { stepMs: 10_000 })).toEqual([1, 2]);
      expect((await rig.position()).acknowledged).toBe(0);
    });

    it('does not take a clock in whole seconds for one that follows the stamp', async () => {
      await rig.put(20);
      let last = rig.clock.now();
      for (let page = 0; page < 8; page += 1) {
        expect(await seqs(inSeconds(last))).toEqual([2 * page + 1, 2 * page + 2]);
        last = rig.clock.now();
      }
      expect((await rig.position()).confirmedRun).toBeLessThan(3);
    });

    it('does not take a clock in whole minutes for one that follows the stamp', async () => {
      await rig.put(20);
      let last = rig.clock.now();
      for (let page = 0; page < 8; page += 1) {
        await poll(`${new Date(last).toISOString().slice(0, 16)}Z`, { stepMs: MINUTE });
        last = rig.clock.now();
      }
      expect(await rig.position()).toMatchObject({ confirmedRun: 2, acknowledged: 14 });
    });

    it('does not take a clock that is ours to the millisecond for one that follows the stamp', async () => {
      await rig.put(20);
      for (let page = 0; page < 8; page += 1) expect(await seqs(rig.clock.now())).toEqual([2 * page + 1, 2 * page + 2]);
      expect((await rig.position()).confirmedRun).toBeLessThan(3);
    });

    it('takes no clock that is ours to the millisecond for the confirmation of a try that was lost', async () => {
      await rig.put(3);
      const last = rig.clock.now();
      await poll(last - MINUTE, { stepMs: 0, outcome: 'broken' });
      expect(await seqs(last)).toEqual([1]);
      expect((await rig.position()).acknowledged).toBe(0);
    });

    it('nor for that of a larger try that a proxy has repeated', async () => {
      await rig.put(3);
      const asked = rig.clock.now();
      const before = asked - MINUTE;
      await poll(before, { stepMs: 0, outcome: 'broken' });
      expect(await seqs(before, { stepMs: 0 })).toEqual([1]);
      expect(await seqs(asked)).toEqual([2, 3]);
    });

    it('sees that a connector follows the stamp in whole seconds', async () => {
      await rig.put(12);
      let last = await poll(rig.wall());
      for (let page = 0; page < 3; page += 1) last = await poll(inSeconds(stampOf(last)));
      expect((await rig.position()).confirmedRun).toBe(3);
      expect(seqsOf(last)).toEqual([7, 8]);
      expect(await seqs(inSeconds(rig.clock.now() - HOUR))).toEqual([7, 8]);
    });

    it('never confirms by a clock that is an hour ahead, nor by one in whole seconds', async () => {
      await rig.put(9);
      for (const text of [(ms: number) => new Date(ms).toISOString(), inSeconds]) {
        for (let turn = 0; turn < 3; turn += 1) {
          await poll(text(rig.wall() + HOUR), { outcome: 'broken' });
          await poll(text(rig.clock.now() + HOUR), { outcome: 'broken' });
        }
      }
      expect(await rig.position()).toMatchObject({ acknowledged: 0, confirmedStampMs: null });
    });

    it('takes a clock that steps back for a time that moved', async () => {
      await rig.put(5);
      await poll(rig.wall());
      expect(await seqs(rig.wall() - HOUR)).toEqual([3, 4]);
      expect(await seqs(rig.wall() - HOUR)).toEqual([5]);
      expect((await rig.position()).parties).toBeNull();
    });

    it('reads stamps in the zone in which the connector writes them, after two of them', async () => {
      await rig.put(9);
      const local = (ms: number) => new Date(ms + 2 * HOUR).toISOString().slice(0, -1);
      await poll(local(rig.wall()), { maxEvents: 1 });
      let last = await poll(local(rig.wall()), { maxEvents: 1 });
      last = await poll(local(stampOf(last)), { outcome: 'broken' });
      expect(seqsOf(last)).toEqual([3, 4]);
      last = await poll(local(stampOf(last)));
      expect(seqsOf(last)).toEqual([3]);
      last = await poll(local(stampOf(last)));
      expect(seqsOf(last)).toEqual([4, 5]);
      last = await poll(local(stampOf(last)), { outcome: 'broken' });
      expect(seqsOf(last)).toEqual([6, 7]);
      expect(await seqs(local(stampOf(last)))).toEqual([8, 9]);
      expect(await rig.position()).toMatchObject({ acknowledged: 7, confirmedRun: 3 });
    });
  });

  describe('to a connector whose time has shown that it moves', () => {
    it('does not take the same time again as delivered when it is that of its last success', async () => {
      await rig.put(9);
      let success = rig.clock.now() - MINUTE;
      for (let page = 0; page < 3; page += 1) {
        await poll(success);
        success = rig.clock.now() - 3;
      }
      for (let crash = 0; crash < 5; crash += 1) expect(await seqs(success)).toEqual([7, 8]);
      expect(await seqs(rig.clock.now() - 3)).toEqual([9]);
    });

    it.each([
      ['moved only once, to the time of the poll before', [0], true],
      ['moved twice in another zone', [2 * HOUR, 2 * HOUR], true],
      ['moved only once, to a date', [-MINUTE], false],
    ])('nor when it has %s', async (_, offs, isHeld) => {
      await rig.put(9);
      const first = rig.clock.now() - MINUTE;
      await poll(first);
      let since = first;
      for (const off of offs) {
        since = rig.clock.now() - 3 + off;
        await poll(since);
      }
      const { acknowledged } = await rig.position();
      for (let crash = 0; crash < 3; crash += 1) await poll(since);
      expect((await rig.position()).acknowledged === acknowledged).toBe(isHeld);
    });

    it('nor when it is the stamp of the page before, in whatever zone', async () => {
      await rig.put(6);
      for (const [connector, aheadMs] of [
        ['arcsight-01', 0],
        ['arcsight-02', -5 * HOUR],
      ] as const) {
        const first = await poll(rig.wall() + aheadMs, { connector });
        for (let crash = 0; crash < 5; crash += 1)
          expect(await seqs(stampOf(first) + aheadMs, { connector })).toEqual([3, 4]);
      }
    });

    it('nor when it is that stamp in whole seconds', async () => {
      await rig.put(6);
      const first = await poll(inSeconds(rig.wall()));
      for (let crash = 0; crash < 5; crash += 1) expect(await seqs(inSeconds(stampOf(first)))).toEqual([3, 4]);
    });

    it('but does so once the time stands still at a date that was never its clock', async () => {
      await rig.put(12);
      let success = rig.clock.now() - MINUTE;
      for (let page = 0; page < 3; page += 1) {
        await poll(success);
        success = rig.clock.now() - 3;
      }
      const date = '2025-12-24T00:00:00Z';
      expect(await seqs(date)).toEqual([7, 8]);
      expect(await seqs(date)).toEqual([7, 8]);
      expect(await seqs(date)).toEqual([9, 10]);
    });
  });
});
