import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  askToken,
  CLIENT,
  codeFor,
  createOAuthRig,
  exchange,
  type OAuthRig,
  REDIRECT,
  ROTATING,
  refresh,
  tokensOf,
} from '../support/oauth-rig.ts';

let rig: OAuthRig;
beforeEach(async () => {
  rig = await createOAuthRig();
});
afterEach(() => rig.close());

const VERIFIER = 'v'.repeat(50);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

function errorOf({ status, body }: { readonly status: number; readonly body: string }): readonly [number, string] {
  return [status, (JSON.parse(body) as { error: string }).error];
}

function refusals(): readonly unknown[] {
  return rig.audit.filter(({ action }) => action === 'token-refused').map(({ who, details }) => [who, details]);
}

function basic(name: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

describe('the exchange of a code', () => {
  it('gives an access token for an hour and a refresh token, kept by nobody on the way', async () => {
    const answer = await askToken(rig, exchange(await codeFor(rig)));
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(JSON.parse(answer.body)).toEqual({
      access_token: expect.any(String) as string,
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
    });
    expect(rig.audit.map(({ who, action }) => [who, action])).toEqual([
      ['ops', 'sign-in'],
      ['ops', 'consent'],
      [CLIENT.connector, 'token-issued'],
    ]);
    expect(rig.store.refreshTokens()).toMatchObject([
      { connector: CLIENT.connector, clientId: CLIENT.id, createdBy: 'ops', createdMs: rig.clock.now() },
    ]);
  });

  it('takes the client from the Authorization header as well, or from both where they agree', async () => {
    for (const form of [{}, { client_id: CLIENT.id }, { client_id: CLIENT.id, client_secret: CLIENT.secret }]) {
      const answer = await rig.send('/oauth2/token', {
        method: 'POST',
        form: { ...exchange(await codeFor(rig)), ...form },
        headers: basic(CLIENT.id, CLIENT.secret),
      });
      expect(answer.status).toBe(200);
    }
  });

  it('is refused after 60 seconds, by the clock of the bridge', async () => {
    const [early, late] = [await codeFor(rig), await codeFor(rig)];
    rig.clock.step(59_999);
    expect((await askToken(rig, exchange(early))).status).toBe(200);
    rig.clock.step(1);
    expect(errorOf(await askToken(rig, exchange(late)))).toEqual([400, 'invalid_grant']);
    expect(refusals()).toMatchObject([
      [CLIENT.connector, { client: CLIENT.id, reason: expect.stringContaining('expired') as string }],
    ]);
  });

  it('is refused the second time, and what the first has given ends', async () => {
    const code = await codeFor(rig);
    const { refresh_token } = await tokensOf(rig, exchange(code));
    const grant = rig.store.refreshTokens()[0]?.grant ?? '';
    expect(errorOf(await askToken(rig, exchange(code)))).toEqual([400, 'invalid_grant']);
    expect(errorOf(await askToken(rig, refresh(refresh_token)))).toEqual([400, 'invalid_grant']);
    expect(rig.store.hasGrant(grant)).toBe(false);
    expect(refusals()).toMatchObject([
      [CLIENT.connector, { revoked: grant }],
      [CLIENT.connector, {}],
    ]);
  });

  it('is refused twice where two ask at the same time, and nothing that it gave stays', async () => {
    const code = await codeFor(rig);
    const answers = await Promise.all([askToken(rig, exchange(code)), askToken(rig, exchange(code))]);
    expect(answers.map(errorOf)).toEqual([
      [400, 'invalid_grant'],
      [400, 'invalid_grant'],
    ]);
    expect(rig.store.refreshTokens()).toEqual([]);
    expect(rig.audit.filter(({ action }) => action === 'token-issued')).toEqual([]);
  });

  it('takes the secret of the header also as RFC 6749 2.3.1 has it encoded', async () => {
    const secret = 'p@ss w/+%41:x';
    rig.setLogins((logins) => ({
      ...logins,
      connectors: logins.connectors.map((login) =>
        login.auth.kind === 'oauth2' && login.name === CLIENT.connector
          ? { ...login, auth: { ...login.auth, secretHashes: [createHash('sha256').update(secret).digest('hex')] } }
          : login,
      ),
    }));
    const encoded = new URLSearchParams({ secret }).toString().slice('secret='.length);
    for (const sent of [secret, encoded]) {
      const form = exchange(await codeFor(rig));
      const answer = await rig.send('/oauth2/token', { method: 'POST', form, headers: basic(CLIENT.id, sent) });
      expect(answer.status).toBe(200);
    }
    expect(rig.events.filter(({ name }) => name === 'loginFailed')).toEqual([]);
  });

  it('is refused to another client, which cannot use it up for later either', async () => {
    const code = await codeFor(rig);
    expect(errorOf(await askToken(rig, exchange(code), ROTATING))).toEqual([400, 'invalid_grant']);
    expect(errorOf(await askToken(rig, exchange(code)))).toEqual([400, 'invalid_grant']);
    expect(rig.store.refreshTokens()).toEqual([]);
  });

  it.each([
    ['another port', 'http://localhost:44301/flexbridge'],
    ['another path', 'http://localhost:44300/flexbridge/'],
    ['another scheme', 'https://localhost:44300/flexbridge'],
  ])('is refused with a redirect URI of %s', async (_name, other) => {
    const code = await codeFor(rig);
    expect(errorOf(await askToken(rig, exchange(code, other)))).toEqual([400, 'invalid_grant']);
  });

  it('is refused without the redirect URI', async () => {
    const code = await codeFor(rig);
    expect(errorOf(await askToken(rig, { grant_type: 'authorization_code', code }))).toEqual([400, 'invalid_request']);
  });

  it('honours PKCE where the client has used it', async () => {
    const pkce = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
    const right = { ...exchange(await codeFor(rig, pkce)), code_verifier: VERIFIER };
    expect((await askToken(rig, right)).status).toBe(200);
    const wrong = { ...exchange(await codeFor(rig, pkce)), code_verifier: 'w'.repeat(50) };
    expect(errorOf(await askToken(rig, wrong))).toEqual([400, 'invalid_grant']);
    expect(errorOf(await askToken(rig, exchange(await codeFor(rig, pkce))))).toEqual([400, 'invalid_grant']);
  });

  it('needs the secret also with PKCE', async () => {
    const code = await codeFor(rig, { code_challenge: CHALLENGE });
    const form = { ...exchange(code), client_id: CLIENT.id, code_verifier: VERIFIER };
    expect(errorOf(await rig.send('/oauth2/token', { method: 'POST', form }))).toEqual([400, 'invalid_client']);
  });
});

describe('a token request', () => {
  it.each([
    ['of an unknown client', { client_id: 'nobody', client_secret: 'x' }],
    ['with a wrong secret', { client_id: CLIENT.id, client_secret: 'x' }],
    ["with another client's secret", { client_id: CLIENT.id, client_secret: ROTATING.secret }],
    ['without a secret', { client_id: CLIENT.id }],
    ['without a client', { client_secret: CLIENT.secret }],
  ])('%s is refused in the same words, before the code is looked at', async (_name, client) => {
    const code = await codeFor(rig);
    const answer = await rig.send('/oauth2/token', { method: 'POST', form: { ...exchange(code), ...client } });
    expect(errorOf(answer)).toEqual([400, 'invalid_client']);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(refusals()).toHaveLength(1);
    expect((await askToken(rig, exchange(code))).status).toBe(200);
  });

  it('with a wrong secret in the header is told to use Basic', async () => {
    const sent = { method: 'POST', form: refresh('x'), headers: basic(CLIENT.id, 'wrong') } as const;
    const answer = await rig.send('/oauth2/token', sent);
    expect(errorOf(answer)).toEqual([401, 'invalid_client']);
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
  });

  it('whose header and form name different secrets is invalid', async () => {
    const form = { ...refresh('x'), client_id: CLIENT.id, client_secret: 'other' };
    const answer = await rig.send('/oauth2/token', { method: 'POST', form, headers: basic(CLIENT.id, CLIENT.secret) });
    expect(errorOf(answer)).toEqual([400, 'invalid_request']);
  });

  it('with wrong secrets again and again is slowed down, while a right one is answered at once', async () => {
    const wrong = { ...refresh('x'), client_id: CLIENT.id, client_secret: 'x' };
    const statuses: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      statuses.push((await rig.send('/oauth2/token', { method: 'POST', form: wrong })).status);
    }
    expect(statuses.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 400));
    expect(statuses.at(-1)).toBe(429);
    expect((await askToken(rig, exchange(await codeFor(rig)))).status).toBe(200);
  });

  it.each(['client_id', 'client_secret', 'grant_type', 'refresh_token', 'code', 'redirect_uri'])(
    'that has %s twice is invalid',
    async (name) => {
      const form = new URLSearchParams({ ...refresh('x'), client_id: CLIENT.id, client_secret: CLIENT.secret });
      form.append(name, form.get(name) ?? 'a');
      form.append(name, 'b');
      const answer = await rig.send('/oauth2/token', { method: 'POST', form: form.toString() });
      expect(errorOf(answer)).toEqual([400, 'invalid_request']);
      expect(answer.body).toContain(name);
      expect(refusals()).toHaveLength(1);
    },
  );

  it.each([
    ['without a grant type', {}, 'invalid_request'],
    ['for another grant type', { grant_type: 'client_credentials' }, 'unauthorized_client'],
    ['with the password of a user', { grant_type: 'password', username: 'ops', password: 'x' }, 'unauthorized_client'],
    ['for a grant type that nobody knows', { grant_type: 'magic' }, 'unsupported_grant_type'],
    ['for a grant type of the prototype', { grant_type: '__proto__' }, 'unsupported_grant_type'],
    ['without its code', { grant_type: 'authorization_code', redirect_uri: REDIRECT }, 'invalid_request'],
    ['without its refresh token', { grant_type: 'refresh_token' }, 'invalid_request'],
    ['with an empty refresh token', refresh(''), 'invalid_request'],
    ['with an unknown code', exchange('nope'), 'invalid_grant'],
    ['with an unknown refresh token', refresh('nope'), 'invalid_grant'],
    ['with control characters', refresh('a\u0000b'), 'invalid_request'],
  ])('%s has the error of RFC 6749', async (_name, form, error) => {
    expect(errorOf(await askToken(rig, form))).toEqual([400, error]);
    expect(refusals()).toHaveLength(1);
  });

  it('that is larger than 16 KB is not read', async () => {
    const form = `grant_type=refresh_token&refresh_token=${'x'.repeat(17_000)}`;
    expect(errorOf(await rig.send('/oauth2/token', { method: 'POST', form }))).toEqual([413, 'invalid_request']);
    expect(refusals()).toHaveLength(1);
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'nonsense'])(
    'of the type %s is invalid',
    async (type) => {
      const sent = {
        method: 'POST',
        form: '{"grant_type":"refresh_token"}',
        headers: { 'content-type': type },
      } as const;
      expect(errorOf(await rig.send('/oauth2/token', sent))).toEqual([400, 'invalid_request']);
    },
  );

  it('with its parameters in the URL, or with no body at all, is no request', async () => {
    const query = new URLSearchParams({ ...refresh('x'), client_id: CLIENT.id, client_secret: CLIENT.secret });
    const answer = await rig.send(`/oauth2/token?${query.toString()}`, { method: 'POST' });
    expect(errorOf(answer)).toEqual([400, 'invalid_client']);
  });

  it('leaves no secret, code or token in audit lines and events', async () => {
    const code = await codeFor(rig);
    const { access_token, refresh_token } = await tokensOf(rig, exchange(code));
    await askToken(rig, exchange(code));
    await askToken(rig, refresh(refresh_token));
    await askToken(rig, refresh(refresh_token), { ...CLIENT, secret: 'guess-of-a-secret' });
    await rig.send('/oauth2/token', { method: 'POST', form: `code=${code}&code=${code}` });
    const told = JSON.stringify([rig.audit, rig.events]);
    for (const secret of [code, access_token, refresh_token, CLIENT.secret, 'guess-of-a-secret']) {
      expect(told).not.toContain(secret);
    }
  });

  it('that is refused without end fills the audit trail only so far', async () => {
    for (let count = 0; count < 80; count += 1) await askToken(rig, refresh('nope'));
    expect(refusals().length).toBe(50);
    rig.clock.step(60_000);
    await askToken(rig, refresh('nope'));
    expect(refusals().length).toBe(51);
  });
});
