import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageOf } from '../../../../src/domain/errors.ts';
import type { FaultEvent } from '../../../../src/simulator/faults/fault-panel.ts';
import { FAULTS } from '../../../../src/simulator/faults/fault-table.ts';
import {
  ALERTS,
  type Answer,
  json,
  OTHER_TENANT,
  OWN_ALERTS,
  type Rig,
  send,
  startRig,
  TENANT,
} from '../simulator-client.ts';

let rig: Rig;
let events: FaultEvent[] = [];
beforeEach(async () => {
  events = [];
  rig = await startRig({ onFault: (event) => events.push(event) });
});
afterEach(() => rig.simulator.stop());

async function statuses(
  api: 'graph' | 'defender' | 'siem',
  count: number,
  tenantId = TENANT,
): Promise<readonly number[]> {
  const headers = { authorization: `Bearer ${await rig.token(tenantId, api)}` };
  const target = { graph: ALERTS, defender: OWN_ALERTS, siem: `${OWN_ALERTS}/` }[api];
  const answers: Answer[] = [];
  for (let n = 0; n < count; n += 1) answers.push(await rig.ask(target, { headers }));
  return answers.map(({ status }) => status);
}

describe('the fault panel of the simulator', () => {
  it('names every fault once and describes it', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    expect(FAULTS.filter(({ description, services }) => description.length < 5 || [...services].length === 0)).toEqual(
      [],
    );
  });

  it('queues faults in their order, and leaves the login alone unless it is meant', async () => {
    rig.simulator.faults.next(2, 'unavailable');
    rig.simulator.faults.next(1, 'throttled');
    expect(await statuses('graph', 4)).toEqual([503, 503, 429, 200]);
    expect(rig.simulator.faults.counts()).toMatchObject({ unavailable: 2, throttled: 1, hang: 0 });
    expect(events[0]).toEqual({ name: 'unavailable', service: 'graph', tenantId: TENANT, path: ALERTS });
  });

  it('keeps to the API and the tenant that it was asked for', async () => {
    rig.simulator.faults.next(1, 'unavailable', { api: 'siem' });
    rig.simulator.faults.next(1, 'throttled', { tenantId: OTHER_TENANT });
    expect([await statuses('graph', 1), await statuses('defender', 1)]).toEqual([[200], [200]]);
    expect(await statuses('siem', 2)).toEqual([503, 200]);
    expect(await statuses('graph', 2, OTHER_TENANT)).toEqual([429, 200]);
  });

  it('comes after the answers that a test wrote out itself', async () => {
    rig.simulator.faults.next(1, 'throttled');
    rig.simulator.failNext(1, { status: 500 });
    expect(await statuses('graph', 3)).toEqual([500, 429, 200]);
  });

  it('fails the asked share of the requests, until it is taken back', async () => {
    rig.simulator.faults.probability('unavailable', 0.3, { api: 'graph' });
    const failed = (await statuses('graph', 100)).filter((status) => status === 503).length;
    expect(failed).toBeGreaterThan(15);
    expect(failed).toBeLessThan(45);
    expect(await statuses('defender', 20)).toEqual(Array(20).fill(200));
    rig.simulator.faults.probability('unavailable', 0, { api: 'graph' });
    expect(await statuses('graph', 20)).toEqual(Array(20).fill(200));
  });

  it('draws from everything that applies for any, but for the exceptions', async () => {
    const kept = ['throttled', 'unavailable', 'bad-gateway'] as const;
    const except = FAULTS.map(({ name }) => name).filter((name) => !kept.some((one) => one === name));
    const token = await rig.token();
    rig.simulator.faults.probability('any', 1, { except });
    const seen = new Set<number>();
    for (let n = 0; n < 30; n += 1)
      seen.add((await rig.ask(ALERTS, { headers: { authorization: `Bearer ${token}` } })).status);
    expect([...seen].toSorted()).toEqual([429, 502, 503]);
    expect([429, 502, 503]).toContain((await rig.login()).status);
  });

  it('lets nothing go wrong once it is cleared', async () => {
    rig.simulator.faults.next(5, 'throttled');
    rig.simulator.faults.probability('any', 1, { api: 'graph' });
    rig.simulator.faults.next(1, 'certificate-change');
    rig.simulator.faults.clear();
    expect(await statuses('graph', 5)).toEqual(Array(5).fill(200));
  });

  it('changes the certificate for as many connections as asked, and then back', async () => {
    rig.simulator.faults.next(2, 'certificate-change');
    const met = async () => rig.ask('/').then(() => 'answered', messageOf);
    const seen = [await met(), await met(), await met()];
    expect(seen.slice(0, 2).every((text) => /certificate/.test(text))).toBe(true);
    expect(seen[2]).toBe('answered');
    expect(rig.simulator.faults.counts()['certificate-change']).toBe(2);
  });
});

describe('the control endpoint of the simulator', () => {
  const post = (url: string, body: unknown, type = 'application/json') =>
    send(new URL(url), '', {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('lists the faults with their counts, and takes them for the next requests, by chance and for a record', async () => {
    const { url } = await rig.simulator.startControl();
    expect((await post(url, { name: 'throttled', count: 1, api: 'graph', tenantId: TENANT })).status).toBe(200);
    expect(await statuses('graph', 2)).toEqual([429, 200]);
    await post(url, { name: 'any', probability: 1, api: 'siem' });
    const answer = json(await post(url, { clear: true }));
    expect(await statuses('siem', 1)).toEqual([200]);
    expect((answer['faults'] as unknown[]).length).toBe(FAULTS.length);
    expect(json(await send(new URL(url), ''))).toMatchObject({ counts: { throttled: 1 } });
    expect((await post(url, { name: 'poison-record-500', tenantId: TENANT, alertId: 'da1' })).status).toBe(200);
  });

  it.each([
    ['no JSON', 'x', 400],
    ['an unknown fault', { name: 'fire' }, 400],
    ['an unknown API', { name: 'throttled', api: 'mail' }, 400],
    ['a count that is none', { name: 'throttled', count: 0.5 }, 400],
    ['a chance above one', { name: 'any', probability: 2 }, 400],
    ['any without a chance', { name: 'any', count: 1 }, 400],
    ['a record for what is no poison', { name: 'throttled', tenantId: TENANT, alertId: 'da1' }, 400],
  ])('refuses %s', async (_name, body, status) => {
    const { url } = await rig.simulator.startControl();
    const answer = await post(url, body);
    expect([answer.status, typeof json(answer)['error']]).toEqual([status, 'string']);
  });

  it('refuses what a web page could send unasked', async () => {
    const { url } = await rig.simulator.startControl();
    expect((await post(url, { clear: true }, 'text/plain')).status).toBe(415);
  });
});
