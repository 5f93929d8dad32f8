import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alert, endpointAlert, json, OWN_ALERTS, type Rig, START_MS, startRig, TENANT } from '../simulator-client.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];
let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.simulator.stop());

function put(id: string, lastUpdateDateTime: string, members = {}): void {
  rig.simulator.world.put(TENANT, endpointAlert(id, { lastUpdateDateTime, ...members }), START_MS - 1);
}

async function list(query = ''): Promise<Rows> {
  const answer = await rig.api('defender', `${OWN_ALERTS}${query}`);
  expect(answer.status).toBe(200);
  return json(answer)['value'] as Rows;
}

async function ids(filter: string): Promise<readonly unknown[]> {
  return (await list(`?$filter=${encodeURIComponent(filter)}`)).map(({ id }) => id).toSorted();
}

describe('the simulated alerts of Defender for Endpoint', () => {
  it('are the ones of that product only, in the flat form with no evidence unless it is asked for', async () => {
    put('da1', '2026-11-20T07:00:05.3266667Z');
    rig.simulator.world.put(TENANT, alert('fa1', { serviceSource: 'microsoftDefenderForOffice365' }), START_MS - 1);
    const [record, ...rest] = await list();
    expect(rest).toEqual([]);
    expect(record).toMatchObject({
      id: 'da1',
      incidentId: 77,
      severity: 'High',
      status: 'New',
      detectionSource: 'WindowsDefenderAtp',
      alertCreationTime: '2026-11-20T07:00:00.1234567Z',
      lastEventTime: '2026-11-20T06:59:00.7654321Z',
      machineId: 'd'.repeat(40),
      computerDnsName: 'host-1.corp.example',
      rbacGroupName: 'Servers',
      relatedUser: { userName: 'clerk', domainName: 'CONTOSO' },
      mitreTechniques: ['T1059'],
      evidence: [],
    });
  });

  it('show with $expand every key of every item, null where there is nothing', async () => {
    put('da1', '2026-11-20T07:00:05Z');
    const [record] = await list('?$expand=evidence');
    const evidence = record?.['evidence'] as Rows;
    expect(evidence.map(({ entityType }) => entityType)).toEqual(['User', 'Process', 'File', 'Ip']);
    expect(new Set(evidence.map((item) => Object.keys(item).toSorted().join()))).toHaveLength(1);
    expect(evidence[1]).toMatchObject({
      processId: 4711,
      processCommandLine: 'tool.exe -x',
      sha1: 'a'.repeat(40),
      fileName: 'tool.exe',
      accountName: 'clerk',
      detectionStatus: 'Detected',
      ipAddress: null,
      registryKey: null,
    });
    expect(evidence[3]).toMatchObject({
      ipAddress: '203.0.113.9',
      sha1: null,
      evidenceCreationTime: '2026-11-20T07:00:01.5Z',
    });
  });

  it.each([
    ['2026-11-20T07:00:05.3266667Z', '2026-11-20T07:00:05.3Z'],
    ['2026-11-20T07:00:05.3366667Z', '2026-11-20T07:00:05.3333333Z'],
    ['2026-11-20T07:00:05.9999999Z', '2026-11-20T07:00:05.9666667Z'],
    ['2026-11-20T07:00:05Z', '2026-11-20T07:00:05Z'],
  ])('keep the update time %s as %s', async (graph, own) => {
    put('da1', graph);
    expect((await list())[0]?.['lastUpdateTime']).toBe(own);
    expect(await ids(`lastUpdateTime ge ${own}`)).toEqual(['da1']);
    expect(await ids(`lastUpdateTime le ${own}`)).toEqual(['da1']);
    expect(await ids(`lastUpdateTime gt ${own}`)).toEqual([]);
  });

  it.each([
    ["status eq 'Resolved'", ['da2']],
    ["severity eq 'High' and category eq 'Malware'", ['da2']],
    ['incidentId eq 77', ['da1', 'da2', 'da3']],
    ["id eq 'da3'", ['da3']],
    ["detectionSource eq 'WindowsDefenderAtp'", ['da1', 'da2', 'da3']],
    ['alertCreationTime ge 2026-11-20T07:00:00.1234567Z', ['da1', 'da2', 'da3']],
    ['lastEventTime lt 2026-11-20T00:00:00Z', []],
    ["assignedTo eq 'somebody@contoso.com'", ['da1']],
  ])('can be filtered by %s', async (filter, expected) => {
    put('da1', '2026-11-20T07:00:01Z', { assignedTo: 'somebody@contoso.com' });
    put('da2', '2026-11-20T07:00:02Z', { status: 'resolved', category: 'Malware' });
    put('da3', '2026-11-20T07:00:03Z');
    expect(await ids(filter)).toEqual(expected);
  });

  it.each([
    '$count=true',
    '$select=id',
    '$search=x',
    '$expand=machine',
    '$top=10001',
    '$top=0',
    '$orderby=title',
    "$filter=title eq 'x'",
    "$filter=status eq 'resolved'",
    "$filter=lastUpdateTime ge '2026-11-20T07:00:00Z'",
    '$filter=incidentId eq seven',
    '$filter=incidentId gt 7',
  ])('are refused for %s, with a correlation id as target', async (option) => {
    const [name = '', value = ''] = option.split(/=(.*)/s);
    const answer = await rig.api('defender', `${OWN_ALERTS}?${name}=${encodeURIComponent(value)}`);
    expect(answer.status).toBe(400);
    expect(json(answer)).toEqual({
      error: {
        code: 'BadRequest',
        message: expect.any(String) as string,
        target: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      },
    });
  });

  it('never link to a next page when $top was said, and are reached with $skip', async () => {
    for (const n of [1, 2, 3]) put(`da${n}`, `2026-11-20T07:00:0${n}Z`);
    const ascending = '$orderby=lastUpdateTime%20asc';
    const first = json(await rig.api('defender', `${OWN_ALERTS}?$top=2&${ascending}`));
    expect(Object.keys(first)).toEqual(['@odata.context', 'value']);
    const rest = await list(`?$top=2&$skip=2&${ascending}`);
    expect(rest.map(({ id }) => id)).toEqual(['da3']);
  });

  it('give one alert by its id, with the evidence only when it is asked for', async () => {
    put('da1', '2026-11-20T07:00:01Z');
    const [plain, expanded] = [
      json(await rig.api('defender', `${OWN_ALERTS}/da1`)),
      json(await rig.api('defender', `${OWN_ALERTS}/da1?$expand=evidence`)),
    ];
    expect([plain['id'], (plain['evidence'] as Rows).length, (expanded['evidence'] as Rows).length]).toEqual([
      'da1',
      0,
      4,
    ]);
    const unknown = await rig.api('defender', `${OWN_ALERTS}/da2`);
    expect([unknown.status, json(unknown)]).toMatchObject([404, { error: { code: 'ResourceNotFound' } }]);
  });
});

