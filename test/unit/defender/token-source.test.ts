import { afterEach, describe, expect, it } from 'vitest';
import { createDispatcher } from '../../../src/defender/dispatcher.ts';
import { createFetcher, type Fetcher } from '../../../src/defender/fetcher.ts';
import { createTokenSource, type TokenSourceDeps } from '../../../src/defender/token-source.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import { steppedClock } from '../../support/clock.ts';
import { type CannedAnswer, calm, containing, deferred, failureOf, type Loopback, startLoopback } from './loopback.ts';

const TENANT = '00000000-0000-4000-8000-0000000000AB';
const SECRET = 'p~w/+= secret';
const HOUR_MS = 3_600_000;

let server: Loopback | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function aToken(token: string, expiresIn: number | string = 3600): CannedAnswer {
  return { status: 200, body: JSON.stringify({ token_type: 'Bearer', expires_in: expiresIn, access_token: token }) };
}

function aRefusal(number: number, description: string, status = 400): CannedAnswer {
  const body = { error: 'invalid_client', error_description: `AADSTS${number}: ${description}`, error_codes: [number] };
  return { status, body: JSON.stringify(body) };
}

/** Answers in order; the last one for good. */
async function startLogin(...answers: readonly CannedAnswer[]) {
  let count = 0;
  server = await startLoopback(() => {
    count += 1;
    return answers[Math.min(count, answers.length) - 1] ?? { status: 500 };
  });
  return setUp(server.fetcher, server.url);
}

function setUp(fetcher: Fetcher, loginUrl: string, overrides: Partial<TokenSourceDeps> = {}) {
  const clock = steppedClock('2026-03-01T12:00:00Z');
  const events: BridgeEvent[] = [];
  const tokens = createTokenSource({
    tenantName: 'contoso',
    tenantId: TENANT,
    loginUrl,
    clientId: 'client-1',
    secret: () => SECRET,
    scope: 'https://graph.example/.default',
    fetcher,
    clock,
    emit: (event) => events.push(event),
    ...overrides,
  });
  return { tokens, clock, events };
}

function paths(): readonly string[] {
  return (server?.requests ?? []).map(({ method, url }) => `${method} ${url.split('?')[0] ?? ''}`);
}

describe('a token', () => {
  it('is asked for with one POST to the configured login service and nothing else', async () => {
    const { tokens, events } = await startLogin(aToken('t1'));
    expect(await tokens.token(calm())).toBe('t1');
    expect(paths()).toEqual([`POST /${TENANT.toLowerCase()}/oauth2/v2.0/token`]);
    const form = new URLSearchParams(server?.requests[0]?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'client_credentials',
      client_id: 'client-1',
      client_secret: SECRET,
      scope: 'https://graph.example/.default',
    });
    expect(events).toEqual([{ name: 'tokenAcquired', tenant: 'contoso', expiresInMs: HOUR_MS }]);
  });

  it.each([
    'login.microsoftonline.com',
    'login.microsoftonline.us',
    'login.windows.net',
    'login.example:8443',
    'login.example/base',
  ])('is asked for at %s alone, also where msal knows an alias or a region', async (host) => {
    const asked: string[] = [];
    const fetcher: Fetcher = ({ method, url }) => {
      asked.push(`${method} ${url.origin}${url.pathname}`);
      return Promise.resolve({ status: 200, header: () => undefined, body: aToken('t1').body ?? '' });
    };
    process.env['MSAL_FORCE_REGION'] = 'westeurope';
    try {
      const { tokens } = setUp(fetcher, `https://${host}/`);
      expect(await tokens.token(calm())).toBe('t1');
    } finally {
      delete process.env['MSAL_FORCE_REGION'];
    }
    expect(asked).toEqual([`POST https://${host}/${TENANT.toLowerCase()}/oauth2/v2.0/token`]);
  });

  it('is asked for once by many callers at a time', async () => {
    const { tokens } = await startLogin(aToken('t1'));
    const all = await Promise.all([1, 2, 3, 4].map(() => tokens.token(calm())));
    expect(all).toEqual(['t1', 't1', 't1', 't1']);
    expect(paths()).toHaveLength(1);
  });

  it('is kept until 80 % of its life have passed', async () => {
    const { tokens, clock } = await startLogin(aToken('t1'), aToken('t2'));
    await tokens.token(calm());
    clock.step(HOUR_MS * 0.8 - 1);
    expect(await tokens.token(calm())).toBe('t1');
    clock.step(1);
    expect(await tokens.token(calm())).toBe('t2');
  });

  it('may have its life printed as digits in a text', async () => {
    const { tokens, events } = await startLogin(aToken('t1', '1800'));
    await tokens.token(calm());
    expect(events).toMatchObject([{ expiresInMs: 1_800_000 }]);
  });

  it('is replaced at once when it was refused', async () => {
    const { tokens } = await startLogin(aToken('t1'), aToken('t2'));
    await tokens.token(calm());
    expect(await tokens.token(calm(), { force: true })).toBe('t2');
    expect(await tokens.token(calm())).toBe('t2');
  });

  it('is asked for with the secret of the moment', async () => {
    server = await startLoopback(() => aToken('t1'));
    const secrets = ['old', 'new'];
    const { tokens } = setUp(server.fetcher, server.url, { secret: () => secrets.shift() ?? '' });
    await tokens.token(calm());
    await tokens.token(calm(), { force: true });
    expect(server.requests.map(({ body }) => new URLSearchParams(body).get('client_secret'))).toEqual(['old', 'new']);
  });
});

