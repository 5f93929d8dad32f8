import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Cookies,
  createCookies,
  createOAuthRig,
  hiddenField,
  type OAuthRig,
  PASSWORD,
  signIn,
} from '../support/oauth-rig.ts';

let rig: OAuthRig;
beforeEach(async () => {
  rig = await createOAuthRig();
});
afterEach(() => rig.close());

const MINUTE_MS = 60_000;

async function tryToSignIn(form: Readonly<Record<string, string>>, cookies: Cookies = createCookies()) {
  const csrf = hiddenField((await rig.send('/signin', { cookies })).body, 'csrf');
  return rig.send('/signin', { method: 'POST', cookies, form: { csrf, ...form } });
}

async function isSignedIn(cookies: Cookies): Promise<boolean> {
  return (await rig.send('/signin', { cookies })).body.includes('You are signed in');
}

describe('the sign-in', () => {
  it('gives a cookie that browsers keep for this host, https and this site alone', async () => {
    const answer = await tryToSignIn({ name: 'ops', password: PASSWORD });
    expect(answer.status).toBe(303);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-flexbridge=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
      ) as string,
      '__Host-flexbridge-signin=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0',
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(rig.audit).toEqual([{ who: 'ops', action: 'sign-in', details: { address: '127.0.0.1' } }]);
  });

  it('answers a wrong password and an unknown name alike, with an audit line and the name left in the form', async () => {
    const wrong = await tryToSignIn({ name: 'ops', password: 'wrong-password-1' });
    const unknown = await tryToSignIn({ name: 'nobody', password: 'wrong-password-2' });
    const shape = (body: string): string =>
      body.replaceAll(/value="[^"]*"/g, 'value=""').replaceAll(/ops|nobody/g, 'NAME');
    expect([wrong.status, unknown.status]).toEqual([403, 403]);
    expect(shape(unknown.body)).toBe(shape(wrong.body));
    expect(hiddenField(wrong.body, 'name')).toBe('ops');
    expect(rig.audit.map(({ who, action }) => [who, action])).toEqual([
      ['ops', 'sign-in-refused'],
      ['nobody', 'sign-in-refused'],
    ]);
    expect(JSON.stringify([rig.audit, rig.events, wrong.body])).not.toContain('wrong-password');
  });

  it('is slowed down after ten wrong passwords, while the right one is taken', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) {
      statuses.push((await tryToSignIn({ name: 'ops', password: 'x' })).status);
    }
    expect(statuses.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 403));
    expect(statuses.at(-1)).toBe(429);
    expect((await tryToSignIn({ name: 'ops', password: PASSWORD })).status).toBe(303);
  });

  it('needs the form that this browser was given', async () => {
    const mine = createCookies();
    const theirs = createCookies();
    const csrf = hiddenField((await rig.send('/signin', { cookies: theirs })).body, 'csrf');
    const form = { csrf, name: 'ops', password: PASSWORD };
    expect((await rig.send('/signin', { method: 'POST', form })).status).toBe(403);
    await rig.send('/signin', { cookies: mine });
    expect((await rig.send('/signin', { method: 'POST', cookies: mine, form })).status).toBe(403);
    expect(await isSignedIn(mine)).toBe(false);
    expect(rig.audit.map(({ action }) => action)).toEqual(['sign-in-refused', 'sign-in-refused']);
  });

  it('works from two forms of one browser', async () => {
    const cookies = createCookies();
    const first = hiddenField((await rig.send('/signin', { cookies })).body, 'csrf');
    await rig.send('/signin', { cookies });
    const form = { csrf: first, name: 'ops', password: PASSWORD };
    expect((await rig.send('/signin', { method: 'POST', cookies, form })).status).toBe(303);
  });

  it('makes a new session each time and ends the one before', async () => {
    const cookies = await signIn(rig);
    const old = createCookies();
    old.take(`__Host-flexbridge=${cookies.get('__Host-flexbridge') ?? ''}`);
    const { body } = await rig.send('/signin');
    expect(hiddenField(body, 'return')).toBe('/status');
    const visit = createCookies();
    const csrf = hiddenField((await rig.send('/signin', { cookies: visit })).body, 'csrf');
    cookies.take(`__Host-flexbridge-signin=${visit.get('__Host-flexbridge-signin') ?? ''}`);
    await rig.send('/signin', { method: 'POST', cookies, form: { csrf, name: 'ops', password: PASSWORD } });
    expect(cookies.get('__Host-flexbridge')).not.toBe(old.get('__Host-flexbridge'));
    expect(await isSignedIn(cookies)).toBe(true);
    expect(await isSignedIn(old)).toBe(false);
  });

  it.each([
    ['/oauth2/authorize?client_id=a&state=b%20c', '/oauth2/authorize?client_id=a&state=b%20c'],
    ['https://evil.example/', '/status'],
    ['//evil.example/', '/status'],
    ['/\\evil.example/', '/status'],
    ['/.//evil.example/', '/status'],
    ['/%0d%0aset-cookie:x', '/%0d%0aset-cookie:x'],
    ['javascript:alert(1)', '/status'],
    ['/ evil', '/status'],
    ['', '/status'],
  ])('with the return target %s goes on to %s', async (target, expected) => {
    const { headers } = await tryToSignIn({ name: 'ops', password: PASSWORD, return: target });
    expect(headers['location']).toBe(expected);
  });

  it('goes on at once where somebody has signed in', async () => {
    const { status, headers } = await rig.send('/signin?return=%2Fstatus', { cookies: await signIn(rig) });
    expect([status, headers['location']]).toEqual([303, '/status']);
  });

  it('takes no form over 16 KB and no other body, and answers a defect with a page', async () => {
    expect((await rig.send('/signin', { method: 'POST', form: `name=${'x'.repeat(17_000)}` })).status).toBe(413);
    const other = { method: 'POST', form: '{}', headers: { 'content-type': 'application/json' } } as const;
    expect((await rig.send('/signin', other)).status).toBe(415);
    rig.breakStore('connectors');
    expect((await tryToSignIn({ name: 'ops', password: PASSWORD })).status).toBe(503);
  });

  it('shows hostile text as text', async () => {
    const { body } = await tryToSignIn({ name: '"><img src=x onerror=alert(1)>', password: 'x' });
    expect(body).not.toContain('<img');
    expect(body).toContain('&quot;&gt;&lt;img src=x');
  });
});

