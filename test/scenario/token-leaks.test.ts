import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { tenantAccess } from '../../src/bridge-tenants.ts';
import { tokenHosts } from '../../src/defender/registry.ts';
import type { SourceName } from '../../src/domain/detection.ts';
import type { FaultName } from '../../src/simulator/faults/fault-table.ts';
import { FAULTS } from '../../src/simulator/faults/fault-table.ts';
import { SERVICES, type Service } from '../../src/simulator/service.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import {
  CREDENTIAL_KINDS,
  CREDENTIAL_SECRETS,
  type CredentialKind,
  credentialOf,
  REGISTERED,
  TENANT_ID,
} from '../support/credential-setup.ts';
import { type Forwarder, startForwarder } from '../support/forwarder.ts';
import { findLeaks } from '../support/leak-check.ts';
import { createTenantRig, type TenantRig } from '../support/tenant-rig.ts';
import { startProxy } from '../unit/defender/proxy/proxy-rig.ts';

const APIS: readonly SourceName[] = ['graph-alerts', 'defender-alerts', 'siem-detections'];
const API_OF: Readonly<Partial<Record<Service, SourceName>>> = {
  graph: 'graph-alerts',
  defender: 'defender-alerts',
  siem: 'siem-detections',
};
/** Longer than the wait after a first failure. */
const STEP_MS = 16_000;
const TOKEN_MS = 60_000;
const PROXY_PASSWORD = 'proxy:p4ss/word+of "ours"';
const WRONG_PASSWORD = { what: 'the wrong proxy password', text: 'another:p4ss+word' };
const PROXY_SECRET = { what: 'the proxy password', text: PROXY_PASSWORD };

/** Faults after which somebody else than the configured host is at the other end. */
const ELSEWHERE: readonly FaultName[] = ['redirect', 'foreign-next-link', 'certificate-change'];
/** What a source says that met one. */
const TOLD: Readonly<Record<string, RegExp>> = {
  redirect: /redirects .*not followed/,
  'foreign-next-link': /sent a link to .*not followed/,
  'certificate-change': /certificate is not trusted|connection broke/,
};

/** Defender's links are not used: it is read by time alone. */
function isFollowed(row: string): boolean {
  return row !== 'foreign-next-link at defender';
}

/** They only take time here. */
const SLOW: readonly FaultName[] = ['hang', 'dripping-body'];

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A tenant with all three APIs, each on a host of its own. */
async function rigOf(kind: CredentialKind, proxy?: { readonly url: string; readonly password: string }) {
  const forwarders: Forwarder[] = [];
  const rig = await createTenantRig({
    clock: steppedClock(Math.floor(Date.now() / 1000) * 1000),
    simulator: {
      tenants: [REGISTERED],
      tokenLifetimeMs: TOKEN_MS,
      faultTimes: { retryAfterSeconds: 1, largeRecordBytes: 300_000 },
    },
    world: { backlog: 3 },
    hidden: [...CREDENTIAL_SECRETS, PROXY_SECRET, WRONG_PASSWORD],
    requestTimeoutMs: 10_000,
    setup: async ({ simulator, url }) => {
      const { host, port } = new URL(url);
      forwarders.push(await startForwarder(host), await startForwarder(host));
      const [defender = '', siem = ''] = forwarders.map((forwarder) => `https://${forwarder.host}`);
      const { tenants: credential, files, env } = await credentialOf(kind, simulator);
      return {
        tenants: `  - name: contoso
    tenantId: ${TENANT_ID}
    endpoints: { login: "${url}", graph: "https://localhost:${port}", defender: "${defender}", siem: "${siem}" }
    caFile: ca.pem
    credential: ${credential}
    proxy: ${proxy === undefined ? 'off' : `{ url: "${proxy.url}", user: bridge, passwordFile: proxy-password }`}
    sources: [${APIS.map((api) => `{ api: ${api}, slice: 24h }`).join(', ')}]
`,
        files: { ...files, ...(proxy && { 'proxy-password': proxy.password }) },
        ...(env && { env }),
      };
    },
  });
  closing.push(async () => {
    await rig.close();
    for (const forwarder of forwarders) await forwarder.close();
  });
  return rig;
}

type Rig = TenantRig<SteppedClock>;

function configuredHosts({ config }: Rig): readonly string[] {
  const [tenant] = config.tenants;
  return tenant === undefined ? [] : tokenHosts(tenantAccess(tenant)).toSorted();
}

/** Hosts that got a token or a secret. */
function trustedHosts({ simulator }: Rig): readonly string[] {
  return Object.entries(simulator.requests.hosts())
    .filter(([, { authorized, secrets }]) => authorized + secrets > 0)
    .map(([host]) => host)
    .toSorted();
}

