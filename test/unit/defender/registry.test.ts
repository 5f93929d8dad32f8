import { afterEach, describe, expect, it } from 'vitest';
import { openTenant, type TenantAccess, type TenantDeps, tokenHosts } from '../../../src/defender/registry.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { instant } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';
import { aWindow, readAll } from './api-rig.ts';
import {
  type CannedAnswer,
  calm,
  containing,
  failureOf,
  type Loopback,
  type SeenRequest,
  startLoopback,
} from './loopback.ts';

const TENANT = '00000000-0000-4000-8000-000000000001';
/** One request of each API. */
const HOUR = aWindow({ to: instant('2026-03-01T11:00:00Z') });
const DATE = 'Sun, 01 Mar 2026 12:00:00 GMT';

let server: Loopback | undefined;
let closeTenant: (() => Promise<void>) | undefined;
afterEach(async () => {
  await closeTenant?.();
  closeTenant = undefined;
  await server?.close();
  server = undefined;
});

/** Login and APIs of one tenant on one loopback host; opaque tokens named after their scope. */
async function startTenant(
  answer: (request: SeenRequest) => CannedAnswer | Promise<CannedAnswer> = () => ({
    status: 200,
    headers: { date: DATE },
    body: '{"value":[]}',
  }),
  overrides: Partial<TenantAccess> = {},
  limits: Pick<TenantDeps, 'requestTimeoutMs' | 'maxAnswerBytes'> = {},
) {
  server = await startLoopback((request) => {
    if (!request.url.includes('/oauth2/')) return answer(request);
    const scope = /(\w+)\.default/.exec(decodeURIComponent(request.body).replace('/.', '.'))?.[1] ?? 'none';
    const token = { token_type: 'Bearer', access_token: `for-${scope}`, expires_in: 3600 };
    return { status: 200, body: JSON.stringify(token) };
  });
  const { url, caPem } = server;
  const clock = steppedClock(DATE);
  const events: BridgeEvent[] = [];
  const access: TenantAccess = {
    tenantName: 'contoso',
    tenantId: TENANT,
    loginUrl: url,
    apis: {
      'graph-alerts': { url, scope: 'https://host/graph/.default' },
      'defender-alerts': { url: `${url}/mde`, scope: 'https://host/mde/.default' },
      'siem-detections': { url: `${url}/siem/api/alerts`, scope: 'https://host/siem/.default' },
    },
    credential: { kind: 'secret', clientId: 'client-1', secrets: [() => Promise.resolve('simulated-secret')] },
    caPem,
    proxy: null,
    ...overrides,
  };
  const tenant = openTenant(access, { clock, emit: (event) => events.push(event), random: () => 0, ...limits });
  closeTenant = () => tenant.close();
  const asked = () => (server?.requests ?? []).filter(({ url: address }) => !address.includes('/oauth2/'));
  return { tenant, clock, events, asked, access };
}