describe('access to the simulated alerts of Defender for Endpoint', () => {
  it.each(['graph', 'siem'] as const)('is refused with a token for %s', async (api) => {
    const answer = await rig.api(api, `${OWN_ALERTS}?$top=1`);
    if (api === 'siem') expect(answer.status).toBe(400);
    else expect([answer.status, json(answer)]).toMatchObject([401, { error: { code: 'Unauthorized' } }]);
  });

  it('names the missing permission in Microsoft’s words', async () => {
    await rig.simulator.stop();
    rig = await startRig({
      tenants: [
        {
          tenantId: TENANT,
          clientId: '0f0f0f0f-1111-4222-8333-444444444444',
          clientSecret: 'a+b/c=&d%20',
          roles: { defender: [] },
        },
      ],
    });
    const refused = await rig.api('defender', OWN_ALERTS);
    expect(refused.status).toBe(403);
    expect(refused.body).toContain(
      'The application does not have any of the required application permissions (Alert.Read.All, Alert.ReadWrite.All) to access the resource.',
    );
    expect((await rig.api('graph', '/v1.0/security/alerts_v2')).status).toBe(200);
  });

  it('ends with the lifetime of the token', async () => {
    const token = await rig.token(TENANT, 'defender');
    rig.clock.step(3_599_000);
    const answer = await rig.ask(OWN_ALERTS, { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, answer.body.includes('the token is expired')]).toEqual([401, true]);
  });
});
