import { afterEach, describe, expect, it } from 'vitest';
import { endpointAlert, json, OWN_ALERTS, type Rig, START_MS, startRig, TENANT } from '../simulator-client.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];
const HOUR_MS = 3_600_000;
let rig: Rig;
afterEach(() => rig.simulator.stop());

async function pull(query = ''): Promise<Rows> {
  const answer = await rig.api('siem', `${OWN_ALERTS}${query}`);
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body) as Rows;
}

function put(id: string, visibleAtMs: number, members = {}): void {
  rig.simulator.world.put(TENANT, endpointAlert(id, members), visibleAtMs);
}

/** One address each. */
function addresses(rows: Rows): readonly unknown[] {
  return rows.map(({ IpAddress }) => IpAddress).filter((address) => address !== '');
}

describe('the simulated SIEM exporter', () => {
  it('has one detection for each suspicious item, a process and its image file being one', async () => {
    rig = await startRig();
    put('da1', START_MS - 1000);
    const rows = await pull();
    expect(rows.map(({ FileName, CommandLine, IpAddress }) => [FileName, CommandLine, IpAddress])).toEqual(
      expect.arrayContaining([
        ['tool.exe', 'tool.exe -x', ''],
        ['', '', '203.0.113.9'],
      ]),
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row).toMatchObject({
        AlertId: 'da1',
        AlertTitle: 'Odd tool',
        Severity: 'High',
        Source: 'EDR',
        ComputerDnsName: 'host-1.corp.example',
        MachineName: 'host-1',
        MachineDomain: 'corp.example',
        MachineGroup: 'Servers',
        UserName: 'clerk',
        UserDomain: 'CONTOSO',
        LogOnUsers: 'CONTOSO\\clerk',
        InternalIPv4List: '10.0.0.7',
        InternalIPv6List: 'fd30::7',
        RemediationIsSuccess: null,
        FullId: `da1:${String(row['IocUniqueId'])}`,
      });
      expect(row['LastProcessedTimeUtc']).toMatch(/^2026-11-20T07:59:58\.999\d{1,4}Z$/);
    }
  });

  it('never changes a detection; what an alert gets later is a detection of its own', async () => {
    rig = await startRig();
    const first = endpointAlert('da1');
    const before = await (async () => {
      put('da1', START_MS - 1000);
      return pull();
    })();
    const [more] = endpointAlert('x').evidence?.slice(-1) ?? [];
    const evidence = [
      ...(first.evidence ?? []).map((item) => ({ ...item, verdict: 'malicious' })),
      { ...more, ipAddress: '203.0.113.10', '@odata.type': '#microsoft.graph.security.ipEvidence' },
    ];
    put('da1', START_MS + 5000, { severity: 'low', evidence });
    rig.clock.step(4999);
    expect(await pull()).toEqual(before);
    rig.clock.step(1);
    const after = await pull();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length)).toMatchObject([{ AlertId: 'da1', IpAddress: '203.0.113.10', Severity: 'Low' }]);
  });

  it('has one detection of an alert that has only context, or nothing', async () => {
    rig = await startRig();
    put('da1', START_MS - 2000, { evidence: endpointAlert('x').evidence?.slice(0, 2) });
    put('da2', START_MS - 1000, { evidence: [] });
    expect(await pull()).toMatchObject([
      { AlertId: 'da1', UserName: 'clerk', FileName: '' },
      { AlertId: 'da2', UserName: '', ComputerDnsName: '' },
    ]);
  });

  it('is asked by the time of processing: the last two hours unless something else is said', async () => {
    rig = await startRig();
    const at = (ms: number) => new Date(ms).toISOString();
    [5, 3, 1].forEach((hours, n) => {
      const evidence = [{ '@odata.type': '#microsoft.graph.security.ipEvidence', ipAddress: `203.0.113.${hours}` }];
      put(`da${n}`, START_MS - hours * HOUR_MS, { evidence });
    });
    expect(addresses(await pull())).toEqual(['203.0.113.1']);
    expect(addresses(await pull('?ago=PT4H'))).toEqual(['203.0.113.3', '203.0.113.1']);
    expect(addresses(await pull(`?sinceTimeUtc=${at(START_MS - 6 * HOUR_MS)}`))).toHaveLength(3);
    const local = at(START_MS - 4 * HOUR_MS).replace('Z', '');
    expect(addresses(await pull(`?sinceTimeUtc=${local}&untilTimeUtc=${at(START_MS - 2 * HOUR_MS)}`))).toEqual([
      '203.0.113.3',
    ]);
  });

  it('keeps the newest with a limit', async () => {
    rig = await startRig();
    for (const n of [1, 2, 3]) put(`da${n}`, START_MS - 10_000 + n, { evidence: [] });
    expect((await pull('?limit=2')).map(({ AlertId }) => AlertId)).toEqual(['da2', 'da3']);
  });

  it('takes device groups again and again, a tag, and its names in any case', async () => {
    rig = await startRig();
    put('da1', START_MS - 1000);
    expect(await pull('?machinegroups=Kiosks')).toEqual([]);
    expect(await pull('?machinegroups=Kiosks&MachineGroups=Servers')).toHaveLength(2);
    expect(await pull('?CloudCreatedMachineTags=Tier1')).toHaveLength(2);
    expect(await pull('?DeviceCreatedMachineTags=Tier1')).toEqual([]);
  });

  it.each(['/api/alerts/', '/api/Alerts/', '/API/ALERTS', '/api/alert'])('answers at %s, too', async (path) => {
    rig = await startRig();
    put('da1', START_MS - 1000);
    const answer = await rig.api('siem', `${path}?ago=PT1H`);
    expect([answer.status, (JSON.parse(answer.body) as Rows).length]).toEqual([200, 2]);
  });

  it.each(['sinceTimeUtc=yesterday', 'ago=10m', 'ago=PT', 'limit=0', 'limit=x', '$top=5', 'status=New'])(
    'refuses %s',
    async (option) => {
      rig = await startRig();
      expect((await rig.api('siem', `${OWN_ALERTS}?${option}`)).status).toBe(400);
    },
  );

  it('lets any app in that has a token for it, and no other token', async () => {
    rig = await startRig();
    const token = json(await rig.login({ scope: 'https://graph.windows.net//.default' }))['access_token'];
    const claims = JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(claims).toMatchObject({ aud: 'https://graph.windows.net' });
    expect(claims).not.toHaveProperty('roles');
    expect((await rig.ask(OWN_ALERTS, { headers: { authorization: `Bearer ${String(token)}` } })).body).toBe('[]');
    expect((await rig.api('graph', `${OWN_ALERTS}?sinceTimeUtc=2026-11-20T00:00:00Z`)).status).toBe(401);
    expect((await rig.ask(`${OWN_ALERTS}?ago=PT1H`)).body).toContain('Access token is empty.');
  });
});

