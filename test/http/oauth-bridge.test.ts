import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../../src/domain/credential.ts';
import { type BridgeRig, createBridgeRig, SECRETS } from '../support/bridge-rig.ts';
import type { Answer } from '../support/https.ts';
import { createCookies, exchange, hiddenField, refresh, type Tokens } from '../support/oauth-rig.ts';

const CLIENT = { client_id: 'arcsight-09', client_secret: 'oauth-client-secret-value' };
const ASKED = {
  response_type: 'code',
  client_id: CLIENT.client_id,
  redirect_uri: 'https://localhost:44300/flexbridge',
};
const FEED = '/v1/feeds/default/detections?since=';

let rig: BridgeRig;
beforeAll(async () => {
  rig = await createBridgeRig({
    connectors: [
      `{ name: arcsight-09, feeds: [default], auth: { kind: oauth2, secretHash: ${hashSecret(CLIENT.client_secret)} } }`,
    ],
  });
  await rig.startBridge();
  await rig.seen('pollFinished');
});
afterAll(() => rig.close());

const cookies = createCookies();

async function visit(path: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
  const answer = await rig.ask(path, {
    headers: { cookie: cookies.header(), 'content-type': 'application/x-www-form-urlencoded' },
    ...(form && { method: 'POST', body: new URLSearchParams(form).toString() }),
  });
  cookies.take(answer.headers['set-cookie']);
  return answer;
}

async function tokens(form: Readonly<Record<string, string>>): Promise<Tokens> {
  const { status, body } = await visit('/oauth2/token', { ...CLIENT, ...form });
  expect(status).toBe(200);
  return JSON.parse(body) as Tokens;
}

async function signIn(): Promise<void> {
  cookies.take('__Host-flexbridge=; Max-Age=0');
  const csrf = hiddenField((await visit('/signin')).body, 'csrf');
  expect((await visit('/signin', { csrf, name: 'ops', password: SECRETS.operator })).status).toBe(303);
}

/** The code that the operator's consent gives. */
async function allow(): Promise<string> {
  const question = await visit(`/oauth2/authorize?${new URLSearchParams(ASKED).toString()}`);
  const answer = { ...ASKED, csrf: hiddenField(question.body, 'csrf'), decision: 'allow' };
  const { headers } = await visit('/oauth2/authorize', answer);
  return new URL(String(headers['location'])).searchParams.get('code') ?? '';
}

function poll(token: string): Promise<Answer> {
  return rig.ask(FEED, { headers: { authorization: `Bearer ${token}` } });
}

describe('the whole bridge', () => {
  it('lets a connector read its feed by a login through the browser, and still after a restart', async () => {
    await signIn();
    const code = await allow();
    const first = await tokens(exchange(code, ASKED.redirect_uri));
    const page = await poll(first.access_token);
    expect(page.status).toBe(200);
    expect(JSON.parse(page.body)).not.toEqual([]);
    expect((await rig.ask('/v1/feeds/private/detections', authorized(first))).status).toBe(403);

    await rig.stopBridge();
    await rig.startBridge();
    expect((await poll(first.access_token)).status).toBe(200);
    const next = await tokens(refresh(first.refresh_token));
    expect(next.refresh_token).toBe(first.refresh_token);
    expect((await poll(next.access_token)).status).toBe(200);

    for (const secret of [code, first.access_token, first.refresh_token, CLIENT.client_secret]) {
      expect(rig.log()).not.toContain(secret);
    }
    expect(rig.log()).toContain('token-issued');
  });

  it('ends what a code has given when the code comes a second time', async () => {
    await signIn();
    const code = await allow();
    const first = await tokens(exchange(code, ASKED.redirect_uri));
    expect((await poll(first.access_token)).status).toBe(200);
    const again = await visit('/oauth2/token', { ...CLIENT, ...exchange(code, ASKED.redirect_uri) });
    expect(again.status).toBe(400);
    expect((await poll(first.access_token)).status).toBe(401);
  });
});

function authorized({ access_token }: Tokens): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${access_token}` } };
}
