import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ALERTS,
  alert,
  CLIENT,
  ids,
  json,
  type Rig,
  SECRET,
  START_MS,
  startRig,
  TENANT,
  value,
} from '../simulator-client.ts';

let rig: Rig;
afterEach(() => rig.simulator.stop());

describe('access to the simulated alerts', () => {
  beforeEach(async () => {
    rig = await startRig();
  });

  it.each([
    ['no token', undefined, 'Access token is empty.'],
    ['something that is no token', 'Bearer abc', 'IDX14100'],
    [
      'a token somebody else signed',
      `Bearer e30.${Buffer.from('{}').toString('base64url')}.abc`,
      'Signing key is invalid.',
    ],
  ])('refuses %s', async (_name, authorization, message) => {
    const answer = await rig.ask(ALERTS, { headers: authorization === undefined ? {} : { authorization } });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    const { error } = json(answer) as { error: { code: string; message: string; innerError: object } };
    expect(error.code).toBe('InvalidAuthenticationToken');
    expect(error.message).toContain(message);
    expect(Object.keys(error.innerError)).toEqual(['date', 'request-id', 'client-request-id']);
  });

  it('refuses a token for another API', async () => {
    const login = await rig.login({ scope: 'https://api.securitycenter.microsoft.com/.default' });
    const token = String(json(login)['access_token']);
    const answer = await rig.ask(ALERTS, { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, answer.body.includes('Invalid audience')]).toEqual([401, true]);
  });

  it('refuses a token whose tampered claims no longer fit the signature', async () => {
    const [header, , signature] = (await rig.token()).split('.');
    const claims = Buffer.from(JSON.stringify({ aud: 'https://graph.microsoft.com', exp: 9e9 })).toString('base64url');
    const headers = { authorization: `Bearer ${header}.${claims}.${signature}` };
    expect((await rig.ask(ALERTS, { headers })).status).toBe(401);
  });

  it('echoes the request id of the client', async () => {
    const answer = await rig.graph(`${ALERTS}?$top=x`, { 'client-request-id': 'my-id' });
    expect(answer.headers['client-request-id']).toBe('my-id');
    expect(answer.body).toContain('"client-request-id":"my-id"');
  });

  it.each([
    ['another path', '/v1.0/security/alerts_v3', 400],
    ['an unknown id', `${ALERTS}/danone_1`, 404],
  ])('refuses %s', async (_name, path, status) => {
    expect((await rig.graph(path)).status).toBe(status);
  });
});

it('refuses an app without the permission with 403', async () => {
  const tenant = { tenantId: TENANT, clientId: CLIENT, clientSecret: SECRET, roles: ['SecurityEvents.Read.All'] };
  rig = await startRig({ tenants: [tenant] });
  const answer = await rig.graph(ALERTS);
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('"code":"Forbidden"');
  expect(answer.body).toContain('SecurityAlert.Read.All');
});