describe('a session', () => {
  it('ends after 30 minutes without a request', async () => {
    const cookies = await signIn(rig);
    rig.clock.step(30 * MINUTE_MS - 1);
    expect(await isSignedIn(cookies)).toBe(true);
    rig.clock.step(30 * MINUTE_MS);
    expect(await isSignedIn(cookies)).toBe(false);
  });

  it('ends after eight hours, whatever is done in it', async () => {
    const cookies = await signIn(rig);
    for (let count = 0; count < 23; count += 1) {
      rig.clock.step(20 * MINUTE_MS);
      expect(await isSignedIn(cookies)).toBe(true);
    }
    rig.clock.step(20 * MINUTE_MS);
    expect(await isSignedIn(cookies)).toBe(false);
  });

  it('ends with a restart, and with sign-out, which needs its token', async () => {
    const cookies = await signIn(rig);
    const kept = createCookies();
    kept.take(`__Host-flexbridge=${cookies.get('__Host-flexbridge') ?? ''}`);
    const { body } = await rig.send('/signin', { cookies });
    expect((await rig.send('/signout', { method: 'POST', cookies, form: { csrf: 'x' } })).status).toBe(403);
    expect(await isSignedIn(cookies)).toBe(true);
    const form = { csrf: hiddenField(body, 'csrf') };
    expect((await rig.send('/signout', { method: 'POST', cookies, form })).status).toBe(303);
    expect(cookies.get('__Host-flexbridge')).toBeUndefined();
    expect(await isSignedIn(kept)).toBe(false);
    expect((await rig.send('/signout', { method: 'POST', cookies, form })).status).toBe(303);

    const again = await signIn(rig);
    await rig.restart();
    expect(await isSignedIn(again)).toBe(false);
  });

  it('is not one that somebody else has named', async () => {
    const cookies = createCookies();
    cookies.take(`__Host-flexbridge=${'A'.repeat(43)}`);
    expect(await isSignedIn(cookies)).toBe(false);
  });
});

describe('the stylesheet', () => {
  it('is kept by browsers for ever, under the address that the pages have', async () => {
    const { body } = await rig.send('/signin');
    const href = /href="(\/assets\/[^"]+)"/.exec(body)?.[1] ?? '';
    const answer = await rig.send(href);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/css; charset=utf-8');
    expect(answer.headers['cache-control']).toContain('immutable');
    const etag = String(answer.headers['etag']);
    expect((await rig.send(href, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });
});
