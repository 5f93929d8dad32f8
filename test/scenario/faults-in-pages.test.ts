import { afterEach, describe, expect, it } from 'vitest';
import type { SourceName } from '../../src/domain/detection.ts';
import { instantToMs } from '../../src/domain/instant.ts';
import type { FaultName } from '../../src/simulator/faults/fault-table.ts';
import type { Api } from '../../src/simulator/service.ts';
import { scheduleAlerts } from '../../src/simulator/world/world-schedule.ts';
import { CONTOSO, type CollectionRig, createCollectionRig } from '../support/collection-rig.ts';
import { MINUTE_MS, RETRY_AFTER_MS } from './fault-rig.ts';

const { name: TENANT, tenantId: TENANT_ID } = CONTOSO;
const SOURCES: Readonly<Record<Api, SourceName>> = {
  graph: 'graph-alerts',
  defender: 'defender-alerts',
  siem: 'siem-detections',
};
/** More than two pages of the usual size, each. */
const ALERTS: Readonly<Record<Api, number>> = { graph: 500, defender: 1200, siem: 1200 };

let rig: CollectionRig | null = null;
afterEach(async () => {
  await rig?.close();
  rig = null;
});

/** A source that has caught up, and then so many alerts within a few minutes that one answer does not hold them. */
async function crowded(api: Api): Promise<CollectionRig> {
  const tenants = [{ ...CONTOSO, apis: [SOURCES[api]] }];
  const made = await createCollectionRig({ tenants, world: {}, isVolatile: true });
  rig = made;
  await made.tick();
  const [like] = scheduleAlerts(1, TENANT_ID, { startMs: made.clock.now(), backlog: 40, live: 0, livePeriodMs: 1 })
    .map(({ alert }) => alert)
    .filter(({ id, serviceSource }) => id.startsWith('da') && serviceSource === 'microsoftDefenderForEndpoint');
  if (like === undefined) throw new Error('no alert of Defender for Endpoint');
  for (let number = 0; number < ALERTS[api]; number += 1) {
    const atMs = made.clock.now() + number * 400;
    const id = `da00000000-0000-4000-8000-${String(number).padStart(12, '0')}_1`;
    const lastUpdateDateTime = new Date(atMs).toISOString();
    made.simulator.world.put(TENANT_ID, { ...like, id, lastUpdateDateTime, evidence: [] }, atMs + 500);
  }
  made.clock.step(9 * MINUTE_MS);
  made.simulator.requests.clear();
  return made;
}

function inject({ simulator }: CollectionRig, place: number, fault: FaultName, api: Api, count = 1): void {
  // What is only odd, and queues up before it, keeps its place.
  if (place > 1) simulator.faults.next(place - 1, 'byte-order-mark', { api });
  simulator.faults.next(count, fault, { api });
}

async function storedIds(of: CollectionRig): Promise<readonly string[]> {
  return (await of.feed()).map((event) => String(event['AlertId'])).toSorted();
}

async function allIds({ simulator, clock }: CollectionRig): Promise<readonly string[]> {
  await Promise.resolve();
  return simulator.world
    .visible(TENANT_ID, clock.now())
    .map(({ id }) => id)
    .toSorted();
}

async function statusOf({ store }: CollectionRig) {
  const [status] = await store.statuses();
  if (status === undefined) throw new Error('never polled');
  return status;
}

/** Nothing before the place that was reached may be missing. */
async function expectNothingPassedOver(of: CollectionRig, source: SourceName): Promise<void> {
  const { watermark, window } = await of.store.checkpoint({ tenantId: TENANT_ID, source });
  const reached = window?.progress ?? watermark;
  if (reached === null) throw new Error('no checkpoint');
  const stored = new Set(await storedIds(of));
  const passed = of.simulator.world
    .visible(TENANT_ID, of.clock.now())
    .filter(({ lastUpdateDateTime }) => Date.parse(lastUpdateDateTime) < instantToMs(reached));
  expect(passed.filter(({ id }) => !stored.has(id))).toEqual([]);
}

