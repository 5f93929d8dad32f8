import { constants, createHash, verify, X509Certificate } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateMaterial, Credential, Reader } from '../../../src/defender/credential.ts';
import { aKeyPair, type KeyAndCertificate } from '../../support/key-pair.ts';
import { type CannedAnswer, calm, containing, failureOf, type Loopback, startLoopback } from './loopback.ts';
import { aRefusal, aToken, CLIENT, given, shownBy, TENANT, type TokenRig, tokenRig, unreadable } from './token-rig.ts';

const WRONG = aRefusal(7000215, 'Invalid client secret provided.', 401);
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let server: Loopback | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Answers by what the request proves itself with. */
async function signIn(credential: Credential, answer: (form: URLSearchParams) => CannedAnswer): Promise<TokenRig> {
  server = await startLoopback(({ body }) => answer(new URLSearchParams(body)));
  // The certificates of these tests are made now.
  return tokenRig(server.fetcher, server.url, { credential }, Date.now());
}

function forms(): readonly URLSearchParams[] {
  return (server?.requests ?? []).map(({ body }) => new URLSearchParams(body));
}

function secrets(...readers: readonly Reader<string>[]): Credential {
  return { kind: 'secret', clientId: CLIENT, secrets: readers };
}

function certificates(...readers: readonly Reader<CertificateMaterial>[]): Credential {
  return { kind: 'certificate', clientId: CLIENT, certificates: readers };
}

function sentSecrets(): readonly (string | null)[] {
  return forms().map((form) => form.get('client_secret'));
}

/** A login service that knows these secrets alone. */
function knowing(...known: readonly string[]) {
  return (form: URLSearchParams) => (known.includes(form.get('client_secret') ?? '') ? aToken('t') : WRONG);
}

function parsed(part: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
}

describe('a certificate', () => {
  let pair: KeyAndCertificate;
  let other: KeyAndCertificate;
  beforeAll(() => {
    [pair, other] = [aKeyPair('flexbridge'), aKeyPair('other')];
  });

  const material = (made: KeyAndCertificate): CertificateMaterial => ({ ...made, passphrase: null });

  it('signs an assertion that Entra can check: signature, thumbprint, chain, audience and times', async () => {
    const chain = `${pair.certificatePem}\n${other.certificatePem}`;
    const credential = certificates(given({ ...pair, certificatePem: chain, passphrase: null }));
    const { tokens } = await signIn(credential, () => aToken('t1'));
    expect(await tokens.token(calm())).toBe('t1');

    const [form] = forms();
    expect(form?.get('client_assertion_type')).toBe(JWT_BEARER);
    expect(form?.has('client_secret')).toBe(false);
    const [head, body, signature] = (form?.get('client_assertion') ?? '').split('.');
    const [header, claims] = [parsed(head), parsed(body)];
    const leaf = new X509Certificate(pair.certificatePem);

    const key = { key: leaf.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    expect(header['alg']).toBe('PS256');
    expect(verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature ?? '', 'base64url'))).toBe(true);
    expect(header['x5t#S256']).toBe(createHash('sha256').update(leaf.raw).digest('base64url'));
    expect(header['x5c']).toEqual(
      [leaf, new X509Certificate(other.certificatePem)].map((c) => c.raw.toString('base64')),
    );
    expect(claims).toMatchObject({ iss: CLIENT, sub: CLIENT });
    expect(claims['aud']).toBe(`${server?.url ?? ''}/${TENANT.toLowerCase()}/oauth2/v2.0/token`);
    const [start, end] = [Number(claims['nbf']), Number(claims['exp'])];
    expect(end - start).toBe(600);
    expect(Math.abs(start - Date.now() / 1000)).toBeLessThan(60);
  });

  it('makes way for the second one when Entra does not know it', async () => {
    const known = createHash('sha256').update(new X509Certificate(other.certificatePem).raw).digest('base64url');
    const credential = certificates(given(material(pair)), given(material(other)));
    const { tokens, events } = await signIn(credential, (form) => {
      const header = parsed((form.get('client_assertion') ?? '').split('.')[0]);
      return header['x5t#S256'] === known ? aToken('t2') : aRefusal(700027, 'The key was not found.', 401);
    });
    expect(await tokens.token(calm())).toBe('t2');
    expect(events[0]).toMatchObject({ name: 'credentialSwitched', reason: containing('certificate 2') });
  });

  it('that has expired by our clock makes way for the second one without being sent', async () => {
    const credential = certificates(given(material(pair)), given(material(other)));
    const { tokens, clock } = await signIn(credential, () => aToken('t'));
    clock.step(31 * 86_400_000);
    const failure = await failureOf(tokens.token(calm()));
    expect(failure).toMatchObject({ code: 'TOKEN_CERTIFICATE_EXPIRED', kind: 'operator' });
    expect(failure).toHaveProperty('message', containing('certificate 1: '));
    expect(failure).toHaveProperty('message', containing('certificate 2: '));
    expect(forms()).toEqual([]);
  });

  it('and its key are in no error or event, even when the assertion comes back', async () => {
    const credential = certificates(given(material(pair)), given(material(other)));
    const { tokens, events } = await signIn(credential, (form) =>
      aRefusal(700027, `cannot use ${form.get('client_assertion') ?? ''}`, 401),
    );
    const shown = shownBy(await failureOf(tokens.token(calm()))) + shownBy(events);
    expect(shown).toContain('TOKEN_CERTIFICATE_REFUSED');
    expect(shown).not.toContain('eyJ');
    expect(shown).not.toContain('PRIVATE KEY');
    const keyLine = pair.privateKeyPem.split('\n')[1] ?? '';
    expect(shown).not.toContain(keyLine);
  });
});