describe('a token that cannot be replaced', () => {
  it('is used while it is valid, and an event says so', async () => {
    const { tokens, clock, events } = await startLogin(aToken('t1'), { status: 503 });
    await tokens.token(calm());
    clock.step(HOUR_MS * 0.9);
    expect(await tokens.token(calm())).toBe('t1');
    expect(events.at(-1)).toMatchObject({
      name: 'tokenKept',
      tenant: 'contoso',
      error: { code: 'TOKEN_UNAVAILABLE' },
      expiresInMs: HOUR_MS * 0.1,
    });
  });

  it('is not tried to be replaced with every call', async () => {
    const { tokens, clock } = await startLogin(aToken('t1'), { status: 503 });
    await tokens.token(calm());
    clock.step(HOUR_MS * 0.9);
    await tokens.token(calm());
    await tokens.token(calm());
    expect(paths()).toHaveLength(2);
    clock.step(30_000);
    await tokens.token(calm());
    expect(paths()).toHaveLength(3);
  });

  it('is of no use once it has expired', async () => {
    const { tokens, clock } = await startLogin(aToken('t1'), { status: 503 });
    await tokens.token(calm());
    clock.step(HOUR_MS);
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code: 'TOKEN_UNAVAILABLE', kind: 'transient' });
  });

  it('is of no use when it was refused', async () => {
    const { tokens } = await startLogin(aToken('t1'), { status: 503 });
    await tokens.token(calm());
    expect(await failureOf(tokens.token(calm(), { force: true }))).toMatchObject({ code: 'TOKEN_UNAVAILABLE' });
  });
});