async function recovers(of: CollectionRig): Promise<void> {
  const { nextTryMs } = await statusOf(of);
  of.clock.step((nextTryMs ?? 0) - of.clock.now());
  await of.tick();
  expect((await statusOf(of)).lastError).toBeNull();
  // Whole, and nothing twice: what was stored before the failure is read again.
  expect(await storedIds(of)).toEqual(await allIds(of));
}

const BROKEN: readonly (readonly [FaultName, string])[] = [
  ['partial-206', 'UPSTREAM_PARTIAL'],
  ['reset-mid-body', 'NETWORK_CUT'],
  ['cut-json', 'UPSTREAM_BAD_JSON'],
  ['no-list', 'UPSTREAM_BAD_ENVELOPE'],
  ['server-error', 'UPSTREAM_FAILED'],
];

describe.each(['graph', 'defender', 'siem'] as const)('in the middle of a window of %s', (api) => {
  it.each(BROKEN)('nothing that was not read is passed over by %s', async (fault, code) => {
    const made = await crowded(api);
    const { watermark } = await made.store.checkpoint({ tenantId: TENANT_ID, source: SOURCES[api] });
    // The exporter gives a window in one answer; what breaks off after its first part is the same thing.
    inject(made, api === 'siem' ? 1 : 3, fault, api);
    await made.tick();
    expect((await statusOf(made)).lastError?.code).toBe(code);
    expect(await storedIds(made)).not.toEqual(await allIds(made));
    expect((await made.store.checkpoint({ tenantId: TENANT_ID, source: SOURCES[api] })).watermark).toBe(watermark);
    await expectNothingPassedOver(made, SOURCES[api]);
    await recovers(made);
  });
});

describe('in the middle of a window of graph', () => {
  it('a page loop keeps what came before it, and nothing is passed over', async () => {
    const made = await crowded('graph');
    inject(made, 2, 'next-link-loop', 'graph', 1000);
    await made.tick();
    // Page by page by time, whatever the links say, to the last one: that one has nowhere else to go.
    expect((await statusOf(made)).lastError?.code).toBe('UPSTREAM_PAGE_LOOP');
    expect(await storedIds(made)).toEqual(await allIds(made));
    await expectNothingPassedOver(made, 'graph-alerts');
    made.simulator.faults.clear();
    await recovers(made);
  });
});

describe.each(['graph', 'defender'] as const)('a token that is refused in the middle of a window of %s', (api) => {
  it('is replaced at once, and the same page is asked for again', async () => {
    const made = await crowded(api);
    inject(made, 2, 'unauthorized', api);
    await made.tick();
    expect(made.simulator.requests.login).toBe(1);
    expect((await statusOf(made)).lastError).toBeNull();
    expect(await storedIds(made)).toEqual(await allIds(made));
  });

  it('and whose successor is refused too is a matter for a person, and what was read before stays', async () => {
    const made = await crowded(api);
    inject(made, api === 'graph' ? 3 : 5, 'unauthorized', api, 2);
    await made.tick();
    expect((await statusOf(made)).lastError).toMatchObject({ code: 'UPSTREAM_UNAUTHORIZED', kind: 'operator' });
    expect((await made.findings()).find(({ id }) => id === 'source.poll')).toMatchObject({ state: 'failed' });
    expect(await storedIds(made)).not.toEqual([]);
    await expectNothingPassedOver(made, SOURCES[api]);
    await recovers(made);
  });
});

