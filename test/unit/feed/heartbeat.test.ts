import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Errands } from '../../../src/feed/errands.ts';
import { aPosition } from '../../contract/detection-store.ts';
import { readAfter } from '../../support/read-after.ts';
import { createErrandsRig, type ErrandsRig, START_MS } from './errands-rig.ts';

const MINUTE = 60_000;
const PERIOD = 5 * MINUTE;
const FEEDS = [{ name: 'default', heartbeatMs: PERIOD }];

let rig: ErrandsRig;
beforeEach(async () => {
  rig = await createErrandsRig();
});
afterEach(() => rig.close());

/** Lets time pass a minute at a time. */
const pass = async (errands: Errands, minutes: number): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    rig.clock.step(MINUTE);
    await errands.turn();
  }
};
const beats = async () => (await rig.kinds()).length;
/** A connector that takes everything. */
const takeAll = async (): Promise<void> => {
  const position = await rig.store.position('arcsight-01', 'default');
  const { lastSeq: acknowledged } = await rig.store.feedStats('default');
  await rig.store.savePosition(aPosition({ revision: (position?.revision ?? 0) + 1, acknowledged }));
};

describe('the heartbeat of a feed', () => {
  it('comes at the start and then every so often', async () => {
    const errands = rig.errands({ feeds: FEEDS });
    await errands.turn();
    expect(await rig.kinds()).toEqual(['heartbeat']);
    await takeAll();
    await pass(errands, 4);
    expect(await beats()).toBe(1);
    await pass(errands, 1);
    expect(await beats()).toBe(2);
    await takeAll();
    await pass(errands, 5);
    expect(await beats()).toBe(3);
    expect(rig.events.map((event) => event.name)).toEqual(['noticeStored', 'noticeStored', 'noticeStored']);
  });

  it('says in the event when the next one is due', async () => {
    await rig.errands({ feeds: FEEDS }).turn();
    const stamp = { kind: 'stored' } as const;
    const page = await readAfter(rig.store, 'default', 0, { maxEvents: 1, maxBytes: 1e6 }, stamp);
    expect(page.body.toString()).toContain('The next heartbeat is due in 5 min.');
  });

  it('does not pile up while nobody takes it, and is there at once when somebody has', async () => {
    const errands = rig.errands({ feeds: FEEDS });
    await errands.turn();
    await pass(errands, 48 * 60);
    expect(await beats()).toBe(1);
    await takeAll();
    await pass(errands, 1);
    expect(await beats()).toBe(2);
  });

  it('goes on for those who take it, although another connector does not', async () => {
    await rig.store.savePosition(aPosition({ connector: 'arcsight-02' }));
    const errands = rig.errands({ feeds: FEEDS });
    await errands.turn();
    await takeAll();
    await pass(errands, 5);
    expect(await beats()).toBe(2);
  });

  it('is not doubled by a restart, nor put off by it', async () => {
    await rig.errands({ feeds: FEEDS }).turn();
    await takeAll();
    rig.clock.step(3 * MINUTE);
    const successor = rig.errands({ feeds: FEEDS });
    await successor.turn();
    expect(await beats()).toBe(1);
    await pass(successor, 2);
    expect(await beats()).toBe(2);
  });

  it('is not silenced by a wall clock that is set back, under way or before a restart', async () => {
    const errands = rig.errands({ feeds: FEEDS });
    await errands.turn();
    await takeAll();
    rig.clock.step(START_MS - rig.clock.now() - 24 * 60 * MINUTE);
    await pass(errands, 5);
    expect(await beats()).toBe(2);
    await takeAll();
    const successor = rig.errands({ feeds: FEEDS });
    await pass(successor, 6);
    expect(await beats()).toBe(3);
  });

  it('is absent where none is configured', async () => {
    const errands = rig.errands();
    await errands.turn();
    await pass(errands, 60);
    expect(await beats()).toBe(0);
  });
});
