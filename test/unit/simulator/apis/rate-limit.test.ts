import { afterEach, expect, it } from 'vitest';
import { createRateLimiter, PUBLISHED_LIMITS } from '../../../../src/simulator/apis/rate-limit.ts';
import { steppedClock } from '../../../support/clock.ts';
import { ALERTS, OTHER_TENANT, OWN_ALERTS, type Rig, startRig, TENANT } from '../simulator-client.ts';

let rig: Rig;
afterEach(() => rig.simulator.stop());

/** Answers of so many requests, by status. */
async function ask(
  api: 'graph' | 'defender' | 'siem',
  count: number,
  tenantId = TENANT,
): Promise<Record<number, number>> {
  const headers = { authorization: `Bearer ${await rig.token(tenantId, api)}` };
  const target = { graph: `${ALERTS}?$top=1`, defender: `${OWN_ALERTS}?$top=1`, siem: `${OWN_ALERTS}?ago=PT1M` }[api];
  const counts: Record<number, number> = {};
  for (let n = 0; n < count; n += 1) {
    const { status } = await rig.ask(target, { headers });
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

it('holds each tenant to the published limits a minute, when it is told to', async () => {
  rig = await startRig({ rateLimits: true });
  expect(await ask('graph', 152)).toEqual({ 200: 150, 429: 2 });
  expect(await ask('defender', 101)).toEqual({ 200: 100, 429: 1 });
  expect(await ask('graph', 1, OTHER_TENANT)).toEqual({ 200: 1 });
  expect(await ask('siem', 160)).toEqual({ 200: 160 });
  expect(rig.simulator.requests.throttled()).toEqual({ graph: 2, defender: 1, siem: 0 });
});

it('says how long to wait, and answers after that time', async () => {
  rig = await startRig({ rateLimits: true });
  await ask('graph', 150);
  rig.clock.step(20_500);
  const refused = await rig.graph(ALERTS);
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '40']);
  rig.clock.step(40_000);
  expect((await rig.graph(ALERTS)).status).toBe(200);
});

it('holds Defender for Endpoint to 1,500 in any hour', () => {
  const clock = steppedClock('2026-11-20T08:00:00Z');
  const limiter = createRateLimiter(clock, PUBLISHED_LIMITS);
  const waits: (number | null)[] = [];
  for (let n = 0; n < 1500; n += 1) {
    waits.push(limiter.take('defender', TENANT));
    clock.step(1000);
  }
  expect(new Set(waits)).toEqual(new Set([null]));
  // The first of them was 1500 s ago.
  expect(limiter.take('defender', TENANT)).toBe(2_100_000);
  clock.step(2_099_999);
  expect(limiter.take('defender', TENANT)).toBe(1);
  clock.step(1);
  expect(limiter.take('defender', TENANT)).toBeNull();
});

it('refuses nobody otherwise', async () => {
  rig = await startRig();
  expect(await ask('defender', 110)).toEqual({ 200: 110 });
});
