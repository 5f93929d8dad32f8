import { afterEach, describe, expect, it } from 'vitest';
import { createDispatcher } from '../../../src/defender/dispatcher.ts';
import { createFetcher, type Fetcher } from '../../../src/defender/fetcher.ts';
import { createHostGate } from '../../../src/defender/host-gate.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import { steppedClock } from '../../support/clock.ts';
import { type CannedAnswer, calm, containing, failureOf, type Loopback, startLoopback } from './loopback.ts';
import { aJwt, aRefusal, aToken, given, openGate, SECRET, shownBy, tokenRig } from './token-rig.ts';

let server: Loopback | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Answers in order; the last one for good. */
async function startLogin(...answers: readonly CannedAnswer[]) {
  let count = 0;
  server = await startLoopback(() => {
    count += 1;
    return answers[Math.min(count, answers.length) - 1] ?? { status: 500 };
  });
  return tokenRig(server.fetcher, server.url);
}

function paths(): readonly string[] {
  return (server?.requests ?? []).map(({ method, url }) => `${method} ${url.split('?')[0] ?? ''}`);
}

describe('after a refusal', () => {
  it.each([429, 503])('with %s the next call asks again as soon as the gate lets it pass', async (status) => {
    const { tokens } = await startLogin({ status, body: '{"error":"busy"}' }, aToken('t1'));
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ kind: 'transient', retryAfterMs: undefined });
    expect(await tokens.token(calm())).toBe('t1');
  });

  it('with Retry-After no scope of the tenant asks before that time, and each after it', async () => {
    server = await startLoopback(({ body }) =>
      body.includes('one.example') ? { status: 429, headers: { 'retry-after': '300' } } : aToken('t2'),
    );
    const clock = steppedClock('2026-03-01T12:00:00Z');
    const events: BridgeEvent[] = [];
    const emit = (event: BridgeEvent) => events.push(event);
    const gate = createHostGate({ tenant: 'contoso', host: 'login', limits: [], clock, emit, random: () => 0 });
    const scope = (host: string) => ({ gate, clock, emit, scope: `https://${host}/.default` });
    const one = tokenRig(server.fetcher, server.url, scope('one.example')).tokens;
    const two = tokenRig(server.fetcher, server.url, scope('two.example')).tokens;
    expect(await failureOf(one.token(calm()))).toMatchObject({ code: 'TOKEN_THROTTLED', retryAfterMs: 300_000 });
    expect(await failureOf(two.token(calm()))).toMatchObject({ kind: 'transient', retryAfterMs: 300_000 });
    expect(paths()).toHaveLength(1);
    clock.step(300_000);
    expect(await two.token(calm())).toBe('t2');
    expect(events).toMatchObject([{ name: 'hostGated', reason: 'asked' }, { name: 'tokenAcquired' }]);
  });

  it('the gate of the login host is shown every answer with its wait', async () => {
    const gate = openGate();
    server = await startLoopback(() => ({ status: 503, headers: { 'retry-after': '7' }, body: '{}' }));
    await failureOf(tokenRig(server.fetcher, server.url, { gate }).tokens.token(calm()));
    expect(gate.seen).toEqual([{ status: 503, retryAfterMs: 7000 }]);
  });

  it.each([
    [7000215, 'TOKEN_SECRET_WRONG', 'Certificates & secrets'],
    [7000222, 'TOKEN_SECRET_EXPIRED', 'Certificates & secrets'],
    [90002, 'TOKEN_TENANT_UNKNOWN', 'tenantId'],
    [900023, 'TOKEN_TENANT_UNKNOWN', 'tenantId'],
    [700016, 'TOKEN_CLIENT_UNKNOWN', 'clientId'],
    [700027, 'TOKEN_CERTIFICATE_REFUSED', 'Certificates'],
    [7000214, 'TOKEN_CERTIFICATE_REVOKED', 'Certificates'],
    [700024, 'TOKEN_ASSERTION_TIME', 'clock'],
    [700213, 'TOKEN_FEDERATION', 'Federated credentials'],
    [700025, 'TOKEN_CLIENT_PUBLIC', 'public client'],
    [7000112, 'TOKEN_CLIENT_DISABLED', 'Enterprise applications'],
    [500011, 'TOKEN_SCOPE', 'endpoints'],
    [999999, 'TOKEN_REFUSED', 'AADSTS'],
  ])('with AADSTS%s the error is %s and names the remedy', async (number, code, remedy) => {
    const { tokens } = await startLogin(aRefusal(number, 'Something\r\n about the app.'));
    const failure = await failureOf(tokens.token(calm()));
    expect(failure).toMatchObject({ code, kind: 'operator', hint: containing(remedy) });
    expect(failure).toHaveProperty('message', containing(`AADSTS${number}: Something about the app.`));
  });

  it('the number is found in the description when there is no list of numbers', async () => {
    const body = JSON.stringify({ error: 'x', error_description: 'AADSTS7000222: expired' });
    const { tokens } = await startLogin({ status: 401, body });
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code: 'TOKEN_SECRET_EXPIRED' });
  });

  it.each([
    ['a web page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['a list', { status: 200, body: '[]' }],
    ['no token', { status: 200, body: '{"expires_in":3600}' }],
    ['no life time', { status: 200, body: '{"access_token":"t1"}' }],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' }],
    ['a web page and 403', { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>' }],
  ])('with %s instead of a token the error says so', async (_name, answer) => {
    const { tokens } = await startLogin(answer);
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code: 'TOKEN_NOT_JSON', kind: 'upstream' });
    expect(paths()).toHaveLength(1);
  });

  it('names the host that a redirect leads to, and does not go there', async () => {
    const { tokens } = await startLogin({
      status: 307,
      headers: { location: 'https://elsewhere.example/x' },
      body: '',
    });
    expect(await failureOf(tokens.token(calm()))).toMatchObject({
      message: containing('redirects to elsewhere.example (307)'),
    });
    expect(paths()).toHaveLength(1);
  });

  it('of the connection the cause is not lost', async () => {
    server = await startLoopback(() => aToken('t1'));
    const { url } = server;
    await server.close();
    server = undefined;
    const { tokens } = tokenRig(createFetcher({ dispatcher: createDispatcher() }), url);
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code: 'NETWORK_REFUSED', kind: 'transient' });
  });

  it.each(['NETWORK_TIMEOUT', 'NETWORK_CUT', 'RESPONSE_TOO_LARGE'])(
    'of the way (%s) it does not look like a page that should be read in smaller parts',
    async (code) => {
      const failed = new BridgeError({ code, kind: 'transient', message: 'login.example: no answer', hint: 'Wait.' });
      const { tokens } = tokenRig(() => Promise.reject(failed), 'https://login.example');
      const failure = await failureOf(tokens.token(calm()));
      expect(failure).toMatchObject({ code: 'TOKEN_UNAVAILABLE', kind: 'transient', message: failed.message });
    },
  );

  it.each([
    ['an http address', { loginUrl: 'http://login.example' }, 'TOKEN_LOGIN_URL'],
    ['text for an address', { loginUrl: 'login' }, 'TOKEN_LOGIN_URL'],
    ['an empty secret', { credential: { kind: 'secret', clientId: 'c', secrets: [given('')] } }, 'TOKEN_SECRET_EMPTY'],
    ['no secret', { credential: { kind: 'secret', clientId: 'c', secrets: [] } }, 'TOKEN_NO_CREDENTIAL'],
    ['an empty client id', { credential: { kind: 'secret', clientId: '', secrets: [given('s')] } }, 'TOKEN_FAILED'],
    [
      'an empty token file',
      { credential: { kind: 'workload-identity', clientId: 'c', assertion: given(' \n') } },
      'TOKEN_ASSERTION_EMPTY',
    ],
  ] as const)('nothing is sent with %s', async (_name, overrides, code) => {
    const fetcher: Fetcher = () => Promise.reject(new Error('sent'));
    const { tokens } = tokenRig(fetcher, 'https://login.example', overrides);
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code, kind: 'operator' });
  });
});

describe('secrets and tokens', () => {
  it('are in no message, hint, cause or event, even when the login service sends them back', async () => {
    const jwt = aJwt({ sub: 'somebody' });
    const echo = `${SECRET} and ${encodeURIComponent(SECRET)} and ${new URLSearchParams({ s: SECRET }).toString()} ${jwt}`;
    const answers = [aRefusal(7000215, echo), aRefusal(1, echo), { status: 200, body: '{"access_token":"tok-1' }];
    const { tokens, events } = await startLogin(...answers);
    for (const _answer of answers) {
      const shown = shownBy(await failureOf(tokens.token(calm()))) + shownBy(events);
      expect(shown).toContain('TOKEN_');
      for (const secret of [SECRET, encodeURIComponent(SECRET), 'p%7Ew%2F%2B%3D+secret', jwt.slice(0, 30), 'tok-1']) {
        expect(shown).not.toContain(secret);
      }
    }
  });
});
