import { constants, sign, X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatedTenant } from '../../../../src/simulator/login/simulated-tenant.ts';
import { steppedClock } from '../../../support/clock.ts';
import { aKeyPair, type KeyAndCertificate } from '../../../support/key-pair.ts';
import { type Answer, CLIENT, json, type Rig, SECRET, START_MS, startRig, TENANT } from '../simulator-client.ts';

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const KEYS = aKeyPair('app');
const OTHER_KEYS = aKeyPair('other app');
const NOW_MS = Date.now();
let rig: Rig;
afterEach(() => rig.simulator.stop());

async function start(tenant: Partial<SimulatedTenant>, clockMs = START_MS): Promise<void> {
  rig = await startRig({ tenants: [{ tenantId: TENANT, clientId: CLIENT, ...tenant }], clock: steppedClock(clockMs) });
}

function outcome(answer: Answer): unknown {
  const { error_codes: codes, token_type: type } = json(answer);
  return type ?? codes;
}

interface Assertion {
  readonly keys?: KeyAndCertificate;
  /** Whose thumbprint it names. */
  readonly named?: KeyAndCertificate;
  readonly algorithm?: 'RS256' | 'PS256' | 'HS256';
  readonly thumbprint?: 'x5t' | 'x5t#S256';
  readonly header?: object;
  readonly claims?: object;
}

/** As msal and others make them. */
function assertion({
  keys = KEYS,
  named = keys,
  algorithm = 'PS256',
  thumbprint = 'x5t#S256',
  header = {},
  claims = {},
}: Assertion): string {
  const certificate = new X509Certificate(named.certificatePem);
  const print = thumbprint === 'x5t' ? certificate.fingerprint : certificate.fingerprint256;
  const head = {
    alg: algorithm,
    typ: 'JWT',
    [thumbprint]: Buffer.from(print.replaceAll(':', ''), 'hex').toString('base64url'),
    ...header,
  };
  const now = Math.floor(NOW_MS / 1000);
  const body = {
    aud: `${rig.url}/${TENANT}/oauth2/v2.0/token`,
    iss: CLIENT,
    sub: CLIENT,
    jti: 'j',
    nbf: now,
    exp: now + 600,
    ...claims,
  };
  const signed = [head, body].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const padding = algorithm === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  const signature = sign('sha256', Buffer.from(signed), { key: keys.privateKeyPem, ...padding });
  return `${signed}.${signature.toString('base64url')}`;
}

function present(text: string): Promise<Answer> {
  return rig.login({ client_secret: '', client_assertion_type: TYPE, client_assertion: text });
}

describe('the simulated login with secrets', () => {
  it('takes each of two live secrets, and says of an old one that it is over', async () => {
    await start({
      clientSecret: SECRET,
      secrets: [{ value: 'second', expiresMs: START_MS + 60_000 }, { value: 'third' }],
    });
    for (const client_secret of [SECRET, 'second', 'third']) {
      expect(outcome(await rig.login({ client_secret }))).toBe('Bearer');
    }
    expect(outcome(await rig.login({ client_secret: 'fourth' }))).toEqual([7000215]);
  });

  it('refuses an expired secret with 7000222', async () => {
    await start({ secrets: [{ value: 'old', expiresMs: START_MS }] });
    const answer = await rig.login({ client_secret: 'old' });
    expect([answer.status, outcome(answer)]).toEqual([401, [7000222]]);
    expect(answer.body).toContain('expired');
  });
});