describe('a host that asks to slow down', () => {
  it('gets no request of any API of that tenant, while the other tenants go on', async () => {
    const apis = ['graph-alerts', 'defender-alerts'] as const;
    const other = { name: 'fabrikam', tenantId: '22222222-2222-4333-8444-555555555555', apis };
    const made = await createCollectionRig({
      tenants: [{ ...CONTOSO, apis }, other],
      world: { backlog: 6, live: 4, livePeriodMs: MINUTE_MS },
      simulator: { faultTimes: { retryAfterSeconds: RETRY_AFTER_MS / 1000 } },
    });
    rig = made;
    await made.tick();
    made.clock.step(5 * MINUTE_MS);
    const { simulator } = made;
    const turn = async (tenant: string, source: SourceName) => {
      simulator.requests.clear();
      const found = made.sources.find(({ ref }) => ref.tenant === tenant && ref.source === source);
      await found?.collector.tick(new AbortController().signal);
      const { graph, defender, login } = simulator.requests;
      return { graph, defender, login };
    };
    simulator.faults.next(1, 'throttled', { api: 'graph', tenantId: TENANT_ID });
    expect(await turn(TENANT, 'graph-alerts')).toEqual({ graph: 1, defender: 0, login: 0 });
    expect(await turn(TENANT, 'defender-alerts')).toEqual({ graph: 0, defender: 0, login: 0 });
    expect(await turn('fabrikam', 'graph-alerts')).toMatchObject({ graph: 1 });
    expect(await turn('fabrikam', 'defender-alerts')).toMatchObject({ defender: 1 });
    const troubled = (await made.findings()).filter(({ state }) => state !== 'ok').map(({ subject }) => subject);
    expect(troubled.toSorted()).toEqual([`${TENANT}/defender-alerts`, `${TENANT}/graph-alerts`]);

    made.clock.step(RETRY_AFTER_MS + MINUTE_MS);
    await made.tick();
    expect((await made.findings()).filter(({ state }) => state !== 'ok')).toEqual([]);
    const of = (name: string) => (seen: readonly Readonly<Record<string, unknown>>[]) =>
      new Set(seen.filter((event) => event['TenantName'] === name).map((event) => event['AlertId'])).size;
    const events = await made.feed();
    expect(of(TENANT)(events)).toBe(simulator.world.visible(TENANT_ID, made.clock.now()).length);
  });
});

describe('the very first request', () => {
  it.each([
    ['server-error', 'UPSTREAM_FAILED', 'warning', 'ok'],
    ['throttled', 'UPSTREAM_THROTTLED', 'warning', 'ok'],
    ['html-200', 'UPSTREAM_NOT_JSON', 'warning', 'ok'],
    ['partial-206', 'UPSTREAM_PARTIAL', 'warning', 'ok'],
    ['reset-before-headers', 'NETWORK_FAILED', 'warning', 'warning'],
    ['forbidden-role', 'UPSTREAM_FORBIDDEN', 'failed', 'ok'],
    ['not-found', 'UPSTREAM_NOT_FOUND', 'failed', 'ok'],
    ['redirect', 'UPSTREAM_REDIRECT', 'failed', 'ok'],
  ] as const)('may fail (%s): the backlog is read all the same, however late', async (fault, code, state, token) => {
    const made = await createCollectionRig({ world: { backlog: 10 }, source: 'initialLookback: 26h, slice: 24h' });
    rig = made;
    made.simulator.faults.probability(fault, 1, { api: 'graph' });
    for (let turn = 0; turn < 20; turn += 1) {
      await made.tick();
      made.clock.step(5 * MINUTE_MS);
    }
    const rows = await made.findings();
    expect(rows.find(({ id }) => id === 'source.poll')).toMatchObject({ state });
    expect(rows.find(({ id }) => id === 'token')).toMatchObject({ state: token });
    expect((await statusOf(made)).lastError?.code).toBe(code);
    made.simulator.faults.clear();
    made.clock.step(10 * MINUTE_MS);
    await made.tick();
    expect(new Set(await storedIds(made))).toEqual(new Set(await allIds(made)));
    expect((await made.findings()).filter(({ state: of }) => of !== 'ok')).toEqual([]);
  });
});