describe('the forms of the simulated SIEM exporter', () => {
  it.each([
    ['null', null],
    ['empty', ''],
    ['missing', undefined],
  ] as const)('write nothing as %s', async (absent, expected) => {
    rig = await startRig({ siem: { absent } });
    put('da1', START_MS - 1000);
    expect((await pull()).map(({ Actor }) => Actor)).toEqual([expected, expected]);
  });

  it('spell the keys as in the samples or as in the tables', async () => {
    rig = await startRig({ siem: { spelling: 'tables' } });
    put('da1', START_MS - 1000);
    const [row = {}] = await pull();
    expect(Object.keys(row)).toEqual(
      expect.arrayContaining([
        'IoaDefinitiondId',
        'ThreatFamilyName',
        'ReportId',
        'IPAddress',
        'URL',
        'InternalIPV4List',
      ]),
    );
  });

  it('mix both ways among records', async () => {
    rig = await startRig({
      siem: { absent: 'mixed', spelling: 'mixed' },
      world: { startMs: START_MS, backlog: 60, live: 0, livePeriodMs: 1 },
    });
    const rows = await pull('?ago=P2D');
    expect(
      new Set(rows.map((row) => ('URL' in row ? 'tables' : 'Url' in row ? 'samples' : 'missing'))).size,
    ).toBeGreaterThanOrEqual(2);
    expect(new Set(rows.map(({ Actor }) => Actor))).toEqual(
      expect.objectContaining({ size: expect.toSatisfy((size: number) => size >= 3) as number }),
    );
  });

  it('print a single record without a list around it, as the page of 2018 does', async () => {
    rig = await startRig({ siem: { bareObject: true } });
    put('da1', START_MS - 1000, { evidence: [] });
    expect(await pull()).toMatchObject({ AlertId: 'da1' });
    put('da2', START_MS - 1000, { evidence: [] });
    expect(await pull()).toHaveLength(2);
  });
});
