import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALERTS, CLIENT, json, OTHER_TENANT, type Rig, START_MS, startRig, TENANT } from '../simulator-client.ts';

describe('the simulated login', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.simulator.stop());

  it('gives a bearer token for the right secret, whatever characters it has', async () => {
    const answer = await rig.login();
    expect(answer.status).toBe(200);
    const body = json(answer);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 });
    const claims = JSON.parse(
      Buffer.from(String(body['access_token']).split('.')[1] ?? '', 'base64url').toString(),
    ) as unknown;
    expect(claims).toMatchObject({
      aud: 'https://graph.microsoft.com',
      iss: `https://sts.windows.net/${TENANT}/`,
      tid: TENANT,
      appid: CLIENT,
      roles: ['SecurityAlert.Read.All'],
      iat: START_MS / 1000,
      exp: START_MS / 1000 + 3599,
    });
  });

  it('stamps every answer with its own clock', async () => {
    const date = new Date(START_MS).toUTCString();
    expect((await rig.login()).headers['date']).toBe(date);
    expect((await rig.login({ client_secret: 'wrong' })).headers['date']).toBe(date);
    expect((await rig.ask(ALERTS)).headers['date']).toBe(date);
  });

  it('refuses a wrong secret the way Entra does, without repeating it', async () => {
    const answer = await rig.login({ client_secret: 'not-this-one' });
    expect(answer.status).toBe(401);
    const body = json(answer);
    expect(body).toMatchObject({ error: 'invalid_client', error_codes: [7000215], timestamp: '2026-11-20 08:00:00Z' });
    expect(body['error_description']).toMatch(/^AADSTS7000215: Invalid client secret provided\..*Trace ID: /);
    expect(Object.keys(body)).toEqual(expect.arrayContaining(['trace_id', 'correlation_id']));
    expect(answer.body).not.toContain('not-this-one');
  });

  it.each([
    ['an unknown tenant', {}, 'a0a0a0a0-0000-4000-8000-000000000000', 400, 'invalid_request', 90002],
    ['an unknown client', { client_id: TENANT }, TENANT, 400, 'unauthorized_client', 700016],
    [
      'a scope without .default',
      { scope: 'https://graph.microsoft.com/User.Read' },
      TENANT,
      400,
      'invalid_scope',
      70011,
    ],
    ['no scope', { scope: '' }, TENANT, 400, 'invalid_scope', 70011],
    ['an unknown resource', { scope: 'https://nowhere.example/.default' }, TENANT, 400, 'invalid_resource', 500011],
    ['another grant', { grant_type: 'password' }, TENANT, 400, 'unsupported_grant_type', 70003],
    ['no grant', { grant_type: '' }, TENANT, 400, 'invalid_request', 900144],
    ['no secret', { client_secret: '' }, TENANT, 401, 'invalid_client', 7000216],
  ] as const)('refuses %s', async (_name, form, tenantId, status, error, code) => {
    const answer = await rig.login(form, tenantId);
    expect(answer.status).toBe(status);
    expect(json(answer)).toMatchObject({ error, error_codes: [code] });
    expect(json(answer)['error_description']).toContain(`AADSTS${code}: `);
  });

  it('takes its own address as the scope of Graph, as a custom cloud asks for it', async () => {
    const answer = await rig.login({ scope: `${rig.url}/.default` });
    const token = String(json(answer)['access_token']);
    expect((await rig.ask(ALERTS, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('describes its endpoints on its own host', async () => {
    const answer = await rig.ask(`/${TENANT}/v2.0/.well-known/openid-configuration`);
    expect(json(answer)).toMatchObject({
      token_endpoint: `${rig.url}/${TENANT}/oauth2/v2.0/token`,
      issuer: `${rig.url}/${TENANT}/v2.0`,
    });
    const unknown = await rig.ask('/nobody/v2.0/.well-known/openid-configuration');
    expect([unknown.status, json(unknown)['error_codes']]).toEqual([400, [90002]]);
    const instances = await rig.ask('/common/discovery/instance?api-version=1.1');
    expect(json(instances)['metadata']).toEqual([expect.objectContaining({ aliases: [new URL(rig.url).host] })]);
  });

  it('fails as often as it is told to, then works again', async () => {
    rig.simulator.login.failNext(2, { status: 503, headers: { 'retry-after': '7' } });
    const [first, second, third] = [await rig.login(), await rig.login(), await rig.login()];
    expect([first.status, second.status, third.status]).toEqual([503, 503, 200]);
    expect([first.headers['retry-after'], json(first)['error']]).toEqual(['7', 'temporarily_unavailable']);
  });

  it('counts its requests apart from those of Graph', async () => {
    rig.simulator.requests.clear();
    await rig.graph(`${ALERTS}?$top=5`, { prefer: 'include-unknown-enum-members' });
    await rig.ask(ALERTS);
    const { login, graph } = rig.simulator.requests;
    expect([login, graph]).toEqual([1, 2]);
    expect(rig.simulator.requests.list().filter(({ api }) => api === 'graph')).toEqual([
      {
        api: 'graph',
        method: 'GET',
        path: `${ALERTS}?$top=5`,
        authorized: true,
        prefer: 'include-unknown-enum-members',
      },
      { api: 'graph', method: 'GET', path: ALERTS, authorized: false, prefer: null },
    ]);
  });

  it('does not let a tenant in with the token of another', async () => {
    rig.simulator.world.put(TENANT, { id: 'da1', createdDateTime: '', lastUpdateDateTime: '' }, START_MS);
    const other = await rig.token(OTHER_TENANT);
    const answer = await rig.ask(`${ALERTS}/da1`, { headers: { authorization: `Bearer ${other}` } });
    expect(answer.status).toBe(404);
    expect((await rig.graph(`${ALERTS}/da1`)).status).toBe(200);
  });
});

describe('a token of the simulator', () => {
  it('ends after the lifetime it was made for', async () => {
    const rig = await startRig({ tokenLifetimeMs: 60_000 });
    const headers = { authorization: `Bearer ${await rig.token()}` };
    rig.clock.step(59_999);
    const inTime = await rig.ask(ALERTS, { headers });
    rig.clock.step(1);
    const late = await rig.ask(ALERTS, { headers });
    await rig.simulator.stop();
    expect(inTime.status).toBe(200);
    expect(late.status).toBe(401);
    expect(late.body).toContain('the token is expired');
  });

  it('is not taken by another simulator', async () => {
    const [one, two] = [await startRig(), await startRig()];
    const answer = await two.ask(ALERTS, { headers: { authorization: `Bearer ${await one.token()}` } });
    await Promise.all([one.simulator.stop(), two.simulator.stop()]);
    expect(answer.status).toBe(401);
  });
});