describe('the simulated login with certificates', () => {
  it.each([
    ['PS256', 'x5t#S256'],
    ['RS256', 'x5t'],
    ['RS256', 'x5t#S256'],
  ] as const)('takes an assertion signed with %s that names the certificate by %s', async (algorithm, thumbprint) => {
    await start({ certificates: [OTHER_KEYS.certificatePem, KEYS.certificatePem] }, NOW_MS);
    expect(outcome(await present(assertion({ algorithm, thumbprint })))).toBe('Bearer');
  });

  it('puts up with a certificate chain in the assertion', async () => {
    await start({ certificates: [KEYS.certificatePem] }, NOW_MS);
    const x5c = [new X509Certificate(KEYS.certificatePem).raw.toString('base64')];
    expect(outcome(await present(assertion({ header: { x5c } })))).toBe('Bearer');
  });

  it.each<[string, Assertion, number]>([
    ['a certificate that is not registered', { keys: OTHER_KEYS }, 700027],
    ['a signature by another key', { keys: OTHER_KEYS, named: KEYS }, 700027],
    ['another algorithm', { algorithm: 'HS256' }, 700027],
    ['an assertion that is over', { claims: { nbf: 1, exp: Math.floor(NOW_MS / 1000) - 600 } }, 700024],
    [
      'an assertion from the future',
      { claims: { nbf: Math.floor(NOW_MS / 1000) + 900, exp: Math.floor(NOW_MS / 1000) + 1500 } },
      700024,
    ],
    ['an assertion for somebody else', { claims: { aud: 'https://login.example/token' } }, 700023],
    ['an assertion of another client', { claims: { iss: TENANT, sub: TENANT } }, 700021],
  ])('refuses %s', async (_name, made, code) => {
    await start({ certificates: [KEYS.certificatePem] }, NOW_MS);
    const answer = await present(assertion(made));
    expect([answer.status, outcome(answer)]).toEqual([401, [code]]);
  });

  it('refuses a certificate past its own end', async () => {
    await start({ certificates: [KEYS.certificatePem] }, NOW_MS + 31 * 86_400_000);
    const answer = await present(assertion({ claims: {} }));
    expect([outcome(answer), answer.body.includes('The key used is expired')]).toEqual([[700027], true]);
  });

  it('refuses what is no assertion', async () => {
    await start({ certificates: [KEYS.certificatePem] }, NOW_MS);
    expect(outcome(await present('not.a-jwt'))).toEqual([50027]);
    expect(
      outcome(await rig.login({ client_secret: '', client_assertion: 'a.b.c', client_assertion_type: 'urn:x' })),
    ).toEqual([900144]);
  });
});

describe('the simulated login with federated assertions', () => {
  const jwt = (claims: object) =>
    ['{}', JSON.stringify(claims)]
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.')
      .concat('.c2ln');

  it('takes the ones that are registered, whatever text they are, and no other', async () => {
    const known = jwt({ iss: 'https://oidc.example', exp: START_MS / 1000 + 60 });
    await start({ federatedAssertions: [known, 'plain text'] });
    expect(outcome(await present(known))).toBe('Bearer');
    expect(outcome(await present('plain text'))).toBe('Bearer');
    const unknown = await present(jwt({ iss: 'https://other.example', sub: 'pod', aud: 'api://x' }));
    expect(outcome(unknown)).toEqual([70021]);
    expect(unknown.body).toContain("Assertion Issuer: 'https://other.example'");
  });

  it('refuses one whose time is over', async () => {
    const old = jwt({ exp: START_MS / 1000 - 3600 });
    await start({ federatedAssertions: [old] });
    expect(outcome(await present(old))).toEqual([700024]);
  });
});

describe('tokens of the simulated login', () => {
  function claimsOf(token: unknown): unknown {
    return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString());
  }

  it.each([
    ['https://graph.microsoft.com/.default', 'https://graph.microsoft.com', ['SecurityAlert.Read.All']],
    ['https://dod-graph.microsoft.us/.default', 'https://graph.microsoft.com', ['SecurityAlert.Read.All']],
    [
      'https://api.securitycenter.microsoft.com/.default',
      'https://api.securitycenter.microsoft.com',
      ['Alert.Read.All'],
    ],
    [
      'https://api-gov.securitycenter.microsoft.us/.default',
      'https://api.securitycenter.microsoft.com',
      ['Alert.Read.All'],
    ],
    [
      'https://securitycenter.onmicrosoft.com/windowsatpservice/.default',
      'https://api.securitycenter.microsoft.com',
      ['Alert.Read.All'],
    ],
    ['https://graph.windows.net/.default', 'https://graph.windows.net', undefined],
    ['https://api.security.microsoft.com/.default', 'https://api.security.microsoft.com', undefined],
  ])('for %s carry its audience and the roles for it', async (scope, aud, roles) => {
    await start({ clientSecret: SECRET });
    const claims = claimsOf(json(await rig.login({ scope }))['access_token']);
    expect(claims).toMatchObject({ aud, tid: TENANT });
    expect((claims as { roles?: unknown }).roles).toEqual(roles);
  });

  it('come from the older endpoint, too, which asks for a resource and writes numbers as texts', async () => {
    await start({ clientSecret: SECRET });
    const form = {
      grant_type: 'client_credentials',
      client_id: CLIENT,
      client_secret: SECRET,
      resource: 'https://graph.windows.net',
    };
    const answer = await rig.ask(`/${TENANT}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams(form).toString(),
    });
    expect(json(answer)).toMatchObject({
      expires_in: '3599',
      expires_on: String(START_MS / 1000 + 3599),
      not_before: String(START_MS / 1000),
      resource: 'https://graph.windows.net',
    });
    expect(claimsOf(json(answer)['access_token'])).toMatchObject({ aud: 'https://graph.windows.net' });
  });
});
