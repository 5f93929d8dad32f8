import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authorizePath,
  CLIENT,
  codeFor,
  consent,
  createCookies,
  createOAuthRig,
  hiddenField,
  type OAuthRig,
  PASSWORD,
  REDIRECT,
  signIn,
} from '../support/oauth-rig.ts';

let rig: OAuthRig;
beforeEach(async () => {
  rig = await createOAuthRig();
});
afterEach(() => rig.close());

const FORM = { response_type: 'code', client_id: CLIENT.id, redirect_uri: REDIRECT, state: 's-1', decision: 'allow' };

function actions(): readonly string[] {
  return rig.audit.map(({ action }) => action);
}

/** What a redirect to the connector carries. */
function carried(location: unknown): Record<string, string> {
  return Object.fromEntries(new URL(String(location)).searchParams);
}

describe('the authorization endpoint', () => {
  it('leads somebody who has not signed in to the sign-in, and from there back to the question', async () => {
    const cookies = createCookies();
    const first = await rig.send(authorizePath(), { cookies });
    expect(first.status).toBe(303);
    const form = await rig.send(String(first.headers['location']), { cookies });
    const [csrf, returnTo] = [hiddenField(form.body, 'csrf'), hiddenField(form.body, 'return')];
    const answer = await rig.send('/signin', {
      method: 'POST',
      cookies,
      form: { csrf, return: returnTo, name: 'ops', password: PASSWORD },
    });
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe(authorizePath());
    const question = await rig.send(String(answer.headers['location']), { cookies });
    expect(question.status).toBe(200);
    for (const text of [CLIENT.connector, CLIENT.id, 'default, hunting', REDIRECT])
      expect(question.body).toContain(text);
  });

  it('sends code and state to the redirect URI, on the port that the client asked for', async () => {
    const asked = { redirect_uri: 'http://127.0.0.1:51234/flexbridge', state: 'a b&c=d+e' };
    const answer = await consent(rig, { cookies: await signIn(rig), path: authorizePath(asked) });
    expect(answer.status).toBe(302);
    expect(String(answer.headers['location'])).toMatch(/^http:\/\/127\.0\.0\.1:51234\/flexbridge\?/);
    expect(carried(answer.headers['location'])).toEqual({
      code: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
      state: 'a b&c=d+e',
    });
    expect(rig.audit.at(-1)).toMatchObject({ who: 'ops', action: 'consent', details: { client: CLIENT.id } });
  });

  it('takes an address that carries more, a scope, and an empty state', async () => {
    const more = { resource: 'https://x.example', scope: 'any "thing"', state: '', prompt: 'login' };
    const answer = await consent(rig, { cookies: await signIn(rig), path: authorizePath(more) });
    expect(Object.keys(carried(answer.headers['location']))).toEqual(['code']);
  });

  it('sends access_denied and the state when the operator denies', async () => {
    const answer = await consent(rig, { cookies: await signIn(rig), decision: 'deny' });
    expect(answer.status).toBe(302);
    expect(carried(answer.headers['location'])).toMatchObject({ error: 'access_denied', state: 's-1' });
    expect(rig.audit.at(-1)).toMatchObject({
      who: 'ops',
      action: 'consent-refused',
      details: { reason: 'the operator denied it' },
    });
  });

  it.each([
    ['no client', { client_id: '' }],
    ['an unknown client', { client_id: 'nobody' }],
    ['an unknown client of hostile text', { client_id: '"><script>alert(1)</script>' }],
    ['no redirect URI', { redirect_uri: '' }],
    ['a redirect URI of another path', { redirect_uri: 'http://localhost:44300/FlexBridge' }],
    ['a redirect URI elsewhere', { redirect_uri: 'https://evil.example/flexbridge' }],
    ['a redirect URI that only looks local', { redirect_uri: 'http://localhost:44300@evil.example/flexbridge' }],
    ['a redirect URI with a fragment', { redirect_uri: `${REDIRECT}#x` }],
    ['a redirect URI of a script', { redirect_uri: 'javascript:alert(1)' }],
  ])('answers %s with a page, never with a redirect, signed in or not', async (_name, parameters) => {
    for (const cookies of [createCookies(), await signIn(rig)]) {
      const answer = await rig.send(authorizePath(parameters), { cookies });
      expect(answer.status).toBe(400);
      expect(answer.headers['location']).toBeUndefined();
      expect(answer.body).not.toMatch(/<script|evil\.example/);
      expect(actions().at(-1)).toBe('consent-refused');
    }
  });

  it.each([
    ['no response type', { response_type: '' }, 'invalid_request'],
    ['the implicit response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['plain PKCE', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
    ['an unknown PKCE method', { code_challenge: 'x'.repeat(43), code_challenge_method: 'S512' }, 'invalid_request'],
  ])('tells the client of %s', async (_name, parameters, error) => {
    const answer = await rig.send(authorizePath(parameters));
    expect(answer.status).toBe(302);
    expect(carried(answer.headers['location'])).toMatchObject({ error, state: 's-1' });
    expect(actions()).toEqual(['consent-refused']);
  });

  it.each(['client_id', 'redirect_uri'])('answers %s twice with a page', async (name) => {
    expect((await rig.send(`${authorizePath()}&${name}=x`)).status).toBe(400);
  });

  it.each(['state', 'response_type', 'code_challenge', 'code_challenge_method'])(
    'tells the client of %s twice',
    async (name) => {
      const answer = await rig.send(`${authorizePath({ code_challenge: 'x'.repeat(43) })}&${name}=y&${name}=z`);
      expect(carried(answer.headers['location'])).toMatchObject({
        error: 'invalid_request',
        error_description: expect.stringContaining(name) as string,
      });
    },
  );

  it('makes no code for a consent without a session', async () => {
    const answer = await rig.send('/oauth2/authorize', { method: 'POST', form: { ...FORM, csrf: 'x' } });
    expect(answer.status).toBe(403);
    expect(answer.headers['location']).toBeUndefined();
    expect(rig.audit).toMatchObject([
      { action: 'consent-refused', details: { client: CLIENT.id, reason: 'nobody has signed in' } },
    ]);
  });

  it('makes no code for a consent with the CSRF token of another session, or of an earlier one', async () => {
    const [mine, other] = [await signIn(rig), await signIn(rig, 'night')];
    const stolen = hiddenField((await rig.send(authorizePath(), { cookies: mine })).body, 'csrf');
    for (const csrf of [stolen, '', 'x']) {
      const answer = await rig.send('/oauth2/authorize', { method: 'POST', cookies: other, form: { ...FORM, csrf } });
      expect(answer.status).toBe(403);
      expect(rig.audit.at(-1)).toMatchObject({ who: 'night', action: 'consent-refused' });
    }
  });

  it('checks client and redirect URI again when the answer comes', async () => {
    const cookies = await signIn(rig);
    const csrf = hiddenField((await rig.send(authorizePath(), { cookies })).body, 'csrf');
    for (const change of [{ client_id: 'nobody' }, { redirect_uri: 'https://evil.example/' }]) {
      const form = { ...FORM, ...change, csrf };
      expect((await rig.send('/oauth2/authorize', { method: 'POST', cookies, form })).status).toBe(400);
    }
  });

  it('makes no code while the database of logins cannot be written, and sends nothing of it to the client', async () => {
    const cookies = await signIn(rig);
    rig.breakStore('putCode');
    const answer = await consent(rig, { cookies });
    expect(answer.status).toBe(503);
    expect(answer.headers['location']).toBeUndefined();
    expect(answer.body).not.toContain('disk');
    expect(actions()).not.toContain('consent');
  });

  it('takes no form over 16 KB and no other body', async () => {
    const cookies = await signIn(rig);
    const large = { method: 'POST', cookies, form: `state=${'x'.repeat(17_000)}` } as const;
    expect((await rig.send('/oauth2/authorize', large)).status).toBe(413);
    const other = { method: 'POST', cookies, form: '{}', headers: { 'content-type': 'application/json' } } as const;
    expect((await rig.send('/oauth2/authorize', other)).status).toBe(415);
    expect(actions().filter((action) => action === 'consent-refused')).toHaveLength(2);
  });

  it('gives each code once', async () => {
    expect(await codeFor(rig)).not.toBe(await codeFor(rig));
  });

  it('lets the form lead only to this server and to the redirect URI', async () => {
    const cookies = await signIn(rig);
    for (const [uri, source] of [
      [REDIRECT, 'http://localhost:44300'],
      ['https://127.0.0.1:9/flexbridge', 'https://127.0.0.1:9'],
      // No source of CSP can be an address of IPv6.
      ['http://[::1]:9/flexbridge', 'http:'],
    ] as const) {
      const { headers } = await rig.send(authorizePath({ redirect_uri: uri }), { cookies });
      expect(headers['content-security-policy']).toBe(
        `default-src 'none'; style-src 'self'; form-action 'self' ${source}; frame-ancestors 'none'; base-uri 'none'`,
      );
      expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
    }
  });

  it('answers HEAD like GET, and gives nothing away', async () => {
    const cookies = await signIn(rig);
    expect((await rig.send(authorizePath(), { method: 'HEAD', cookies })).status).toBe(200);
    expect(actions()).toEqual(['sign-in']);
  });
});
