import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.ts';
import { createPositionKeeper } from '../../../src/feed/position-keeper.ts';
import type { DetectionStore } from '../../../src/store/detection-store.ts';
import { aPosition } from '../../contract/detection-store.ts';
import { createDeliveryRig, type DeliveryRig, HOUR, MINUTE, SECOND, seqsOf, stampOf } from './delivery-rig.ts';

const full = () =>
  new BridgeError({ code: 'STORE_FULL', kind: 'operator', message: 'no space is left', hint: 'make some' });

describe('positions while the store cannot be written', () => {
  let rig: DeliveryRig;
  let isFull: boolean;
  let writes: number;
  /** How long a write takes to fail. */
  let stallMs: number;

  beforeEach(async () => {
    isFull = false;
    writes = 0;
    stallMs = 0;
    rig = await createDeliveryRig((store): DetectionStore => {
      const attempt = <Result>(work: () => Promise<Result>): Promise<Result> => {
        writes += 1;
        if (!isFull) return work();
        rig.clock.step(stallMs);
        return Promise.reject(full());
      };
      return {
        ...store,
        savePosition: (position, from) => attempt(() => store.savePosition(position, from)),
        addAudit: (line) => attempt(() => store.addAudit(line)),
      };
    });
    await rig.put(20);
  });
  afterEach(() => rig.close());

  const poll: DeliveryRig['poll'] = (since, options) => rig.poll(since, options);
  const seqs = async (...args: Parameters<DeliveryRig['poll']>) => seqsOf(await rig.poll(...args));
  const named = (name: string) => rig.events.filter((event) => event.name === name);
  const stored = () => rig.store.position('arcsight-01', 'default');

  it('are kept in memory: delivery goes on, and says so once', async () => {
    expect(await seqs(rig.wall())).toEqual([1, 2]);
    isFull = true;
    expect(await seqs(rig.wall())).toEqual([3, 4]);
    expect(await seqs(rig.wall(), { outcome: 'broken' })).toEqual([5, 6]);
    expect(await seqs(rig.wall())).toEqual([5]);
    expect(await stored()).toMatchObject({ acknowledged: 0 });
    expect(rig.positions.kept()).toMatchObject([{ acknowledged: 4, page: { from: 5, to: 5 } }]);
    expect(named('positionsKept')).toMatchObject([{ error: { code: 'STORE_FULL' } }]);
  });

  it('are written by the next poll once that is possible, and the memory is let go', async () => {
    await poll(rig.wall());
    isFull = true;
    for (let turn = 0; turn < 3; turn += 1) await poll(rig.wall());
    isFull = false;
    expect(await seqs(rig.wall())).toEqual([9, 10]);
    expect(rig.positions.kept()).toEqual([]);
    expect(await stored()).toMatchObject({ acknowledged: 8, page: { from: 9, to: 10 } });
    expect(named('positionsSaved')).toEqual([{ name: 'positionsSaved', positions: 1 }]);
    isFull = true;
    await poll(rig.wall());
    expect(named('positionsKept')).toHaveLength(2);
  });

  it('are written for one connector by the poll of another', async () => {
    isFull = true;
    await poll(rig.wall());
    isFull = false;
    await poll(rig.wall(), { connector: 'arcsight-02' });
    expect(await stored()).toMatchObject({ page: { from: 1, to: 2 } });
  });

  it('are not tried more often than every two seconds, and less often where a try takes long', async () => {
    isFull = true;
    await poll(rig.wall());
    const count = async (polls: number, stepMs: number) => {
      const before = writes;
      for (let turn = 0; turn < polls; turn += 1) await poll(rig.wall(), { stepMs, outcome: 'open' });
      return writes - before;
    };
    expect(await count(15, 100)).toBe(0);
    expect(await count(20, 500)).toBe(5);
    stallMs = 5 * SECOND;
    expect(await count(1, 2 * SECOND)).toBe(1);
    expect(await count(14, SECOND)).toBe(0);
    expect(await count(2, SECOND)).toBe(1);
  });

  it('keep the rules: a lost race in memory is a lost race', async () => {
    isFull = true;
    await poll(rig.wall());
    const now = await rig.position();
    expect(await rig.positions.save({ ...now, revision: now.revision + 1 })).toBe(true);
    expect(await rig.positions.save({ ...now, revision: now.revision + 1 })).toBe(false);
  });

  it('keep stamps a second apart, and give none twice, in memory and after it', async () => {
    const stamps: number[] = [];
    for (const full of [false, true, true, false, false]) {
      isFull = full;
      stamps.push(stampOf(await poll(rig.wall(), { stepMs: 3 * SECOND })));
      rig.clock.step(-3 * SECOND);
    }
    const apart = stamps.slice(1).map((stamp, at) => stamp - (stamps[at] ?? 0));
    expect(Math.min(...apart)).toBe(SECOND);
    expect(await rig.store.lastStamp('arcsight-01')).toBe(stamps.at(-1));
  });

  it('give two pages of one connector on two feeds different stamps, even at the same moment', async () => {
    const reserved = await Promise.all(
      Array.from({ length: 4 }, () => rig.positions.reserveStamp('arcsight-01', 5000)),
    );
    expect(new Set(reserved.map(({ stampMs }) => stampMs)).size).toBe(4);
  });

  it('go back to the one that has acknowledged less where somebody else has changed the row meanwhile', async () => {
    await poll(rig.wall());
    isFull = true;
    for (let turn = 0; turn < 3; turn += 1) await poll(rig.wall());
    const found = await stored();
    if (found === null) throw new Error('no row');
    const real = (await rig.another()).store;
    const cutOver = { upTo: 2, updatedBeforeMs: 5 };
    await real.savePosition({ ...found, revision: found.revision + 1, acknowledged: 1, page: null, cutOver });
    await real.close();
    isFull = false;
    await rig.positions.flush();
    const merged = await stored();
    expect(merged).toMatchObject({ acknowledged: 1, page: null, cutOver });
    expect(merged?.lastStampMs).toBeGreaterThan(found.lastStampMs);
    expect(await seqs(rig.wall())).toEqual([2, 3]);
  });

  it('stay ahead of a row that has acknowledged more: repeats, never gaps', async () => {
    await poll(rig.wall());
    isFull = true;
    await poll(rig.wall());
    const found = await stored();
    if (found === null) throw new Error('no row');
    const real = (await rig.another()).store;
    await real.savePosition({ ...found, revision: found.revision + 1, acknowledged: 9, page: null });
    await real.close();
    isFull = false;
    expect(await seqs(rig.wall())).toEqual([5, 6]);
  });

  it('are lost with the process, which costs repeats and nothing else', async () => {
    await poll(rig.wall());
    isFull = true;
    for (let turn = 0; turn < 3; turn += 1) await poll(rig.wall());
    const next = await rig.another();
    await next.store.breakUnprovenTries();
    expect(seqsOf(await next.poll(rig.wall()))).toEqual([1]);
    await next.close();
  });

  it('keep the line of the audit trail, too, and fail no poll for it', async () => {
    for (let turn = 0; turn < 5; turn += 1) await poll(rig.wall(), { outcome: 'broken' });
    await poll(rig.wall(), { outcome: 'broken', stepMs: 10 * MINUTE });
    isFull = true;
    expect(await seqs(rig.wall())).toEqual([2, 3]);
    expect(await rig.store.audit(5)).toEqual([]);
    isFull = false;
    await poll(rig.wall());
    expect(await rig.store.audit(5)).toMatchObject([{ action: 'passed-over', details: { seq: 1 } }]);
  });

  it('let any other failure of the store through', async () => {
    const broken = { ...rig.store, savePosition: () => Promise.reject(new Error('a bug')) };
    const keeper = createPositionKeeper({ store: broken, clock: rig.clock, emit: () => undefined });
    await expect(keeper.save(aPosition())).rejects.toThrow('a bug');
    expect(keeper.kept()).toEqual([]);
  });

  it('are written at the end, when asked to, and quietly stay where that is not possible', async () => {
    isFull = true;
    await poll(rig.wall());
    await rig.positions.flush();
    expect(rig.positions.kept()).toHaveLength(1);
    isFull = false;
    await rig.positions.flush();
    expect(await stored()).toMatchObject({ page: { from: 1 } });
    expect(await seqs(rig.wall(), { stepMs: HOUR })).toEqual([3, 4]);
  });
});
