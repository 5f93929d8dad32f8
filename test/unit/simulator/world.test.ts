import { describe, expect, it } from 'vitest';
import { parseInstant } from '../../../src/domain/instant.ts';
import { QUIET_CHANGES } from '../../../src/simulator/world/alert-change.ts';
import type { AlertVersion, WorldOptions } from '../../../src/simulator/world/alert-version.ts';
import type { GraphAlert } from '../../../src/simulator/world/graph-alert.ts';
import { HOSTILE_TITLES } from '../../../src/simulator/world/hostile-text-table.ts';
import { createWorld } from '../../../src/simulator/world.ts';
import { alert, OTHER_TENANT, START_MS, TENANT } from './simulator-client.ts';

const MINUTE_MS = 60_000;
const OPTIONS: WorldOptions = { startMs: START_MS, backlog: 300, live: 100, livePeriodMs: 10_000 };
const world = build();
const versions = world.versions(TENANT);
const firsts = versions.filter(({ change }) => change === 'new');

function build(options: Partial<WorldOptions> = {}, seed = 7) {
  return createWorld({ seed, tenantIds: [TENANT, OTHER_TENANT], options: { ...OPTIONS, ...options } });
}

function lag({ alert: { lastUpdateDateTime }, visibleAtMs }: AlertVersion): number {
  return visibleAtMs - Date.parse(lastUpdateDateTime);
}

function items(alerts: readonly GraphAlert[]) {
  return alerts.flatMap(({ evidence }) => evidence ?? []);
}

/** Each update beside the version before it. */
function updates(): readonly { readonly before: GraphAlert; readonly after: GraphAlert; readonly change: string }[] {
  const latest = new Map<string, GraphAlert>();
  return versions.flatMap(({ alert: after, change }) => {
    const before = latest.get(after.id);
    latest.set(after.id, after);
    return before === undefined ? [] : [{ before, after, change }];
  });
}

function groupBy<T>(list: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, readonly T[]>();
  for (const item of list) groups.set(nameOf(item), [...(groups.get(nameOf(item)) ?? []), item]);
  return groups;
}

describe('the simulated world', () => {
  it('is the same for the same seed and start, and another one otherwise', () => {
    expect(build().versions(TENANT)).toEqual(versions);
    expect(build({}, 8).versions(TENANT)).not.toEqual(versions);
    expect(build({ startMs: START_MS + 1 }).versions(TENANT)).not.toEqual(versions);
  });

  it('gives each tenant alerts of its own', () => {
    const ids = new Set(versions.map((version) => version.alert.id));
    expect(world.versions(OTHER_TENANT).some((version) => ids.has(version.alert.id))).toBe(false);
    expect(versions.every((version) => version.alert['tenantId'] === TENANT)).toBe(true);
  });

  it('shows exactly the backlog at the start and all alerts in the end', () => {
    expect(world.visible(TENANT, START_MS)).toHaveLength(OPTIONS.backlog);
    expect(world.visible(TENANT, Number.MAX_SAFE_INTEGER)).toHaveLength(OPTIONS.backlog + OPTIONS.live);
    expect(world.visible('nobody', START_MS)).toEqual([]);
  });

  it('spreads the backlog over the day before, and only late records come up in its last two minutes', () => {
    const backlog = firsts.filter(({ visibleAtMs }) => visibleAtMs <= START_MS);
    const times = backlog.map((version) => Date.parse(version.alert.lastUpdateDateTime));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(START_MS - 24 * 60 * MINUTE_MS - 1000);
    expect(Math.max(...times)).toBeLessThan(START_MS - 2 * MINUTE_MS);
    const recent = backlog.filter(({ visibleAtMs }) => visibleAtMs > START_MS - 2 * MINUTE_MS);
    expect(recent.every((version) => lag(version) >= MINUTE_MS)).toBe(true);
  });

  it('brings live alerts about as often as asked', () => {
    const live = firsts.filter(({ visibleAtMs }) => visibleAtMs > START_MS);
    const last = Math.max(...live.map((version) => Date.parse(version.alert.lastUpdateDateTime)));
    const perAlertMs = (last - START_MS) / live.length;
    expect(live).toHaveLength(OPTIONS.live);
    expect(perAlertMs).toBeGreaterThan(0.7 * OPTIONS.livePeriodMs);
    expect(perAlertMs).toBeLessThan(1.3 * OPTIONS.livePeriodMs);
  });

  it('shows about 15 % of the records one to ten minutes late and the others within half a minute', () => {
    const late = versions.filter((version) => lag(version) >= MINUTE_MS);
    expect(late.length / versions.length).toBeGreaterThan(0.1);
    expect(late.length / versions.length).toBeLessThan(0.2);
    expect(Math.max(...late.map(lag))).toBeLessThan(10 * MINUTE_MS + 1000);
    const usual = firsts.filter((version) => lag(version) < MINUTE_MS);
    expect(usual.every((version) => lag(version) >= 1000 && lag(version) <= 30_000)).toBe(true);
  });

  it('has bursts of alerts with one and the same update time', () => {
    const counts = groupBy(firsts, (version) => version.alert.lastUpdateDateTime);
    expect(Math.max(...[...counts.values()].map(({ length }) => length))).toBeGreaterThanOrEqual(3);
  });

  it('never goes back: the versions of an alert are visible in the order of their update times', () => {
    const strayed = updates().filter(({ before, after }) => {
      const [older, newer] = [parseInstant(before.lastUpdateDateTime), parseInstant(after.lastUpdateDateTime)];
      return older === null || newer === null || newer <= older;
    });
    expect(strayed).toEqual([]);
  });

  it('writes times as Microsoft does: up to seven digits, no trailing zeros, and a Z', () => {
    const times = versions.flatMap(({ alert: { createdDateTime, lastUpdateDateTime } }) => [
      createdDateTime,
      lastUpdateDateTime,
    ]);
    expect(times.filter((time) => !/T\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/.test(time))).toEqual([]);
    expect(new Set(times.map((time) => time.length)).size).toBeGreaterThan(2);
  });
});

