import { afterEach, describe, expect, it } from 'vitest';
import type { ServedList } from '../../../src/simulator/served-versions.ts';
import { ALERTS, alert, type Rig, START_MS, startRig, TENANT } from './simulator-client.ts';

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.simulator.stop();
  rig = undefined;
});

async function startWithAlert(): Promise<{ readonly rig: Rig; readonly lists: readonly ServedList[] }> {
  const lists: ServedList[] = [];
  rig = await startRig({ onServed: (list) => lists.push(list) });
  rig.simulator.world.put(TENANT, alert('da1'), START_MS);
  return { rig, lists };
}

describe('who is told of what was shown', () => {
  it('hears of every list in order, with what was asked for', async () => {
    const { rig: started, lists } = await startWithAlert();
    await started.graph(ALERTS);
    await started.graph(`${ALERTS}?$top=1`);
    expect(lists.map(({ api, tenantId, request }) => [api, tenantId, request.query.get('$top')])).toEqual([
      ['graph', TENANT, null],
      ['graph', TENANT, '1'],
    ]);
    expect(lists.map(({ rows }) => rows.map(({ alertId }) => alertId))).toEqual([['da1'], ['da1']]);
  });

  it('hears nothing of an answer that breaks off', async () => {
    const { rig: started, lists } = await startWithAlert();
    started.simulator.faults.next(1, 'partial-206');
    await started.graph(ALERTS);
    started.simulator.faults.next(1, 'cut-json');
    await started.graph(ALERTS);
    expect(lists).toEqual([]);
  });

  it.each(['wrong-content-type', 'next-link-loop', 'foreign-next-link'] as const)(
    'hears that a list with %s need not be taken',
    async (fault) => {
      const { rig: started, lists } = await startWithAlert();
      started.simulator.faults.next(1, fault);
      await started.graph(ALERTS);
      expect(lists.map(({ rows, isReadable }) => [rows.length, isReadable])).toEqual([[1, false]]);
      expect(started.simulator.served(TENANT, 'graph').size).toBe(0);
    },
  );
});
