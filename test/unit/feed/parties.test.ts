import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainAddress } from '../../../src/feed/parties.ts';
import {
  createDeliveryRig,
  type DeliveryRig,
  HOUR,
  inSeconds,
  MINUTE,
  SECOND,
  seqsOf,
  stampOf,
} from './delivery-rig.ts';

const HERE = { address: '10.0.0.1' };
const THERE = { address: '10.0.0.2' };

describe('two parties on one login', () => {
  let rig: DeliveryRig;

  beforeEach(async () => {
    rig = await createDeliveryRig();
    await rig.put(100);
  });
  afterEach(() => rig.close());

  const poll: DeliveryRig['poll'] = (since, options) => rig.poll(since, options);
  const parties = async () => (await rig.position()).parties;
  const told = () => rig.events.filter(({ name }) => name === 'twoParties');
  /** Both poll by their clocks. */
  const takeTurns = async (times: number) => {
    for (let turn = 0; turn < times; turn += 1) {
      await poll(rig.wall(), HERE);
      await poll(rig.wall(), THERE);
    }
  };

  it('are named, once, when their addresses take turns', async () => {
    await takeTurns(4);
    expect(await parties()).toMatchObject({ addresses: ['10.0.0.1', '10.0.0.2'], lastMs: rig.clock.now() });
    expect(told()).toEqual([
      { name: 'twoParties', feed: 'default', connector: 'arcsight-01', addresses: ['10.0.0.1', '10.0.0.2'] },
    ]);
  });

  it('get repeats: neither a time that moves nor one that stands still acknowledges', async () => {
    await takeTurns(2);
    const { acknowledged } = await rig.position();
    await takeTurns(3);
    for (let turn = 0; turn < 4; turn += 1) await poll('2026-01-01T00:00:00Z', turn % 2 === 0 ? HERE : THERE);
    expect((await rig.position()).acknowledged).toBe(acknowledged);
  });

  it('nor does the end of a connection', async () => {
    await poll(undefined, HERE);
    await poll(undefined, THERE);
    await poll(undefined, HERE);
    const first = await poll(undefined, { ...THERE, outcome: 'closed' });
    const again = await poll(undefined, { ...THERE, socketStampMs: stampOf(first) });
    expect(seqsOf(again)).toEqual(seqsOf(first));
  });

  it('nor a clock in whole seconds that hits the stamp of the other', async () => {
    await takeTurns(2);
    const { acknowledged } = await rig.position();
    for (let turn = 0; turn < 3; turn += 1) {
      const last = await poll(rig.wall(), HERE);
      await poll(inSeconds(stampOf(last)), THERE);
    }
    expect((await rig.position()).acknowledged).toBe(acknowledged);
  });

  it('have a page taken by its stamp all the same', async () => {
    await takeTurns(2);
    const last = await poll(rig.wall(), HERE);
    const next = await poll(stampOf(last), THERE);
    expect(seqsOf(next)[0]).toBe((seqsOf(last)[0] ?? 0) + 2);
  });

  it('have no event passed over, and none soon after they part', async () => {
    await takeTurns(1);
    for (let turn = 0; turn < 12; turn += 1)
      await poll(rig.wall(), { ...(turn % 2 === 0 ? HERE : THERE), stepMs: 4 * MINUTE, outcome: 'broken' });
    expect((await rig.position()).page?.alone).toBe(false);
    for (let turn = 0; turn < 16; turn += 1) await poll(rig.wall(), { ...HERE, stepMs: MINUTE, outcome: 'broken' });
    expect(await rig.position()).toMatchObject({ parties: null, passedOver: null, page: { alone: false } });
  });

  it('are seen in times of an older line between those of a newer one, from one address', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      await poll(rig.wall());
      await poll(rig.wall() - HOUR);
    }
    expect(await parties()).toMatchObject({ addresses: ['10.0.0.1'] });
  });

  it.each([
    ['one change of address', [HERE, HERE, HERE, THERE, THERE, THERE, THERE]],
    ['two changes to new addresses', [HERE, THERE, { address: '10.0.0.3' }, { address: '10.0.0.3' }]],
    [
      'an address written as IPv4 and as IPv6',
      [HERE, { address: '::ffff:10.0.0.1' }, HERE, { address: '::FFFF:10.0.0.1' }, HERE],
    ],
  ])('are not seen in %s', async (_, addresses) => {
    for (const caller of addresses) await poll(rig.wall(), caller);
    expect(await parties()).toBeNull();
  });

  it('are not seen where an address comes back after hours', async () => {
    await poll(rig.wall(), HERE);
    await poll(rig.wall(), { ...THERE, stepMs: 2 * HOUR });
    await poll(rig.wall(), HERE);
    expect(await parties()).toBeNull();
  });

  it('are not seen in a clock that steps back, once or again and again', async () => {
    let off = 0;
    for (let turn = 0; turn < 24; turn += 1) {
      if (turn % 4 === 3) off -= 90 * SECOND;
      await poll(rig.wall() + off);
    }
    expect(told()).toEqual([]);
  });

  it('are not seen in a clock that was set back and put right again', async () => {
    for (let turn = 0; turn < 9; turn += 1) await poll(rig.wall() - (turn > 2 && turn < 6 ? HOUR : 0));
    expect(told()).toEqual([]);
  });

  it('are not seen in a date of the events that goes up and down', async () => {
    for (const minutes of [30, 20, 10, 35, 15, 40, 5, 45, 25, 50, 12])
      await poll(Date.parse('2026-01-01T10:00:00Z') + minutes * MINUTE);
    expect(told()).toEqual([]);
  });

  it('are not seen in one connector behind two addresses: it knows what the other was told', async () => {
    let last = await poll(rig.wall(), HERE);
    for (let turn = 0; turn < 6; turn += 1) last = await poll(stampOf(last), turn % 2 === 0 ? THERE : HERE);
    let success = rig.clock.now();
    for (let turn = 0; turn < 6; turn += 1) {
      await poll(success, turn % 2 === 0 ? THERE : HERE);
      success = rig.clock.now() - 3;
    }
    expect(told()).toEqual([]);
  });

  it('are over after a quarter of an hour and ten polls without a sign', async () => {
    await takeTurns(3);
    const { page } = await rig.position();
    for (let turn = 0; turn < 14; turn += 1) await poll(rig.wall(), { ...THERE, stepMs: MINUTE });
    expect(await parties()).not.toBeNull();
    for (let turn = 0; turn < 3; turn += 1) await poll(rig.wall(), { ...THERE, stepMs: MINUTE });
    expect(await parties()).toBeNull();
    expect((await rig.position()).acknowledged).toBeGreaterThan(page?.to ?? 0);
  });

  it('last on while there are too few polls to tell', async () => {
    await takeTurns(3);
    for (let turn = 0; turn < 5; turn += 1) await poll(rig.wall(), { ...THERE, stepMs: HOUR / 2 });
    expect(await parties()).not.toBeNull();
  });

  it('stay seen for the quiet time only when the clock of the bridge is set back', async () => {
    await takeTurns(3);
    rig.clock.step(-24 * HOUR);
    for (let turn = 0; turn < 18; turn += 1) await poll(rig.wall() + 24 * HOUR, { ...THERE, stepMs: MINUTE });
    expect(await parties()).toBeNull();
  });
});

describe('an address', () => {
  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['::ffff:c000:201', '::ffff:c000:201'],
  ])('%s is compared as %s', (address, plain) => {
    expect(plainAddress(address)).toBe(plain);
  });
});
