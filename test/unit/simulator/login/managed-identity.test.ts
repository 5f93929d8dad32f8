import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  CLIENT,
  json,
  OTHER_TENANT,
  OWN_ALERTS,
  type Rig,
  START_MS,
  send,
  startRig,
  TENANT,
} from '../simulator-client.ts';

const GRAPH = encodeURIComponent('https://graph.microsoft.com');
const DEFENDER = encodeURIComponent('https://api.securitycenter.microsoft.com');
let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.simulator.stop());

function ask(url: string, headers: Record<string, string>): Promise<Answer> {
  return send(new URL(url), '', { headers });
}

describe('the identity endpoint of a simulated virtual machine', () => {
  const path = `/metadata/identity/oauth2/token?api-version=2018-02-01&resource=`;

  it('gives a token that the API takes, with its numbers as texts', async () => {
    const { imdsUrl } = await rig.simulator.startManagedIdentity();
    const body = json(await ask(`${imdsUrl}${path}${DEFENDER}&client_id=${CLIENT}`, { metadata: 'true' }));
    expect(body).toMatchObject({
      token_type: 'Bearer',
      client_id: CLIENT,
      expires_in: '86400',
      expires_on: String(START_MS / 1000 + 86_400),
      resource: 'https://api.securitycenter.microsoft.com',
    });
    const headers = { authorization: `Bearer ${String(body['access_token'])}` };
    expect((await rig.ask(OWN_ALERTS, { headers })).status).toBe(200);
  });

  it('is that of the tenant asked for', async () => {
    const { imdsUrl } = await rig.simulator.startManagedIdentity(OTHER_TENANT);
    const body = json(await ask(`${imdsUrl}${path}${GRAPH}`, { metadata: 'true' }));
    const claims = Buffer.from(String(body['access_token']).split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(claims)).toMatchObject({ tid: OTHER_TENANT });
    await expect(rig.simulator.startManagedIdentity('nobody')).rejects.toThrow('has no tenant nobody');
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['no Metadata header', {}, `${path}${GRAPH}`, 'Required metadata header not specified'],
    [
      'a forwarded request',
      { metadata: 'true', 'x-forwarded-for': '10.0.0.1' },
      `${path}${GRAPH}`,
      'Required metadata header',
    ],
    ['no version', { metadata: 'true' }, `/metadata/identity/oauth2/token?resource=${GRAPH}`, 'api-version'],
    ['an unknown resource', { metadata: 'true' }, `${path}https://nowhere.example`, 'AADSTS500011'],
    ['another identity', { metadata: 'true' }, `${path}${GRAPH}&client_id=${TENANT}`, 'Identity not found'],
  ])('refuses %s', async (_name, headers, target, text) => {
    const { imdsUrl } = await rig.simulator.startManagedIdentity();
    const answer = await ask(`${imdsUrl}${target}`, headers);
    expect([answer.status, answer.body.includes(text)]).toEqual([400, true]);
  });

  it('fails as the fault panel says, and is closed with the simulator', async () => {
    const { imdsUrl } = await rig.simulator.startManagedIdentity();
    const get = () => ask(`${imdsUrl}${path}${GRAPH}`, { metadata: 'true' });
    rig.simulator.faults.next(1, 'identity-updating');
    rig.simulator.faults.next(1, 'throttled-bare', { api: 'identity' });
    expect([(await get()).status, (await get()).status, (await get()).status]).toEqual([410, 429, 200]);
    expect(rig.simulator.requests.identity).toBe(3);
    await rig.simulator.stop();
    await expect(get()).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('the identity endpoint of a simulated App Service', () => {
  it('gives a token to whom knows its header, and counts the header as a secret', async () => {
    const { appServiceUrl, header } = await rig.simulator.startManagedIdentity();
    const url = `${appServiceUrl}?api-version=2019-08-01&resource=${GRAPH}`;
    const answer = await ask(url, { 'x-identity-header': header });
    expect(Object.keys(json(answer)).toSorted()).toEqual([
      'access_token',
      'client_id',
      'expires_on',
      'resource',
      'token_type',
    ]);
    const { host } = new URL(appServiceUrl);
    expect(rig.simulator.requests.hosts()[host]).toEqual({ requests: 1, authorized: 0, secrets: 1 });
  });

  it.each([
    ['a wrong header', { 'x-identity-header': 'wrong' }, '2019-08-01', 401],
    ['no header', {}, '2019-08-01', 401],
    ['another version', { 'x-identity-header': 'simulated-identity-header' }, '2017-09-01', 400],
  ])('refuses %s in a form of its own', async (_name, headers, version, status) => {
    const { appServiceUrl } = await rig.simulator.startManagedIdentity();
    const answer = await ask(`${appServiceUrl}?api-version=${version}&resource=${GRAPH}`, headers);
    expect([answer.status, json(answer)]).toMatchObject([status, { statusCode: status }]);
  });
});