describe('a tenant', () => {
  it('reads each API at its own place with a token for its own scope', async () => {
    const { tenant, asked } = await startTenant(({ url }) => ({
      status: 200,
      headers: { date: DATE },
      body: url.startsWith('/siem') ? '[]' : '{"value":[]}',
    }));
    for (const name of ['graph-alerts', 'defender-alerts', 'siem-detections'] as const) {
      const source = tenant.source(name);
      expect(source.name).toBe(name);
      await readAll(source.pages(HOUR, calm()));
      expect(await source.serverNow(calm())).toBe(Date.parse(DATE));
    }
    expect(asked().map(({ url, headers }) => [url.split('?')[0], headers['authorization']])).toEqual([
      ['/v1.0/security/alerts_v2', 'Bearer for-graph'],
      ['/mde/api/alerts', 'Bearer for-mde'],
      ['/siem/api/alerts', 'Bearer for-siem'],
    ]);
  });

  it('has one gate for all APIs of a host: none is asked after one was told to slow down', async () => {
    const { tenant, asked } = await startTenant(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    expect(await failureOf(tenant.source('graph-alerts').serverNow(calm()))).toMatchObject({
      code: 'UPSTREAM_THROTTLED',
    });
    expect(await failureOf(tenant.source('defender-alerts').serverNow(calm()))).toMatchObject({
      retryAfterMs: 3_600_000,
    });
    expect(asked()).toHaveLength(1);
  });

  it('keeps the published limits of its APIs in advance', async () => {
    const { tenant, clock, asked, events } = await startTenant(() => ({ status: 200, body: '{"value":[]}' }));
    const source = tenant.source('defender-alerts');
    // The login, which is on the same host here, was the first of a hundred.
    for (let read = 0; read < 99; read += 1) await readAll(source.pages(HOUR, calm()));
    expect([asked().length, clock.monotonic()]).toEqual([99, 0]);
    await readAll(source.pages(HOUR, calm()));
    expect(clock.monotonic()).toBeGreaterThanOrEqual(60_000);
    expect(events).toContainEqual(expect.objectContaining({ name: 'hostGated', reason: 'limit' }));
  });

  it('waits no longer for an answer, and takes no more of it, than it is told to', async () => {
    const long = { status: 200, headers: { date: DATE }, body: JSON.stringify({ value: [], text: 'x'.repeat(2000) }) };
    const small = await startTenant(() => long, {}, { maxAnswerBytes: 1000 });
    expect(await failureOf(readAll(small.tenant.source('graph-alerts').pages(HOUR, calm())))).toMatchObject({
      code: 'RESPONSE_TOO_LARGE',
    });
    await small.tenant.close();
    await server?.close();
    const never = await startTenant(() => new Promise<never>(() => undefined), {}, { requestTimeoutMs: 200 });
    expect(await failureOf(never.tenant.source('graph-alerts').serverNow(calm()))).toMatchObject({
      code: 'NETWORK_TIMEOUT',
    });
  });

  it('waits no longer for a token than it is told to', async () => {
    const silent = await startLoopback(() => new Promise<never>(() => undefined));
    const { tenant } = await startTenant(
      undefined,
      { loginUrl: silent.url, caPem: silent.caPem },
      { requestTimeoutMs: 200 },
    );
    const failure = await failureOf(tenant.source('graph-alerts').serverNow(calm()));
    expect(failure).toMatchObject({ code: 'TOKEN_UNAVAILABLE', message: containing('no answer in time') });
    await silent.close();
  });

  it('says which API its cloud does not have only when that is used', async () => {
    const { tenant, asked } = await startTenant(undefined, {
      apis: {
        'graph-alerts': null,
        'defender-alerts': { url: 'https://mde.example', scope: 'x' },
        'siem-detections': null,
      },
    });
    const source = tenant.source('graph-alerts');
    const missing = {
      code: 'API_NOT_IN_CLOUD',
      kind: 'operator',
      message: containing('Microsoft Graph'),
      hint: containing('defender-alerts'),
    };
    expect(await failureOf(source.serverNow(calm()))).toMatchObject(missing);
    expect(await failureOf(readAll(source.pages(aWindow(), calm())))).toMatchObject(missing);
    expect(asked()).toEqual([]);
  });
});

describe('the hosts that may receive a token or a secret', () => {
  it('are the login host and those of the APIs, each once', async () => {
    const { access } = await startTenant();
    const apis = {
      'graph-alerts': { url: 'https://graph.example', scope: 'x' },
      'defender-alerts': { url: 'https://mde.example:8443/base', scope: 'x' },
      'siem-detections': { url: 'https://graph.example/siem', scope: 'x' },
    };
    const tenant = { ...access, loginUrl: 'https://login.example', apis };
    expect(tokenHosts(tenant)).toEqual(['login.example', 'graph.example', 'mde.example:8443']);
    expect(tokenHosts(tenant, ['graph-alerts'])).toEqual(['login.example', 'graph.example']);
    expect(tokenHosts({ ...tenant, apis: { ...apis, 'defender-alerts': null } })).toEqual([
      'login.example',
      'graph.example',
    ]);
  });

  it("are the machine's own endpoint and the APIs with a managed identity", async () => {
    const { access } = await startTenant();
    const endpoint = { kind: 'imds', url: 'http://169.254.169.254' } as const;
    const tenant = { ...access, credential: { kind: 'managed-identity', clientId: null, endpoint } as const };
    expect(tokenHosts(tenant, ['graph-alerts'])).toEqual(['169.254.169.254', new URL(server?.url ?? '').host]);
  });
});
