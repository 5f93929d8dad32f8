import { afterEach, describe, expect, it, vi } from 'vitest';
import { faultLine, letFail, readFaultNames } from '../../../src/cli/demo-faults.ts';
import { FAULTS } from '../../../src/simulator/faults/fault-table.ts';
import { ALERTS, type Rig, startRig } from '../simulator/simulator-client.ts';

describe('the option --faults of the demo', () => {
  let rig: Rig | undefined;
  afterEach(async () => {
    await rig?.simulator.stop();
    rig = undefined;
  });

  it('takes names with commas between them, or all but what only keeps the bridge waiting', () => {
    expect(readFaultNames('throttled, gzip')).toEqual(['throttled', 'gzip']);
    const all = readFaultNames(true);
    expect(FAULTS.map(({ name }) => name).filter((name) => !all.includes(name))).toEqual(['hang']);
  });

  it('names what there is when a name is wrong', () => {
    expect(() => readFaultNames('fire')).toThrow(
      expect.objectContaining({
        code: 'DEMO_FAULT',
        message: 'there is no fault named "fire"',
        hint: expect.stringContaining('throttled, throttled-date') as string,
      }),
    );
  });

  it('lets about a fifth of the requests go wrong, in the named ways only, and says each', async () => {
    const lines: string[] = [];
    rig = await startRig({ onFault: (event) => lines.push(faultLine(event)) });
    letFail(rig.simulator, readFaultNames('throttled,bad-gateway'), null);
    const headers = { authorization: 'Bearer none' };
    const failed: number[] = [];
    for (let n = 0; n < 150; n += 1) {
      const { status } = await rig.ask(ALERTS, { headers });
      if (status !== 401) failed.push(status);
    }
    expect(new Set(failed)).toEqual(new Set([429, 502]));
    expect(failed.length).toBeGreaterThan(12);
    expect(failed.length).toBeLessThan(55);
    expect(lines).toHaveLength(failed.length);
    expect(lines).toContain('fault at graph: bad-gateway (502 with an HTML page of a gateway)');
  });

  it('lets everything go well again after the time that was given', async () => {
    rig = await startRig();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    letFail(rig.simulator, readFaultNames(true), 30_000);
    vi.advanceTimersByTime(30_000);
    vi.useRealTimers();
    const statuses = new Set<number>();
    for (let n = 0; n < 40; n += 1) statuses.add((await rig.ask(ALERTS)).status);
    expect(statuses).toEqual(new Set([401]));
  });
});