describe('a workload identity', () => {
  it('sends the token file as it is at the moment of each request', async () => {
    const files = ['first.of.file\n', 'second.of.file\n'];
    const assertion = () => Promise.resolve(files.shift() ?? '');
    const { tokens } = await signIn({ kind: 'workload-identity', clientId: CLIENT, assertion }, () => aToken('t'));
    await tokens.token(calm());
    await tokens.token(calm(), { force: true });
    expect(forms().map((form) => form.get('client_assertion'))).toEqual(['first.of.file', 'second.of.file']);
    expect(forms()[0]?.get('client_assertion_type')).toBe(JWT_BEARER);
    expect(forms()[0]?.get('client_id')).toBe(CLIENT);
  });

  it('whose file cannot be read fails with the words of its reader', async () => {
    const credential: Credential = { kind: 'workload-identity', clientId: CLIENT, assertion: unreadable() };
    const { tokens } = await signIn(credential, () => aToken('t'));
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code: 'SECRET_FILE', message: 'cannot read /run/a' });
    expect(forms()).toEqual([]);
  });
});

describe('of two live secrets', () => {
  it('the second is tried in the same renewal when the first is refused, and goes first from then on', async () => {
    const { tokens, events } = await signIn(secrets(given('one'), given('two')), knowing('two'));
    expect(await tokens.token(calm())).toBe('t');
    await tokens.token(calm(), { force: true });
    expect(sentSecrets()).toEqual(['one', 'two', 'two']);
    const told = events.filter(({ name }) => name === 'credentialSwitched');
    expect(told).toEqual([
      {
        name: 'credentialSwitched',
        tenant: 'contoso',
        reason: expect.stringMatching(/^now used: client secret 2; client secret 1: .*AADSTS7000215/) as string,
      },
    ]);
    expect(shownBy(told)).not.toMatch(/"one"|"two"/);
  });

  it('the first is used again, without a restart, once the second is refused', async () => {
    let known = 'two';
    const { tokens } = await signIn(secrets(given('one'), given('two')), (form) => knowing(known)(form));
    await tokens.token(calm());
    known = 'one';
    await tokens.token(calm(), { force: true });
    expect(sentSecrets()).toEqual(['one', 'two', 'two', 'one']);
  });

  it('one that cannot be read at that moment does no harm', async () => {
    const { tokens, events } = await signIn(secrets(unreadable(), given('two')), knowing('two'));
    expect(await tokens.token(calm())).toBe('t');
    expect(sentSecrets()).toEqual(['two']);
    expect(events[0]).toMatchObject({ name: 'credentialSwitched', reason: containing('cannot read /run/a') });
  });

  it.each([
    ['an unknown tenant', aRefusal(90002, 'Tenant not found.'), 'TOKEN_TENANT_UNKNOWN'],
    ['throttling', { status: 429 }, 'TOKEN_THROTTLED'],
    ['a failure of the login service', { status: 503 }, 'TOKEN_UNAVAILABLE'],
  ])('the second is not sent after %s, which says nothing about the first', async (_name, answer, code) => {
    const { tokens } = await signIn(secrets(given('one'), given('two')), () => answer);
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code });
    expect(sentSecrets()).toEqual(['one']);
  });

  it('both are named with their reasons when both are refused, and neither is shown', async () => {
    const { tokens, events } = await signIn(secrets(given('one-Xq'), given('two-Xq')), (form) =>
      form.get('client_secret') === 'one-Xq'
        ? aRefusal(7000222, 'The keys are expired: one-Xq.', 401)
        : aRefusal(7000215, 'Invalid: two-Xq.', 401),
    );
    const failure = await failureOf(tokens.token(calm()));
    expect(failure).toMatchObject({ code: 'TOKEN_SECRET_WRONG', kind: 'operator' });
    expect(failure).toHaveProperty(
      'message',
      expect.stringMatching(/client secret 1: .*7000222.* client secret 2: .*7000215/),
    );
    expect(shownBy(failure) + shownBy(events)).not.toContain('-Xq');
  });

  it('a first that is refused and a second that meets a failure is a failure that passes', async () => {
    const { tokens } = await signIn(secrets(given('one'), given('two')), (form) =>
      form.get('client_secret') === 'one' ? WRONG : { status: 503, headers: { 'retry-after': '9' } },
    );
    const failure = await failureOf(tokens.token(calm()));
    expect(failure).toMatchObject({ code: 'TOKEN_UNAVAILABLE', kind: 'transient', retryAfterMs: 9000 });
    expect(failure).toHaveProperty('message', containing('7000215'));
  });
});