async function messagesOf({ store }: Rig): Promise<string> {
  return (await store.statuses()).flatMap(({ lastError }) => lastError?.message ?? []).join('\n');
}

/** Turns until every source runs again. */
async function recover(rig: Rig): Promise<void> {
  rig.simulator.faults.clear();
  for (let turn = 0; turn < 3; turn += 1) {
    rig.clock.step(STEP_MS);
    await rig.tick();
  }
  expect(await messagesOf(rig)).toBe('');
}

describe.each(CREDENTIAL_KINDS)('with a credential of kind %s', (kind) => {
  const signIn: Service = kind === 'imds' || kind === 'app-service' ? 'identity' : 'login';
  /** The sign-in first, while there is no token yet. */
  const rows = FAULTS.filter(({ name }) => ELSEWHERE.includes(name)).flatMap(({ name, services }) =>
    services.filter((service) => service === signIn || service in API_OF).map((service) => ({ name, service })),
  );
  const ordered = rows.toSorted((a, b) => Number(b.service === signIn) - Number(a.service === signIn));

  it('gives tokens and secrets to the configured hosts alone, whatever leads elsewhere', async () => {
    const rig = await rigOf(kind);
    const { simulator } = rig;
    const { host: stranger } = new URL((await simulator.startStranger()).url);
    for (const { name, service } of ordered) {
      const row = `${name} at ${service}`;
      // Each API has a token of its own, which must be over for the sign-in to be asked.
      rig.clock.step(service === signIn ? TOKEN_MS : STEP_MS);
      const before = tlsHosts(rig);
      simulator.faults.next(name === 'certificate-change' ? 9 : 3, name, { api: service });
      await tickOf(rig, API_OF[service]);
      expect(Object.keys(simulator.requests.hosts()), row).not.toContain(stranger);
      if (name === 'certificate-change') expect(tlsHosts(rig), row).toEqual(before);
      if (isFollowed(row)) expect([row, await messagesOf(rig)]).toEqual([row, expect.stringMatching(TOLD[name] ?? '')]);
      await recover(rig);
    }
    // The metadata service of a machine is asked without any secret: it only gives.
    const asked = configuredHosts(rig).filter((host) => kind !== 'imds' || host !== identityHost(rig));
    expect(trustedHosts(rig)).toEqual(asked);
    const note = (await rig.findings()).find(({ id }) => id === 'cloud')?.meaning ?? '';
    for (const host of configuredHosts(rig)) expect(note).toContain(host);
  });

  it('shows no secret and no token, whatever goes wrong', async () => {
    const rig = await rigOf(kind);
    for (const api of SERVICES) rig.simulator.faults.probability('any', 0.6, { api, except: SLOW });
    for (let turn = 0; turn < 15; turn += 1) {
      await rig.tick();
      rig.clock.step(STEP_MS);
    }
    expect(rig.events.filter(({ name }) => name === 'pollFailed').length).toBeGreaterThan(5);
    // Closing the rig looks for them.
  });
});

