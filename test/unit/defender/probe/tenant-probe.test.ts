import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProxyAccess } from '../../../../src/defender/credential.ts';
import { probeTenant, type TenantProbeDeps } from '../../../../src/defender/probe/tenant-probe.ts';
import type { TenantAccess } from '../../../../src/defender/registry.ts';
import { systemClock } from '../../../../src/domain/clock.ts';
import type { SourceName } from '../../../../src/domain/detection.ts';
import type { Finding } from '../../../../src/domain/finding.ts';
import { createCertificateAuthority, issueServerCertificate } from '../../../../src/http/tls/certificate-authority.ts';
import type { Fault, SimulatorRequest } from '../../../../src/simulator/exchange.ts';
import { createSimulator, type Simulator } from '../../../../src/simulator/simulator.ts';
import { CLIENT_ID, REGISTERED, SECRET, TENANT_ID } from '../../../support/credential-setup.ts';
import { movedClock } from '../../../support/moved-clock.ts';
import { startTlsServer } from '../../../support/tls-server.ts';
import { startProxy, type Verdict } from '../proxy/proxy-rig.ts';

const WITHOUT_ROLE = '22222222-2222-4333-8444-555555555555';
const WITHOUT_CONSENT = '33333333-2222-4333-8444-555555555555';

let simulator: Simulator;
let microsoft: { readonly url: string; readonly caPem: string };
let respond: (request: SimulatorRequest) => Fault | null;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  respond = () => null;
  simulator = createSimulator({
    seed: 1,
    clock: systemClock,
    tenants: [
      REGISTERED,
      { ...REGISTERED, tenantId: WITHOUT_ROLE, roles: { graph: ['SecurityIncident.Read.All'] } },
      { ...REGISTERED, tenantId: WITHOUT_CONSENT, roles: { graph: [] } },
    ],
    world: { startMs: systemClock.now(), backlog: 0, live: 0, livePeriodMs: 60_000 },
    respondWith: (request) => respond(request),
  });
  microsoft = await simulator.start();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await simulator.stop();
});

interface Asked extends Partial<Omit<TenantProbeDeps, 'clock'>> {
  readonly access?: Partial<TenantAccess>;
  readonly secret?: string;
  readonly api?: SourceName;
  readonly aheadMs?: number;
}

async function probe({ access = {}, secret = SECRET, api = 'graph-alerts', aheadMs = 0, ...deps }: Asked = {}) {
  const { url, caPem } = microsoft;
  const reached: TenantAccess = {
    tenantName: 'contoso',
    tenantId: TENANT_ID,
    loginUrl: url,
    apis: {
      'graph-alerts': { url, scope: 'https://graph.microsoft.com/.default' },
      'defender-alerts': { url, scope: 'https://api.securitycenter.microsoft.com/.default' },
      'siem-detections': null,
    },
    credential: { kind: 'secret', clientId: CLIENT_ID, secrets: [() => Promise.resolve(secret)] },
    caPem,
    proxy: null,
    ...access,
  };
  const rows = await probeTenant(reached, [api], {
    clock: movedClock(aheadMs),
    cloudLogin: 'https://login.microsoftonline.com',
    timeoutMs: 3000,
    ...deps,
  });
  expect(JSON.stringify(rows)).not.toMatch(/eyJ[\w-]{8}/);
  if (secret !== '') expect(JSON.stringify(rows)).not.toContain(secret);
  return rows;
}

/** Finding and state of each row, in order. */
function states(rows: readonly Finding[]): readonly string[] {
  return rows.map(({ id, state }) => `${id} ${state}`);
}

/** The only row that is not ok, the last one: nothing is tried behind a cause. */
function cause(rows: readonly Finding[]): Finding | undefined {
  expect(rows.filter(({ state }) => state !== 'ok')).toHaveLength(1);
  expect(rows.at(-1)?.state).not.toBe('ok');
  return rows.at(-1);
}