describe('pages of the simulated alerts', () => {
  const ASCENDING = '$orderby=lastUpdateDateTime%20asc';

  function fill(count: number): void {
    for (let n = 0; n < count; n += 1) {
      const at = new Date(START_MS - 86_400_000 + n * 1000).toISOString();
      const members = { createdDateTime: at, lastUpdateDateTime: at };
      rig.simulator.world.put(TENANT, alert(`n${n}`, members), START_MS - 1);
    }
  }

  async function follow(first: string): Promise<readonly string[]> {
    const seen: string[] = [];
    for (let link: unknown = first; typeof link === 'string'; ) {
      const answer = await rig.graph(link);
      seen.push(...ids(answer));
      link = json(answer)['@odata.nextLink'];
    }
    return seen;
  }

  it('come newest creation first, a hundred at a time, in the envelope of Graph', async () => {
    rig = await startRig();
    fill(150);
    const body = json(await rig.graph(ALERTS));
    expect(Object.keys(body)).toEqual(['@odata.context', '@odata.nextLink', 'value']);
    expect(body['@odata.context']).toBe(`${rig.url}/v1.0/$metadata#security/alerts_v2`);
    const seen = await follow(ALERTS);
    expect(seen).toEqual(Array.from({ length: 150 }, (_, n) => `n${149 - n}`));
  });

  it('can be had oldest update first, with every alert once', async () => {
    rig = await startRig();
    fill(23);
    expect(await follow(`${ALERTS}?$top=5&${ASCENDING}`)).toEqual(Array.from({ length: 23 }, (_, n) => `n${n}`));
  });

  it('keep the other options in the next link, which leads to the same host', async () => {
    rig = await startRig();
    fill(5);
    const first = await rig.graph(`${ALERTS}?$top=2&$count=true&$skip=1&${ASCENDING}`);
    expect(json(first)['@odata.count']).toBe(5);
    expect(ids(first)).toEqual(['n1', 'n2']);
    const next = new URL(String(json(first)['@odata.nextLink']));
    expect(next.origin).toBe(rig.url);
    expect(Object.fromEntries(next.searchParams)).toEqual({
      $top: '2',
      $count: 'true',
      $orderby: 'lastUpdateDateTime asc',
      $skiptoken: expect.any(String) as string,
    });
    expect(ids(await rig.graph(next.href))).toEqual(['n3', 'n4']);
  });

  it('have no next link when the last page is exactly full', async () => {
    rig = await startRig();
    fill(4);
    expect(json(await rig.graph(`${ALERTS}?$top=4`))).not.toHaveProperty('@odata.nextLink');
    expect(json(await rig.graph(`${ALERTS}?$top=3`))).toHaveProperty('@odata.nextLink');
  });

  it('never hold more than a thousand alerts', async () => {
    rig = await startRig();
    fill(1001);
    expect(ids(await rig.graph(`${ALERTS}?$top=5000`))).toHaveLength(1000);
  });

  it.each([
    '$top=0',
    '$top=-1',
    '$top=x',
    '$skip=501',
    '$skip=-1',
    '$count=yes',
    '$orderby=title',
    '$expand=evidence',
    '$skiptoken=AAAA',
  ])('are refused for %s', async (option) => {
    rig = await startRig();
    expect((await rig.graph(`${ALERTS}?${option}`)).status).toBe(400);
  });

  it('skip up to 500 alerts', async () => {
    rig = await startRig();
    fill(502);
    expect(ids(await rig.graph(`${ALERTS}?$skip=500&${ASCENDING}`))).toEqual(['n500', 'n501']);
  });

  it.each([
    ['stable', ['n0', 'n1', 'n2', 'n3']],
    ['live', ['n0', 'n2', 'n3', 'n0']],
  ] as const)('with %s paging show a list that moves meanwhile', async (paging, expected) => {
    rig = await startRig({ paging });
    fill(4);
    const first = await rig.graph(`${ALERTS}?$top=1&${ASCENDING}`);
    const later = '2026-11-20T07:59:59Z';
    rig.simulator.world.put(TENANT, alert('n0', { lastUpdateDateTime: later }), START_MS);
    const rest = await follow(String(json(first)['@odata.nextLink']));
    // Live: n0 moved to the end, so n1 slid under the page that was already read.
    expect([...ids(first), ...rest]).toEqual(expected);
  });

  it('of one tenant cannot be reached with a token of another', async () => {
    rig = await startRig();
    fill(3);
    const link = String(json(await rig.graph(`${ALERTS}?$top=1`))['@odata.nextLink']);
    const other = await rig.token('99999999-8888-4777-8666-555555555555');
    expect((await rig.ask(link, { headers: { authorization: `Bearer ${other}` } })).status).toBe(400);
  });
});