describe('behind a proxy', () => {
  it('shows it where a tunnel leads and its own password, and nothing else', async () => {
    const { url, proxy, sent } = await aProxy();
    const rig = await rigOf('secret', { url, password: PROXY_PASSWORD });
    await rig.tick();
    expect(await messagesOf(rig)).toBe('');
    expect([...new Set(proxy.connects.map(({ target }) => target))].toSorted()).toEqual(configuredHosts(rig));
    expect(rig.seen()).toHaveLength(4);
    expect(findLeaks([...CREDENTIAL_SECRETS, ...rig.seen()], [{ where: 'the proxy', text: sent() }])).toEqual([]);
    expect(sent()).toContain(`Basic ${Buffer.from(`bridge:${PROXY_PASSWORD}`).toString('base64')}`);
  });

  it('says that its password is wrong, without it, and sends nothing on until it is right', async () => {
    const { url, proxy } = await aProxy();
    const rig = await rigOf('secret', { url, password: WRONG_PASSWORD.text });
    await rig.tick();
    const rows = (await rig.findings()).filter(({ id }) => id === 'source.poll');
    expect(rows.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    for (const { meaning, remedy } of rows) {
      expect(meaning).toContain(`the proxy ${new URL(url).host} refuses the login (407)`);
      expect(remedy).toContain('user and password under `proxy`');
    }
    expect(rig.simulator.requests.hosts()).toEqual({});
    const login = new URL(rig.config.tenants[0]?.endpoints.login ?? '').host;
    expect(new Set(proxy.connects.map(({ target }) => target))).toEqual(new Set([login]));
    writeFileSync(rig.file('proxy-password'), PROXY_PASSWORD);
    rig.clock.step(STEP_MS);
    await rig.tick();
    expect(await messagesOf(rig)).toBe('');
  });

  it('asks the machine itself for the token of a managed identity, past the proxy', async () => {
    const { url, proxy, sent } = await aProxy();
    const rig = await rigOf('app-service', { url, password: PROXY_PASSWORD });
    await rig.tick();
    expect(await messagesOf(rig)).toBe('');
    expect(rig.simulator.requests.identity).toBe(3);
    expect(proxy.connects.map(({ target }) => target)).not.toContain(identityHost(rig));
    expect(sent()).not.toContain('GET ');
  });
});

describe('an answer that quotes what it was sent', () => {
  it.each([
    ['the login service', 'login'],
    ['an API', 'graph'],
  ] as const)('of %s is shown without it', async (_who, service) => {
    const rig = await rigOf('secret');
    await rig.tick();
    const sent = rig.seen().filter(({ what }) => (what === 'a client_secret') === (service === 'login'));
    const quoted = sent.map(({ text }) => `${text} ${encodeURIComponent(text)}`);
    const words = `AADSTS7000215: Invalid client secret provided: ${quoted.join(' ')}`;
    const login = { error: 'invalid_client', error_description: words, error_codes: [7000215] };
    rig.clock.step(TOKEN_MS);
    if (service === 'login') rig.simulator.login.failNext(3, { status: 401, body: login });
    else rig.simulator.failNext(3, { status: 403, body: { error: { code: 'Forbidden', message: words } } });
    await rig.tick();
    expect(await messagesOf(rig)).toContain('Invalid client secret provided: [hidden]');
    // Closing the rig looks for the rest.
  });
});

describe('the search for secrets', () => {
  const hidden = [{ what: 'it', text: 'päss~word+of "the" tenant/contoso' }];
  const text = hidden[0]?.text ?? '';
  it.each([
    ['as it is', text],
    ['cut off', text.slice(0, 20)],
    ['in a URL', encodeURIComponent(text)],
    ['in a form', new URLSearchParams({ client_secret: text }).toString()],
    ['in JSON', JSON.stringify({ secret: text })],
    ['in hexadecimal', Buffer.from(text).toString('hex')],
    ['in base64', Buffer.from(text).toString('base64')],
    ['in base64 behind a name', Buffer.from(`bridge:${text}`).toString('base64')],
    ['in base64 behind another name', Buffer.from(`flexbridge:${text}`).toString('base64url')],
    ['in base64 behind a third name', Buffer.from(`ops:${text}`).toString('base64url')],
  ])('finds one %s', (_how, shown) => {
    expect(findLeaks(hidden, [{ where: 'a log', text: `{"message":"failed: ${shown} (401)"}` }])).toEqual([
      'it in a log',
    ]);
  });

  it('finds a line of a key and a part of a token, and nothing where nothing is', () => {
    const textOf = (name: string) => CREDENTIAL_SECRETS.find(({ what }) => what === name)?.text ?? '';
    const line = textOf('the private key').split('\n')[3] ?? '';
    const token = textOf('the federated token');
    const found = findLeaks(CREDENTIAL_SECRETS, [{ where: 'a log', text: `${line} ${token.split('.')[1]}` }]);
    expect(found).toEqual(['the private key in a log', 'the federated token in a log']);
    expect(findLeaks(CREDENTIAL_SECRETS, [{ where: 'a log', text: 'poll finished' }])).toEqual([]);
  });
});

/** A proxy that wants its password, and everything that it gets to see. */
async function aProxy() {
  const right = `Basic ${Buffer.from(`bridge:${PROXY_PASSWORD}`).toString('base64')}`;
  const proxy = await startProxy(({ authorization }) =>
    authorization === right ? null : '407 Proxy Authentication Required',
  );
  const forwarder = await startForwarder(proxy.host);
  closing.push(async () => {
    await forwarder.close();
    await proxy.close();
  });
  return { url: `http://${forwarder.host}`, proxy, sent: forwarder.sent };
}

/** Of a managed identity, else empty. It speaks plain http. */
function identityHost({ config }: Rig): string {
  const credential = config.tenants[0]?.credential;
  return credential?.kind === 'managed-identity' ? new URL(credential.endpoint.url).host : '';
}

/** What came to the hosts that have a certificate. */
function tlsHosts(rig: Rig) {
  const { [identityHost(rig)]: _, ...others } = rig.simulator.requests.hosts();
  return others;
}

async function tickOf(rig: Rig, api: SourceName | undefined): Promise<void> {
  const due = rig.sources.filter(({ ref }) => api === undefined || ref.source === api);
  await Promise.all(due.map(({ collector }) => collector.tick(new AbortController().signal)));
}