async function throughProxy(verdict?: Verdict, login: ProxyAccess['login'] = null): Promise<ProxyAccess> {
  const proxy = await startProxy(verdict);
  closing.push(() => proxy.close());
  return { url: proxy.url, login, bypass: [] };
}

describe('the way to Microsoft', () => {
  it('is ok at every step of a tenant that works, with who issued the certificate and what the token carries', async () => {
    const rows = await probe();
    expect(states(rows)).toEqual(['dns ok', 'tls ok', 'clock ok', 'token ok', 'token.claims ok', 'api ok']);
    expect(rows.find(({ id }) => id === 'tls')?.meaning).toContain('issued by CN=FlexBridge simulator CA');
    expect(rows.find(({ id }) => id === 'token.claims')?.meaning).toMatch(
      /Microsoft Graph; .*roles SecurityAlert\.Read\.All; good until 20\d\d-/,
    );
  });

  it('is ok through a proxy, which is named', async () => {
    const proxy = await throughProxy();
    const rows = await probe({ access: { proxy } });
    expect(states(rows).slice(0, 3)).toEqual(['dns ok', 'proxy ok', 'tls ok']);
    expect(rows[1]?.meaning).toContain(new URL(proxy.url).host);
  });

  it('takes the clock from the API where tokens come from the machine itself', async () => {
    const { imdsUrl } = await simulator.startManagedIdentity();
    const endpoint = { kind: 'imds', url: imdsUrl } as const;
    const rows = await probe({ access: { credential: { kind: 'managed-identity', clientId: null, endpoint } } });
    expect(states(rows)).toEqual(['dns ok', 'tls ok', 'clock ok', 'token ok', 'token.claims ok', 'api ok']);
  });

  it('ends at a name that does not resolve', async () => {
    const row = cause(
      await probe({ access: { loginUrl: 'https://login.flexbridge.invalid' } }).then((all) => all.slice(0, 1)),
    );
    expect(row).toMatchObject({ id: 'dns', state: 'failed', subject: 'contoso' });
    expect(row?.meaning).toContain('login.flexbridge.invalid');
    expect(row?.remedy).toContain('DNS of this host');
  });

  it('goes on with the login where only the name of an API does not resolve', async () => {
    const gone = { url: 'https://graph.flexbridge.invalid', scope: 'https://graph.microsoft.com/.default' };
    const apis = { 'graph-alerts': gone, 'defender-alerts': null, 'siem-detections': null };
    const rows = await probe({ access: { apis } });
    expect(rows.find(({ state }) => state === 'failed')).toMatchObject({ id: 'dns' });
    expect(rows.some(({ id }) => id === 'api')).toBe(false);
  });

  it('ends at a proxy whose name is not found, and says that it is the proxy', async () => {
    const proxy = { url: 'http://proxy.flexbridge.invalid:3128', login: null, bypass: [] };
    const row = cause(await probe({ access: { proxy } }));
    expect(row).toMatchObject({
      id: 'dns',
      meaning: expect.stringContaining('the proxy proxy.flexbridge.invalid:3128') as string,
    });
  });

  it.each<[string, Verdict | null, string]>([
    ['is down', null, 'does not answer'],
    ['wants a login', () => '407 Proxy Authentication Required', 'asks for a login (407)'],
    ['does not allow the host', () => '403 Forbidden', 'does not allow it (403)'],
    ['does not get to the host', () => '502 Bad Gateway', 'could not connect to it (502)'],
  ])('ends at a proxy that %s', async (_, verdict, words) => {
    const proxy =
      verdict === null ? { url: 'http://127.0.0.1:1', login: null, bypass: [] } : await throughProxy(verdict);
    const row = cause(await probe({ access: { proxy } }));
    expect(row).toMatchObject({ id: 'proxy', state: 'failed', meaning: expect.stringContaining(words) as string });
    expect(row?.remedy).not.toBe('');
  });

  it('says of a proxy that refuses the login that it does, without the password', async () => {
    const login = { user: 'bridge', password: () => Promise.resolve('proxy-password') };
    const proxy = await throughProxy(() => '407 Proxy Authentication Required', login);
    const row = cause(await probe({ access: { proxy } }));
    expect(row?.meaning).toContain('refuses the login');
    expect(JSON.stringify(row)).not.toContain('proxy-password');
  });

  it('calls a certificate of an unknown CA inspection, with its name, also through a proxy', async () => {
    for (const proxy of [null, await throughProxy()]) {
      const row = cause(await probe({ access: { proxy, caPem: null } }));
      expect(row).toMatchObject({ id: 'tls', state: 'failed' });
      expect(row?.meaning).toContain('looks like TLS inspection by CN=FlexBridge simulator CA');
      expect(row?.remedy).toContain('tenants[].caFile');
    }
  });

  it('says that caFile does not hold the CA where there is one', async () => {
    const hosts = ['127.0.0.1'];
    const other = await createCertificateAuthority({ commonName: 'another CA', hosts, notBeforeMs: 0, years: 100 });
    const row = cause(await probe({ access: { caPem: other.certificatePem } }));
    expect(row?.remedy).toContain(
      'caFile of the tenant does not hold the root certificate of CN=FlexBridge simulator CA',
    );
  });

  it.each([
    [
      'has expired',
      { hosts: ['127.0.0.1'], notBeforeMs: Date.parse('2020-01-01'), days: 30 },
      'and not now (CERT_HAS_EXPIRED)',
      'date and time',
    ],
    [
      'is of another name',
      { hosts: ['other.example'], notBeforeMs: Date.now() - 86_400_000, days: 30 },
      'of another name',
      'misspelt',
    ],
  ])('ends at a certificate that %s', async (_, options, words, remedy) => {
    const hosts = ['127.0.0.1', 'other.example'];
    const ca = await createCertificateAuthority({
      commonName: 'a CA',
      hosts,
      notBeforeMs: Date.parse('2019-01-01'),
      years: 100,
    });
    const server = await startTlsServer(await issueServerCertificate(ca, options));
    closing.push(server.close);
    const row = cause(
      await probe({ access: { loginUrl: server.url, caPem: `${ca.certificatePem}\n${microsoft.caPem}` } }),
    );
    expect(row).toMatchObject({ id: 'tls', meaning: expect.stringContaining(words) as string });
    expect(row?.remedy).toContain(remedy);
  });

  it('says of a port that speaks no TLS that it does not', async () => {
    const proxy = await startProxy();
    closing.push(() => proxy.close());
    const row = cause(await probe({ access: { loginUrl: proxy.url.replace('http:', 'https:') } }));
    expect(row).toMatchObject({ id: 'tls', meaning: expect.stringContaining('does not speak TLS') as string });
  });

  it('says of a login that refuses the connection that no token can be had', async () => {
    const rows = await probe({ access: { loginUrl: 'https://127.0.0.1:1' } });
    expect(rows.at(-1)).toMatchObject({
      id: 'token',
      state: 'failed',
      meaning: expect.stringContaining('refused') as string,
    });
  });

  it.each([
    [90_000, 'ok', 'ahead of'],
    [200_000, 'warning', '3 min 20 s ahead of'],
    [-200_000, 'warning', 'behind'],
  ])('with a clock that is off by %d ms goes on, and says so', async (aheadMs, state, words) => {
    const rows = await probe({ aheadMs });
    expect(rows.find(({ id }) => id === 'clock')).toMatchObject({
      state,
      subject: 'this host',
      meaning: expect.stringContaining(words) as string,
    });
    expect(rows.at(-1)).toMatchObject({ id: 'api', state: 'ok' });
  });

  it('ends at a clock that is off by ten minutes', async () => {
    expect(cause(await probe({ aheadMs: -600_000 }))).toMatchObject({ id: 'clock', state: 'failed' });
  });

  it('ends at a tenant that the login service says lives in another cloud', async () => {
    const body = JSON.stringify({ cloud_instance_name: 'microsoftonline.us', tenant_region_scope: 'USGov' });
    respond = ({ path }) => (path.includes('openid-configuration') ? { status: 200, body } : null);
    const row = cause(await probe());
    expect(row).toMatchObject({ id: 'cloud', state: 'failed', subject: 'contoso' });
    expect(row?.meaning).toContain('US Government');
    expect(row?.remedy).toContain('gcc-high or dod');
  });

  it('takes the number for a request to another cloud for the same', async () => {
    const body = JSON.stringify({
      error: 'invalid_request',
      error_codes: [900382],
      error_description: 'AADSTS900382: Cross Cloud',
    });
    respond = ({ path }) => (path.endsWith('/token') ? { status: 400, body } : null);
    expect(cause(await probe())).toMatchObject({ id: 'cloud', state: 'failed' });
  });

  it.each<[string, Asked, string]>([
    ['a wrong secret', { secret: 'wrong~secret' }, 'AADSTS7000215'],
    ['a Secret ID', { secret: '12345678-1111-4222-8333-444444444444' }, 'looks like a Secret ID'],
    ['an unknown tenant', { access: { tenantId: '99999999-2222-4333-8444-555555555555' } }, 'AADSTS90002'],
  ])('ends at the token for %s', async (_, asked, words) => {
    const row = cause(await probe(asked));
    expect(row).toMatchObject({ id: 'token', state: 'failed', meaning: expect.stringContaining(words) as string });
  });

  it.each([
    [
      WITHOUT_ROLE,
      'it carries SecurityIncident.Read.All',
      'Add a permission > Microsoft Graph > Application permissions (not Delegated), add SecurityAlert.Read.All, then press Grant admin consent',
    ],
    [WITHOUT_CONSENT, 'admin consent was not given', 'API permissions and press Grant admin consent'],
  ])(
    'says of a token without its role what it lacks, and not again that the API refuses',
    async (tenantId, words, remedy) => {
      const row = cause(await probe({ access: { tenantId } }));
      expect(row).toMatchObject({ id: 'token.claims', state: 'failed', subject: 'contoso/graph-alerts' });
      expect(row?.meaning).toContain(words);
      expect(row?.remedy).toContain(remedy);
    },
  );

  it('takes a refusal of a token that has its role for a host that does not serve the tenant', async () => {
    const body = JSON.stringify({ error: { code: 'Forbidden', message: 'not here' } });
    respond = ({ path }) => (path === '/api/alerts' ? { status: 403, body } : null);
    const row = cause(await probe({ api: 'defender-alerts' }));
    expect(row).toMatchObject({ id: 'api', state: 'failed', subject: 'contoso/defender-alerts' });
    expect(row?.meaning).toContain('another region');
    expect(row?.meaning).toContain('Microsoft: Forbidden: not here');
    expect(row?.remedy).toContain('`region`');
  });

  it.each([
    [200, '<html>sign in</html>', 'failed', 'a web page'],
    [404, '{}', 'failed', 'not as Microsoft Graph'],
    [429, '{}', 'warning', 'slow down'],
    [503, '{}', 'warning', 'failure (503)'],
  ])('says what an API answered with %d', async (status, body, state, words) => {
    respond = ({ path }) => (path.includes('alerts_v2') ? { status, body } : null);
    expect(cause(await probe())).toMatchObject({ id: 'api', state, meaning: expect.stringContaining(words) as string });
  });

  it('says which setting cannot be used at all', async () => {
    expect(cause(await probe({ access: { caPem: 'no certificate' } }))).toMatchObject({ id: 'tls' });
    const proxy = { url: 'ftp://proxy', login: null, bypass: [] };
    expect(cause(await probe({ access: { proxy } }))).toMatchObject({ id: 'proxy' });
  });
});