describe('after a refusal', () => {
  it.each([429, 503])('with %s and no Retry-After the next call asks again at once', async (status) => {
    const { tokens } = await startLogin({ status, body: '{"error":"busy"}' }, aToken('t1'));
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ kind: 'transient', retryAfterMs: undefined });
    expect(await tokens.token(calm())).toBe('t1');
  });

  it('with Retry-After nothing is sent before that time, and everything after it', async () => {
    const { tokens, clock } = await startLogin({ status: 429, headers: { 'retry-after': '300' } }, aToken('t1'));
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code: 'TOKEN_THROTTLED', retryAfterMs: 300_000 });
    clock.step(100_000);
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code: 'TOKEN_THROTTLED', retryAfterMs: 200_000 });
    expect(paths()).toHaveLength(1);
    clock.step(200_000);
    expect(await tokens.token(calm())).toBe('t1');
  });

  it.each([
    [7000215, 'TOKEN_SECRET_WRONG', 'Certificates & secrets'],
    [7000222, 'TOKEN_SECRET_EXPIRED', 'Certificates & secrets'],
    [90002, 'TOKEN_TENANT_UNKNOWN', 'tenantId'],
    [900023, 'TOKEN_TENANT_UNKNOWN', 'tenantId'],
    [700016, 'TOKEN_CLIENT_UNKNOWN', 'clientId'],
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

  it('of the connection the cause is not lost', async () => {
    server = await startLoopback(() => aToken('t1'));
    const { url } = server;
    await server.close();
    server = undefined;
    const { tokens } = setUp(createFetcher({ dispatcher: createDispatcher() }), url);
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code: 'NETWORK_REFUSED', kind: 'transient' });
  });

  it.each([
    ['an http address', { loginUrl: 'http://login.example' }, 'TOKEN_LOGIN_URL'],
    ['text for an address', { loginUrl: 'login' }, 'TOKEN_LOGIN_URL'],
    ['an empty secret', { secret: () => '' }, 'TOKEN_FAILED'],
    ['an empty client id', { clientId: '' }, 'TOKEN_FAILED'],
  ])('nothing is sent with %s', async (_name, overrides, code) => {
    const fetcher: Fetcher = () => Promise.reject(new Error('sent'));
    const { tokens } = setUp(fetcher, 'https://login.example', overrides);
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code, kind: 'operator' });
  });
});

describe('a caller who gives up', () => {
  it('does not end the request for the others', async () => {
    const release = deferred<CannedAnswer>();
    const arrived = deferred<true>();
    server = await startLoopback(() => {
      arrived.resolve(true);
      return release.promise;
    });
    const { tokens } = setUp(server.fetcher, server.url);
    const hasty = new AbortController();
    const first = failureOf(tokens.token(hasty.signal));
    const second = tokens.token(calm());
    await arrived.promise;
    hasty.abort(new Error('shutting down'));
    expect(await first).toHaveProperty('message', 'shutting down');
    release.resolve(aToken('t1'));
    expect(await second).toBe('t1');
    expect(paths()).toHaveLength(1);
  });

  it('ends the request when nobody else waits, and the next caller starts anew', async () => {
    const arrived = deferred<AbortSignal>();
    const answers = [new Promise<never>(() => undefined), Promise.resolve(aToken('t2').body ?? '')];
    const fetcher: Fetcher = async (_request, signal) => {
      arrived.resolve(signal);
      return { status: 200, header: () => undefined, body: (await answers.shift()) ?? '' };
    };
    const { tokens } = setUp(fetcher, 'https://login.example');
    const hasty = new AbortController();
    const first = failureOf(tokens.token(hasty.signal));
    const sent = await arrived.promise;
    hasty.abort(new Error('shutting down'));
    await first;
    expect(sent.aborted).toBe(true);
    expect(await tokens.token(calm())).toBe('t2');
  });
});

describe('secrets and tokens', () => {
  it('are in no message, hint or cause, even when the login service sends them back', async () => {
    const echo = `${SECRET} and ${encodeURIComponent(SECRET)}`;
    const answers = [aRefusal(7000215, echo), aRefusal(1, echo), { status: 200, body: '{"access_token":"tok-1' }];
    const { tokens } = await startLogin(...answers);
    for (const _answer of answers) {
      const failure = await failureOf(tokens.token(calm()));
      expect(failure).toBeInstanceOf(BridgeError);
      const { message, hint, cause, stack } = failure as BridgeError;
      const shown = [message, hint, stack, cause instanceof Error ? cause.message : String(cause)].join('\n');
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain(encodeURIComponent(SECRET));
      expect(shown).not.toContain('tok-1');
    }
  });
});