describe('alerts of the simulated world', () => {
  const alerts = firsts.map((version) => version.alert);

  it('carry ids like those of Microsoft, each once', () => {
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(alerts.length);
    expect(alerts.filter(({ id }) => !/^[a-z]{2}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_1$/.test(id))).toEqual([]);
  });

  it('have one to six items, but for those without any and the one with 130', () => {
    const counts = alerts.map(({ evidence }) => evidence?.length ?? -1);
    expect(counts.filter((count) => count > 6)).toEqual([130]);
    expect(counts.filter((count) => count === 0).length).toBeGreaterThan(3);
    expect(Math.min(...counts)).toBe(0);
    expect(new Set(counts).size).toBeGreaterThanOrEqual(7);
  });

  it('have the odd shapes already in a small world', () => {
    const small = build({ backlog: 6, live: 0 });
    const counts = small.visible(TENANT, START_MS).map(({ evidence }) => evidence?.length);
    expect(counts).toEqual(expect.arrayContaining([0, 130]));
  });

  it('name many types of evidence, each item with the members that all have', () => {
    const types = new Set(items(alerts).map((item) => item['@odata.type'].replace('#microsoft.graph.security.', '')));
    expect([...types]).toEqual(
      expect.arrayContaining([
        'processEvidence',
        'fileEvidence',
        'ipEvidence',
        'urlEvidence',
        'userEvidence',
        'deviceEvidence',
        'registryValueEvidence',
        'mailboxEvidence',
        'analyzedMessageEvidence',
        'cloudApplicationEvidence',
        'oauthApplicationEvidence',
        'kubernetesPodEvidence',
        'azureResourceEvidence',
      ]),
    );
    const base = 'createdDateTime verdict remediationStatus remediationStatusDetails roles detailedRoles tags'.split(
      ' ',
    );
    expect(items(alerts).filter((item) => base.some((member) => !(member in item)))).toEqual([]);
  });

  it('list the image file of a process as an item of its own, too', () => {
    const withProcess = alerts.find(({ evidence }) =>
      evidence?.slice(0, 5).some((item) => item['@odata.type'].endsWith('.processEvidence')),
    );
    const process = withProcess?.evidence?.find((item) => 'imageFile' in item);
    const files = withProcess?.evidence?.map((item) => item['fileDetails']) ?? [];
    expect(process).toBeDefined();
    expect(files).toContainEqual(process?.['imageFile']);
  });

  it('hold IPv4 and IPv6 addresses, very long command lines and hostile titles', () => {
    const text = JSON.stringify(alerts);
    expect(text).toMatch(/"ipAddress":"2001:db8:/i);
    expect(text).toMatch(/"ipAddress":"203\.0\.113\./);
    const longest = Math.max(
      ...items(alerts).map(({ processCommandLine: text }) => (typeof text === 'string' ? text.length : 0)),
    );
    expect(longest).toBeGreaterThan(20_000);
    expect(HOSTILE_TITLES.filter((title) => !alerts.some((candidate) => candidate.title === title))).toEqual([]);
  });
});

describe('updates in the simulated world', () => {
  it('come hours later and change what they say they change', () => {
    const seen = groupBy(updates(), ({ change }) => change);
    expect([...seen.keys()].toSorted()).toEqual([
      'addedEvidence',
      'classification',
      'comment',
      'merged',
      'remediation',
      'reordered',
      'severity',
      'status',
      'telemetry',
      'touched',
      'verdict',
    ]);
    const gaps = updates().map(
      ({ before, after }) => Date.parse(after.lastUpdateDateTime) - Date.parse(before.lastUpdateDateTime),
    );
    expect(gaps.filter((gap) => gap > 60 * MINUTE_MS).length).toBeGreaterThan(gaps.length / 2);
    const same = (member: keyof GraphAlert) => (pair: { before: GraphAlert; after: GraphAlert }) =>
      JSON.stringify(pair.before[member]) === JSON.stringify(pair.after[member]);
    for (const [change, member] of Object.entries({
      status: 'status',
      classification: 'determination',
      severity: 'severity',
      remediation: 'evidence',
      verdict: 'evidence',
      addedEvidence: 'evidence',
      comment: 'comments',
      merged: 'incidentId',
      reordered: 'evidence',
      telemetry: 'evidence',
    })) {
      expect(seen.get(change)?.filter(same(member)), change).toEqual([]);
    }
  });

  it('are at times without significance: same members, same items, perhaps in another order or with new telemetry', () => {
    const plain = (candidate: GraphAlert) => ({
      ...candidate,
      lastUpdateDateTime: '',
      evidence: (candidate.evidence ?? [])
        .map((item) => {
          const { healthStatus: _h, riskScore: _r, lastIpAddress: _i, lastExternalIpAddress: _e, ...rest } = item;
          return JSON.stringify(rest);
        })
        .toSorted(),
    });
    const quiet = updates().filter(({ change }) => [...QUIET_CHANGES].some((kind) => kind === change));
    expect(quiet.length).toBeGreaterThan(20);
    for (const { before, after } of quiet) expect(plain(after)).toEqual(plain(before));
  });

  it('add items and keep the ones there were', () => {
    const added = updates().filter(({ change }) => change === 'addedEvidence');
    for (const { before, after } of added) {
      expect(after.evidence?.slice(0, before.evidence?.length)).toEqual(before.evidence);
    }
  });
});

describe('what a test adds to the world', () => {
  it('becomes visible at its time, and what became visible last wins', () => {
    const mine = build({ backlog: 0, live: 0 });
    mine.put(TENANT, alert('x', { status: 'new' }), 1000);
    mine.put(TENANT, alert('x', { status: 'resolved' }), 3000);
    mine.put(TENANT, alert('x', { status: 'inProgress' }), 2000);
    const statusAt = (atMs: number) => mine.visible(TENANT, atMs).map(({ status }) => status);
    expect([999, 1000, 2000, 2999, 3000].map(statusAt)).toEqual([
      [],
      ['new'],
      ['inProgress'],
      ['inProgress'],
      ['resolved'],
    ]);
  });

  it('counts as the next change, whichever tenant it is for', () => {
    const mine = build({ backlog: 0, live: 0 });
    mine.put(TENANT, alert('x'), 2000);
    mine.put(OTHER_TENANT, alert('y'), 1000);
    expect([0, 1000, 1999, 2000].map((atMs) => mine.nextChangeMs(atMs))).toEqual([1000, 2000, 2000, null]);
  });
});