describe('what the simulator serves', () => {
  it('hides members newer than the enumeration unless the client asks for them', async () => {
    rig = await startRig();
    const members = { serviceSource: 'microsoftSentinel', detectionSource: 'scheduledAlerts' };
    rig.simulator.world.put(TENANT, alert('new', members), START_MS);
    rig.simulator.world.put(TENANT, alert('old'), START_MS);
    const plain = value(await rig.graph(`${ALERTS}?$orderby=createdDateTime`));
    expect(plain.map(({ serviceSource, detectionSource }) => [serviceSource, detectionSource])).toEqual([
      ['unknownFutureValue', 'unknownFutureValue'],
      ['microsoftDefenderForEndpoint', 'antivirus'],
    ]);
    const asked = await rig.graph(`${ALERTS}/new`, { prefer: 'odata.maxpagesize=5, include-unknown-enum-members' });
    expect(json(asked)).toMatchObject({
      ...members,
      '@odata.context': `${rig.url}/v1.0/$metadata#security/alerts_v2/$entity`,
    });
    expect(asked.headers['preference-applied']).toBe('include-unknown-enum-members');
  });

  it('is what its clock says is visible', async () => {
    rig = await startRig();
    const later = { lastUpdateDateTime: '2026-11-20T08:00:01Z', status: 'resolved' };
    rig.simulator.world.put(TENANT, alert('x'), START_MS);
    rig.simulator.world.put(TENANT, alert('x', later), START_MS + 5000);
    const before = await rig.graph(`${ALERTS}/x`);
    rig.clock.step(5000);
    const after = await rig.graph(`${ALERTS}/x`);
    expect([json(before)['status'], json(after)['status']]).toEqual(['new', 'resolved']);
    expect(ids(await rig.graph(ALERTS))).toEqual(['x']);
  });

  it('gives hostile text back character by character', async () => {
    rig = await startRig();
    const title = 'a"b|c=d\\\n<script>\u{1F480}\uFFFD\u202E\u2028';
    rig.simulator.world.put(TENANT, alert('x', { title }), START_MS);
    expect(json(await rig.graph(`${ALERTS}/x`))['title']).toBe(title);
  });
});

describe('faults of the simulator', () => {
  it('fail the next requests in the form of Graph, with the headers asked for', async () => {
    rig = await startRig();
    rig.simulator.failNext(1, { status: 429, headers: { 'retry-after': '3' } });
    rig.simulator.failNext(1, { status: 200, body: '{"value": [' });
    const [throttled, broken, good] = [await rig.graph(ALERTS), await rig.graph(ALERTS), await rig.graph(ALERTS)];
    expect([throttled.status, throttled.headers['retry-after']]).toEqual([429, '3']);
    expect(json(throttled)).toMatchObject({ error: { code: 'TooManyRequests' } });
    expect([broken.status, broken.body]).toEqual([200, '{"value": [']);
    expect(good.status).toBe(200);
  });

  it('can be decided for each request', async () => {
    rig = await startRig({
      respondWith: ({ query }) => (query.get('$top') === '7' ? { status: 500, body: { odd: true } } : null),
    });
    const [odd, even] = [await rig.graph(`${ALERTS}?$top=7`), await rig.graph(`${ALERTS}?$top=8`)];
    expect([odd.status, odd.body, even.status]).toEqual([500, '{"odd":true}', 200]);
  });
});

describe('a simulator', () => {
  it('comes back on the same port with the same world, certificate and tokens', async () => {
    rig = await startRig();
    const token = await rig.token();
    await rig.simulator.stop();
    await expect(rig.ask(ALERTS)).rejects.toThrow(/ECONNREFUSED/);
    await rig.simulator.start(Number(new URL(rig.url).port));
    expect((await rig.ask(ALERTS, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('says so when its port is taken', async () => {
    rig = await startRig();
    const second = await startRig();
    await second.simulator.stop();
    await expect(second.simulator.start(Number(new URL(rig.url).port))).rejects.toMatchObject({
      code: 'SIMULATOR_LISTEN_FAILED',
      kind: 'operator',
    });
  });
});
