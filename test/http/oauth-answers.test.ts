import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OAUTH_OPERATIONS } from '../../src/http/schemas/oauth-operations.ts';
import {
  askToken,
  authorizePath,
  type Cookies,
  codeFor,
  consent,
  createCookies,
  createOAuthRig,
  exchange,
  hiddenField,
  type OAuthRig,
  PASSWORD,
  refresh,
  signIn,
} from '../support/oauth-rig.ts';

let rig: OAuthRig;
let cookies: Cookies;
beforeAll(async () => {
  rig = await createOAuthRig();
  cookies = await signIn(rig);
});
afterAll(() => rig.close());

const LARGE = `x=${'x'.repeat(17_000)}`;
const FORMS = ['/signin', '/signout', '/oauth2/authorize'];

async function wrongSignIns(): Promise<void> {
  const visit = createCookies();
  const csrf = hiddenField((await rig.send('/signin', { cookies: visit })).body, 'csrf');
  const form = { csrf, name: 'ops', password: 'wrong' };
  for (let count = 0; count < 12; count += 1) await rig.send('/signin', { method: 'POST', cookies: visit, form });
  rig.breakStore('connectors');
  await rig.send('/signin', { method: 'POST', cookies: visit, form: { ...form, password: PASSWORD } });
  rig.breakStore();
}

describe('every answer of sign-in, consent and token', () => {
  it('is one of the OpenAPI document, and each of the document can be had', async () => {
    for (const path of FORMS) {
      await rig.send(path, { method: 'POST', form: LARGE });
      await rig.send(path, { method: 'POST', form: '{}', headers: { 'content-type': 'application/json' } });
    }
    await rig.send('/signin?return=/status', { cookies });
    await rig.send('/signout', { method: 'POST' });
    await rig.send('/signout', { method: 'POST', cookies });
    await wrongSignIns();

    await rig.send(authorizePath());
    await rig.send('/oauth2/authorize');
    await rig.send(authorizePath({ response_type: 'token' }));
    await consent(rig, { cookies });
    const question = await rig.send(authorizePath(), { cookies });
    const csrf = hiddenField(question.body, 'csrf');
    await rig.send('/oauth2/authorize', { method: 'POST', cookies });
    await rig.send('/oauth2/authorize', { method: 'POST', cookies, form: { csrf, decision: 'allow' } });
    rig.breakStore('connectors', 'putCode');
    await rig.send(authorizePath(), { cookies });
    await rig.send('/oauth2/authorize', { method: 'POST', cookies, form: { csrf, client_id: 'x' } });
    await askToken(rig, refresh('x'));
    rig.breakStore();

    await askToken(rig, exchange(await codeFor(rig)));
    await rig.send('/oauth2/token', { method: 'POST', form: LARGE });
    const headers = { authorization: 'Basic eDp5' };
    for (let count = 0; count < 12; count += 1) await rig.send('/oauth2/token', { method: 'POST', headers });
    await rig.send('/oauth2/token', { method: 'POST' });

    const { headers: css } = await rig.send('/assets/flexbridge.css');
    await rig.send('/assets/flexbridge.css', { headers: { 'if-none-match': String(css['etag']) } });

    const documented = OAUTH_OPERATIONS.flatMap(({ path, method = 'get', answers }) =>
      answers.map(({ status }) => `${method.toUpperCase()} ${path} ${status}`),
    );
    expect(documented.filter((what) => !rig.answered.has(what))).toEqual([]);
  });

  it('to another method is a problem that names the right one', async () => {
    const answer = await rig.send('/oauth2/token');
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
  });
});
