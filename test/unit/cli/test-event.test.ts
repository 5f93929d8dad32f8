import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Position } from '../../../src/domain/position.ts';
import { aPosition } from '../../contract/detection-store.ts';
import { createErrandRig, type ErrandRig } from './errand-rig.ts';

let rig: ErrandRig;
let served: Awaited<ReturnType<ErrandRig['serve']>> | null = null;
beforeEach(async () => {
  rig = createErrandRig();
  await rig.store(1);
});
afterEach(async () => {
  await served?.stop();
  served = null;
  rig.remove();
});

const serve = async () => {
  served = await rig.serve();
};
const testEvent = (...args: readonly string[]) => rig.command('test-event', '--feed', 'default', ...args);
const save = (position: Partial<Position>) => rig.withStore((store) => store.savePosition(aPosition(position)));
/** Both connectors, as polls that have taken everything left them. */
const taken = (position: Partial<Position> = {}) =>
  Promise.all(
    ['arcsight-01', 'arcsight-02'].map((connector) =>
      save({ connector, acknowledged: 99, lastPollMs: Date.now() + 60_000, ...position }),
    ),
  );

describe('flexbridge test-event', () => {
  it('is done once every connector of the feed has acknowledged, and says how sure that is', async () => {
    await serve();
    await taken({ confirmedRun: 3 });
    const { code, out, err } = await testEvent();
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('stored as FeedSeq 2 of the feed default');
    for (const connector of ['arcsight-01', 'arcsight-02'])
      expect(out).toContain(`${connector}: Acknowledged: its time repeated the stamp of the page`);
    expect(out).toContain('bridge:test');
  });

  it('names the link that is broken, for each connector that did not acknowledge in time', async () => {
    await serve();
    await taken();
    await save({ connector: 'arcsight-01', revision: 2, acknowledged: 1, lastPollMs: Date.now() - 3_600_000 });
    const { code, out } = await testEvent('--timeout', '1s');
    expect(code).toBe(1);
    expect(out).toContain('arcsight-01 has not acknowledged it: It has not asked since');
    expect(out).toContain('-> Check that the connector runs');
    expect(out).not.toContain('arcsight-02 has not');
    expect(out).toContain('The event stays in the feed');
  });

  it('goes to one connector where that is asked, and answers a program', async () => {
    await serve();
    await taken();
    const { code, out } = await testEvent('--connector', 'arcsight-02', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      feed: 'default',
      seq: 2,
      connectors: [{ connector: 'arcsight-02', state: 'acknowledged' }],
    });
    const [command] = await rig.withStore((store) => store.commands(1));
    expect(command?.args).toEqual({ feed: 'default', connector: 'arcsight-02' });
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['no server', [], ['SERVE_NOT_RUNNING', 'flexbridge serve']],
    ['an unknown connector', ['--connector', 'x'], ['CONNECTOR_UNKNOWN', 'arcsight-01']],
    ['a time to wait that is none', ['--timeout', 'soon'], ['TEST_TIMEOUT', '5m']],
  ])('says what to do about %s, and asks for nothing', async (_what, args, parts) => {
    const { code, err } = await testEvent(...args);
    expect(code).toBe(1);
    for (const part of [...parts, '->']) expect(err).toContain(part);
    expect(await rig.withStore((store) => store.commands(1))).toEqual([]);
  });

  it('says that nobody reads the feed', async () => {
    const { code, err } = await rig.command('test-event', '--feed', 'quiet');
    expect([code, err.includes('nobody would get a test event')]).toEqual([1, true]);
  });
});
