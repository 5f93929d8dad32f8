import { renameSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { SourceName } from '../../src/domain/detection.ts';
import type { RegisteredSecret, SimulatedTenant } from '../../src/simulator/login/simulated-tenant.ts';
import { type SteppedClock, steppedClock } from '../support/clock.ts';
import {
  ASSERTION,
  CLIENT_ID,
  CREDENTIAL_SECRETS,
  credentialOf,
  federatedToken,
  LOCKED_KEY,
  PAIR,
  PASSPHRASE,
  REGISTERED,
  SECRET,
  TENANT_ID,
} from '../support/credential-setup.ts';
import { aKeyPair } from '../support/key-pair.ts';
import { createTenantRig, type TenantRig, type TenantSetup } from '../support/tenant-rig.ts';

const OTHER_TENANT_ID = '22222222-3333-4444-8555-666666666666';
const SECOND_SECRET = 'second~secret+of/the=tenant';
const THIRD_SECRET = 'third~secret+of/the=tenant';
const SECOND_PAIR = aKeyPair('FlexBridge test, renewed');
const SECOND_ASSERTION = federatedToken('the second');
const HIDDEN = [
  ...CREDENTIAL_SECRETS,
  { what: 'the second secret', text: SECOND_SECRET },
  { what: 'the third secret', text: THIRD_SECRET },
  { what: 'the second private key', text: SECOND_PAIR.privateKeyPem },
  { what: 'the second federated token', text: SECOND_ASSERTION },
];

const DAY_MS = 86_400_000;
/** Short, so that a renewal is near. */
const TOKEN_MS = 60_000;
/** Longer than the wait after a first failure, and than a token lives. */
const STEP_MS = 64_000;

type Rig = TenantRig<SteppedClock>;
let close: () => Promise<void> = () => Promise.resolve();
afterEach(() => close());

interface Wanted {
  /** `credential` is YAML; its files and variables. */
  readonly setup: TenantSetup | ((simulator: Rig['simulator']) => Promise<TenantSetup>);
  readonly tenants?: readonly SimulatedTenant[];
  readonly apis?: readonly SourceName[];
}

/** One tenant whose clock is near the real one: certificates and signed assertions count by that. */
async function rigWith({ setup, tenants = [REGISTERED], apis = ['graph-alerts'] }: Wanted): Promise<Rig> {
  const rig = await createTenantRig({
    clock: steppedClock(Math.floor(Date.now() / 1000) * 1000),
    simulator: { tenants, tokenLifetimeMs: TOKEN_MS },
    world: { backlog: 3 },
    hidden: HIDDEN,
    setup: async ({ simulator, url }) => {
      const { tenants: credential, ...rest } = typeof setup === 'function' ? await setup(simulator) : setup;
      const endpoints = { 'graph-alerts': 'graph', 'defender-alerts': 'defender', 'siem-detections': 'siem' };
      return {
        tenants: `  - name: contoso
    tenantId: ${TENANT_ID}
    endpoints: { login: "${url}", ${apis.map((api) => `${endpoints[api]}: "${url}"`).join(', ')} }
    caFile: ca.pem
    credential: ${credential}
    sources: [${apis.map((api) => `{ api: ${api}, slice: 24h }`).join(', ')}]
`,
        ...rest,
      };
    },
  });
  close = () => rig.close();
  return rig;
}

/** A poll at a time when the last token is over. */
async function nextPoll(rig: Rig): Promise<void> {
  rig.clock.step(STEP_MS);
  await rig.tick();
}

const countOf = (rig: Rig, wanted: string): number => rig.events.filter(({ name }) => name === wanted).length;

async function findingOf(rig: Rig, wanted: string) {
  return (await rig.findings()).find(({ id }) => id === wanted);
}

const secretsOf = (first: string, second: string): TenantSetup => ({
  tenants: `{ kind: secret, clientId: ${CLIENT_ID}, ${first}, next: { ${second} } }`,
  files: { 'first-secret': SECRET, 'second-secret': SECOND_SECRET },
});

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (text: string): unknown => expect.stringContaining(text);

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

describe('a certificate', () => {
  it('signs in with its locked key, and tells when it expires', async () => {
    const rig = await rigWith({ setup: (simulator) => credentialOf('certificate', simulator) });
    await rig.tick();
    expect([countOf(rig, 'pollFinished'), countOf(rig, 'pollFailed')]).toEqual([1, 0]);
    expect((await rig.store.stats()).alerts).toBe(3);
    expect(await findingOf(rig, 'credential.expiry')).toMatchObject({
      state: 'warning',
      meaning: matching(/^The certificate CN=FlexBridge test expires on [\d-]+, in 29 days\.$/),
    });
  });

  it('makes way for the next one when Entra no longer takes it, and no poll fails', async () => {
    const certificates = [PAIR.certificatePem, SECOND_PAIR.certificatePem];
    const rig = await rigWith({
      tenants: [{ tenantId: TENANT_ID, clientId: CLIENT_ID, certificates }],
      setup: {
        tenants: `{ kind: certificate, clientId: ${CLIENT_ID}, certificateFile: app.pem, passphraseFile: passphrase, next: { certificateFile: next.pem, keyFile: next-key.pem } }`,
        files: {
          'app.pem': `${PAIR.certificatePem}${LOCKED_KEY}`,
          passphrase: PASSPHRASE,
          'next.pem': SECOND_PAIR.certificatePem,
          'next-key.pem': SECOND_PAIR.privateKeyPem,
        },
      },
    });
    await rig.tick();
    certificates.shift();
    await nextPoll(rig);
    expect([countOf(rig, 'pollFinished'), countOf(rig, 'pollFailed')]).toEqual([2, 0]);
    const switched = rig.events.flatMap((event) => (event.name === 'credentialSwitched' ? [event.reason] : []));
    expect(switched).toEqual([matching(/^now used: certificate 2; certificate 1: .*not one of the app.*AADSTS700027/)]);
  });
});

describe('a workload identity', () => {
  it('signs in with the token that its file holds at the time', async () => {
    const federatedAssertions = [ASSERTION];
    const rig = await rigWith({
      tenants: [{ tenantId: TENANT_ID, clientId: CLIENT_ID, federatedAssertions }],
      setup: (simulator) => credentialOf('workload-identity', simulator),
    });
    await rig.tick();
    federatedAssertions.splice(0, 1, SECOND_ASSERTION);
    writeFileSync(rig.file('workload-token'), SECOND_ASSERTION);
    await nextPoll(rig);
    expect([countOf(rig, 'pollFinished'), countOf(rig, 'pollFailed')]).toEqual([2, 0]);
    expect(rig.seen().map(({ text }) => text)).toEqual(expect.arrayContaining([ASSERTION, SECOND_ASSERTION]));
  });

  it('says what to compare when Entra does not know it', async () => {
    const rig = await rigWith({
      tenants: [{ tenantId: TENANT_ID, clientId: CLIENT_ID, federatedAssertions: [] }],
      setup: (simulator) => credentialOf('workload-identity', simulator),
    });
    await rig.tick();
    expect(await findingOf(rig, 'token')).toMatchObject({
      state: 'failed',
      meaning: containing("no federated credential of the app matches the workload's token"),
      remedy: matching(/Issuer, Subject identifier and Audience/),
    });
  });
});

describe('a managed identity', () => {
  it.each(['imds', 'app-service'] as const)(
    'gets its tokens from %s and never asks the login service',
    async (kind) => {
      const rig = await rigWith({ setup: (simulator) => credentialOf(kind, simulator) });
      await rig.tick();
      await nextPoll(rig);
      expect([countOf(rig, 'pollFinished'), countOf(rig, 'pollFailed')]).toEqual([2, 0]);
      const { identity, login } = rig.simulator.requests;
      expect([identity, login]).toEqual([2, 0]);
    },
  );

  it('of another tenant reads nothing: its alerts would be stored as those of the configured one', async () => {
    const rig = await rigWith({
      tenants: [REGISTERED, { ...REGISTERED, tenantId: OTHER_TENANT_ID }],
      setup: async (simulator) => {
        const { imdsUrl } = await simulator.startManagedIdentity(OTHER_TENANT_ID);
        return { tenants: `{ kind: managed-identity, endpoint: "${imdsUrl}" }` };
      },
    });
    await rig.tick();
    expect((await rig.store.stats()).alerts).toBe(0);
    expect(rig.simulator.requests.graph).toBe(0);
    for (const id of ['token', 'token.claims'])
      expect(await findingOf(rig, id)).toMatchObject({
        state: 'failed',
        meaning: containing(`issued by tenant ${OTHER_TENANT_ID}, but ${TENANT_ID} is configured`),
        remedy: containing('A managed identity always belongs to the tenant of its Azure subscription'),
      });
  });
});

describe('two live secrets', () => {
  it('change without a failed poll and without a restart, and a finding tells what has expired', async () => {
    const startMs = Date.now();
    const secrets: RegisteredSecret[] = [
      { value: SECRET, expiresMs: startMs + 1.5 * STEP_MS },
      { value: SECOND_SECRET, expiresMs: startMs + 4.5 * STEP_MS },
      { value: THIRD_SECRET },
    ];
    const rig = await rigWith({
      tenants: [{ tenantId: TENANT_ID, clientId: CLIENT_ID, secrets }],
      setup: secretsOf(
        `secretFile: first-secret, expires: ${day(startMs)}`,
        `secretFile: second-secret, expires: ${day(startMs + 400 * DAY_MS)}`,
      ),
    });
    await rig.tick();
    await nextPoll(rig);
    expect(countOf(rig, 'credentialSwitched')).toBe(0);
    await nextPoll(rig);
    expect(countOf(rig, 'credentialSwitched')).toBe(1);
    expect(await findingOf(rig, 'credential.expiry')).toMatchObject({
      state: 'warning',
      meaning: matching(/^The client secret expired on [\d-]+\. Another one is configured and lives on\.$/),
    });

    writeFileSync(rig.file('first-secret'), THIRD_SECRET);
    await nextPoll(rig);
    await nextPoll(rig);
    await nextPoll(rig);
    expect(rig.seen().map(({ text }) => text)).toContain(THIRD_SECRET);
    expect([countOf(rig, 'credentialSwitched'), countOf(rig, 'pollFailed')]).toEqual([2, 0]);
    expect(rig.events.flatMap((event) => (event.name === 'credentialSwitched' ? [event.reason] : []))).toEqual([
      matching(/^now used: client secret 2; client secret 1: .*has expired.*AADSTS7000222/),
      matching(/^now used: client secret 1; client secret 2: .*has expired.*AADSTS7000222/),
    ]);
  });

  it('are both named, each with its reason, when neither is taken', async () => {
    const rig = await rigWith({
      tenants: [{ tenantId: TENANT_ID, clientId: CLIENT_ID, secrets: [{ value: SECRET, expiresMs: 0 }] }],
      setup: secretsOf('secretFile: first-secret', 'secretFile: second-secret'),
    });
    await rig.tick();
    expect(await findingOf(rig, 'token')).toMatchObject({
      state: 'failed',
      meaning: matching(/client secret 1: .*has expired.*client secret 2: .*is wrong/),
    });
  });
});

describe('a secret', () => {
  it('is waited for when its file vanishes for a while, and the finding names the file', async () => {
    const rig = await rigWith({ setup: (simulator) => credentialOf('secret', simulator) });
    await rig.tick();
    renameSync(rig.file('client-secret'), rig.file('elsewhere'));
    await nextPoll(rig);
    for (const id of ['token', 'source.poll'])
      expect(await findingOf(rig, id)).toMatchObject({
        state: 'failed',
        meaning: containing(rig.file('client-secret')),
        remedy: containing('no restart is needed'),
      });
    renameSync(rig.file('elsewhere'), rig.file('client-secret'));
    await nextPoll(rig);
    expect([countOf(rig, 'pollFinished'), countOf(rig, 'pollFailed')]).toEqual([2, 1]);
    expect((await rig.state('contoso')).state).toBe('running');
  });

  it.each([
    [31, 'ok', /^The client secret expires on [\d-]+, in 31 days\.$/],
    [30, 'warning', /^The client secret expires on [\d-]+, in 30 days\.$/],
    [7, 'warning', /^The client secret expires within a week, on [\d-]+, in 7 days\.$/],
    [0, 'failed', /^The client secret expires within a day, on [\d-]+: collection ends with it\.$/],
    [-1, 'failed', /^The client secret expired on [\d-]+\.$/],
  ])('that expires in %s days is a finding of state %s', async (days, state, meaning) => {
    const expires = day(Date.now() + (days + 1) * DAY_MS);
    const rig = await rigWith({
      setup: {
        tenants: `{ kind: secret, clientId: ${CLIENT_ID}, secretFile: client-secret, expires: ${expires} }`,
        files: { 'client-secret': SECRET },
      },
    });
    expect(await findingOf(rig, 'credential.expiry')).toMatchObject({
      state,
      meaning: matching(meaning),
      remedy: state === 'ok' ? '' : containing('no restart is needed'),
    });
  });
});

describe('an app without the role', () => {
  it('is told so by its token before the first 403, and afterwards in the words of the 403', async () => {
    const rig = await rigWith({
      tenants: [{ ...REGISTERED, roles: ['User.Read.All'] }],
      setup: (simulator) => credentialOf('secret', simulator),
    });
    rig.simulator.failNext(1, { status: 503 });
    await rig.tick();
    const claims = {
      state: 'failed',
      meaning: matching(/lacks the application permission SecurityAlert\.Read\.All.*carries User\.Read\.All/),
      remedy: containing('Grant admin consent'),
    };
    expect(await findingOf(rig, 'token.claims')).toMatchObject(claims);
    expect((await findingOf(rig, 'source.poll'))?.meaning).toContain('(503)');
    await nextPoll(rig);
    expect(await findingOf(rig, 'token.claims')).toMatchObject(claims);
    expect(await findingOf(rig, 'source.poll')).toMatchObject({
      state: 'failed',
      meaning: matching(/\(403\).*lacks SecurityAlert\.Read\.All.*Microsoft: .*Missing application roles/),
    });
    expect(countOf(rig, 'tokenProblem')).toBe(1);
  });
});
