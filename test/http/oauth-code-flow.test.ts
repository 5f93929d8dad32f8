import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Ask, ask } from '../support/https.ts';
import { aKeyPair } from '../support/key-pair.ts';
import {
  authorizePath,
  CLIENT,
  type Cookies,
  createCookies,
  createOAuthRig,
  exchange,
  hiddenField,
  type OAuthRig,
  PASSWORD,
  refresh,
  type Tokens,
} from '../support/oauth-rig.ts';
import { listenForRedirect } from '../support/redirect-listener.ts';

const PAIR = aKeyPair('localhost', 'P-256');
let rig: OAuthRig;
let bridge: string;

beforeAll(async () => {
  rig = await createOAuthRig({ certPem: PAIR.certificatePem, keyPem: PAIR.privateKeyPem });
  await rig.app().listen({ port: 0, host: '127.0.0.1' });
  bridge = `https://localhost:${(rig.app().server.address() as AddressInfo).port}`;
});
afterAll(() => rig.close());

/** As a browser without any page to look at: keeps cookies of the bridge, follows nothing by itself. */
async function visit(cookies: Cookies, path: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
  const asked: Ask = {
    headers: { cookie: cookies.header(), 'content-type': 'application/x-www-form-urlencoded' },
    ...(form && { method: 'POST', body: new URLSearchParams(form).toString() }),
  };
  const answer = await ask(bridge + path, PAIR.certificatePem, asked);
  cookies.take(answer.headers['set-cookie']);
  return answer;
}

async function askTokens(form: Readonly<Record<string, string>>): Promise<Answer> {
  const body = new URLSearchParams({ client_id: CLIENT.id, client_secret: CLIENT.secret, ...form }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };
  return ask(`${bridge}/oauth2/token`, PAIR.certificatePem, { method: 'POST', headers, body });
}

describe('the login of a connector', () => {
  it.each([
    ['http', 'localhost'],
    ['https', 'localhost'],
    ['http', '127.0.0.1'],
    ['http', '[::1]'],
  ] as const)('goes all its way over a redirect to %s://%s', async (scheme, host) => {
    const listener = await listenForRedirect(scheme, host);
    try {
      const cookies = createCookies();
      const asked = { redirect_uri: listener.redirectUri };
      const toSignIn = await visit(cookies, authorizePath(asked));
      const { body } = await visit(cookies, String(toSignIn.headers['location']));
      const signedIn = await visit(cookies, '/signin', {
        csrf: hiddenField(body, 'csrf'),
        return: hiddenField(body, 'return'),
        name: 'ops',
        password: PASSWORD,
      });
      const question = await visit(cookies, String(signedIn.headers['location']));
      const allowed = await visit(cookies, '/oauth2/authorize', {
        ...Object.fromEntries(new URLSearchParams(authorizePath(asked).split('?')[1])),
        csrf: hiddenField(question.body, 'csrf'),
        decision: 'allow',
      });
      await ask(String(allowed.headers['location']), listener.ca);

      const [target = ''] = listener.received;
      const { code = '', state } = Object.fromEntries(new URLSearchParams(target.split('?')[1]));
      expect(state).toBe('s-1');
      const tokens = await askTokens(exchange(code, listener.redirectUri));
      expect(tokens.status).toBe(200);
      const { refresh_token } = JSON.parse(tokens.body) as Tokens;
      expect((await askTokens(refresh(refresh_token))).status).toBe(200);
    } finally {
      await listener.close();
    }
  });

  it('with an oversized form over a real connection has the error of OAuth2', async () => {
    const { status, body } = await askTokens({ ...refresh('x'.repeat(60_000)) });
    expect([status, (JSON.parse(body) as { error: string }).error]).toEqual([413, 'invalid_request']);
  });
});
