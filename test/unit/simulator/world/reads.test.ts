import { afterEach, describe, expect, it } from 'vitest';
import type { WorldOptions } from '../../../../src/simulator/world/alert-version.ts';
import { createWorld } from '../../../../src/simulator/world.ts';
import {
  ALERTS,
  endpointAlert,
  json,
  OWN_ALERTS,
  type Rig,
  START_MS,
  startRig,
  TENANT,
  value,
} from '../simulator-client.ts';

const HOUR_MS = 3_600_000;
const WORLD: WorldOptions = { startMs: START_MS, backlog: 0, live: 0, livePeriodMs: 10_000 };
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.simulator.stop();
  rig = undefined;
});

async function start(options: Partial<WorldOptions>): Promise<Rig> {
  rig = await startRig({ world: { ...WORLD, ...options } });
  return rig;
}

describe('the options of the simulated world', () => {
  const make = (options: Partial<WorldOptions>) =>
    createWorld({ seed: 5, tenantIds: [TENANT], options: { ...WORLD, backlog: 100, live: 400, ...options } });

  it('make the given share of the versions after the start hours late', () => {
    const late = { share: 0.1, fromMs: HOUR_MS, toMs: 6 * HOUR_MS };
    const lags = make({ late })
      .versions(TENANT)
      .filter(({ alert }) => Date.parse(alert.lastUpdateDateTime) >= START_MS)
      .map(({ alert, visibleAtMs }) => visibleAtMs - Date.parse(alert.lastUpdateDateTime));
    const share = lags.filter((lag) => lag >= HOUR_MS - 1000).length / lags.length;
    expect(share).toBeGreaterThan(0.07);
    expect(share).toBeLessThan(0.2);
    expect(make({ late }).visible(TENANT, START_MS)).toHaveLength(100);
  });

  it('let the severity of some alerts go to another one and back', () => {
    const flips = new Map<string, string[]>();
    for (const { alert } of make({ flips: 1 }).versions(TENANT)) {
      flips.set(alert.id, [...(flips.get(alert.id) ?? []), String(alert.severity)]);
    }
    for (const [first, other, last] of flips.values()) {
      expect([first === other, first === last]).toEqual([false, true]);
    }
    expect(flips.size).toBe(500);
  });

  it('make alerts with more than a hundred items as often as asked', () => {
    const counts = make({ largeEvery: 50 })
      .visible(TENANT, START_MS)
      .map(({ evidence = [] }) => evidence.length);
    expect(counts.filter((count) => count > 100)).toHaveLength(2);
  });
});

describe('what the simulated APIs show of one version', () => {
  it('can come in another order each time, with the same items', async () => {
    const { simulator, graph } = await start({ shuffledEvidence: true });
    simulator.world.put(TENANT, endpointAlert('da1'), START_MS);
    const seen = new Set<string>();
    for (let n = 0; n < 12; n += 1) {
      const items = (value(await graph(ALERTS))[0]?.evidence ?? []).map((item) => JSON.stringify(item));
      expect(items.toSorted()).toEqual(
        (endpointAlert('da1').evidence ?? []).map((item) => JSON.stringify(item)).toSorted(),
      );
      seen.add(items.join());
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  it('can lack hashes at first and have them later, without an update', async () => {
    const { simulator, clock, api } = await start({ enrichedAfterMs: HOUR_MS });
    const young = endpointAlert('da1');
    const evidence = (young.evidence ?? []).map((item) => ({ ...item, createdDateTime: '2026-11-20T08:00:00Z' }));
    simulator.world.put(TENANT, { ...young, evidence }, START_MS);
    const hash = async () => {
      const [record] = json(await api('defender', `${OWN_ALERTS}?$expand=evidence`))['value'] as {
        lastUpdateTime: string;
        evidence: { sha1: unknown; sha256: unknown }[];
      }[];
      return [record?.lastUpdateTime, record?.evidence[1]?.sha1, record?.evidence[1]?.sha256];
    };
    const before = await hash();
    clock.step(HOUR_MS);
    expect([before, await hash()]).toEqual([
      ['2026-11-20T07:00:05.3Z', 'a'.repeat(40), null],
      ['2026-11-20T07:00:05.3Z', 'a'.repeat(40), 'b'.repeat(64)],
    ]);
  });

  it('can be the version before the latest one, now and then', async () => {
    const { simulator, graph } = await start({ staleReads: 0.3 });
    for (const id of ['da1', 'da2', 'da3', 'da4', 'da5', 'da6']) {
      simulator.world.put(TENANT, endpointAlert(id), START_MS - 2);
      simulator.world.put(
        TENANT,
        endpointAlert(id, { status: 'resolved', lastUpdateDateTime: '2026-11-20T07:30:00Z' }),
        START_MS - 1,
      );
    }
    const seen: string[] = [];
    for (let n = 0; n < 10; n += 1) seen.push(...value(await graph(ALERTS)).map(({ status }) => String(status)));
    const stale = seen.filter((status) => status === 'new').length / seen.length;
    expect(seen).toHaveLength(60);
    expect(stale).toBeGreaterThan(0.1);
    expect(stale).toBeLessThan(0.5);
  });
});

describe('the record of what was shown', () => {
  it('holds the versions in good answers, by API, named by their update time as Graph prints it', async () => {
    const { simulator, graph, api } = await start({});
    const version = 'da1 2026-11-20T07:00:05.3266667Z';
    simulator.world.put(TENANT, endpointAlert('da1'), START_MS);
    const served = (name: 'graph' | 'defender' | 'siem') => [...simulator.served(TENANT, name)];
    await graph(`${ALERTS}?$filter=lastUpdateDateTime%20gt%202026-11-20T07:30:00Z`);
    simulator.faults.next(1, 'cut-json');
    await graph(ALERTS);
    expect(served('graph')).toEqual([]);
    await graph(ALERTS);
    expect([served('graph'), served('defender')]).toEqual([[version], []]);
    await api('defender', `${OWN_ALERTS}/da1`);
    expect(served('defender')).toEqual([version]);
    const [detection = {}] = JSON.parse((await api('siem', `${OWN_ALERTS}?ago=PT2H`)).body) as Record<
      string,
      unknown
    >[];
    expect(served('siem')).toHaveLength(2);
    expect(
      served('siem').some((name) => name.startsWith(`${String(detection['FullId'])} 2026-11-20T07:59:59.999`)),
    ).toBe(true);
  });
});
