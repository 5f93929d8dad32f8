import { afterEach, describe, expect, it } from 'vitest';
import type { Fetcher } from '../../../src/defender/fetcher.ts';
import { type CannedAnswer, calm, containing, deferred, failureOf, type Loopback, startLoopback } from './loopback.ts';
import { aJwt, aToken, HOUR_MS, SECRET, TENANT, tokenRig } from './token-rig.ts';

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
      return Promise.resolve({ status: 200, header: () => undefined, body: aToken('t1').body });
    };
    process.env['MSAL_FORCE_REGION'] = 'westeurope';
    try {
      const { tokens } = tokenRig(fetcher, `https://${host}/`);
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
    const { tokens } = tokenRig(server.fetcher, server.url, {
      credential: {
        kind: 'secret',
        clientId: 'client-1',
        secrets: [() => Promise.resolve(secrets.shift() ?? '')],
      },
    });
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

describe('a caller who gives up', () => {
  it('does not end the request for the others', async () => {
    const release = deferred<CannedAnswer>();
    const arrived = deferred<true>();
    server = await startLoopback(() => {
      arrived.resolve(true);
      return release.promise;
    });
    const { tokens } = tokenRig(server.fetcher, server.url);
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
    const answers = [new Promise<never>(() => undefined), Promise.resolve(aToken('t2').body)];
    const fetcher: Fetcher = async (_request, signal) => {
      arrived.resolve(signal);
      return { status: 200, header: () => undefined, body: (await answers.shift()) ?? '' };
    };
    const { tokens } = tokenRig(fetcher, 'https://login.example');
    const hasty = new AbortController();
    const first = failureOf(tokens.token(hasty.signal));
    const sent = await arrived.promise;
    hasty.abort(new Error('shutting down'));
    await first;
    expect(sent.aborted).toBe(true);
    expect(await tokens.token(calm())).toBe('t2');
  });
});

describe('what a token says against itself', () => {
  const claims = { aud: 'https://graph.microsoft.com', tid: TENANT, iat: 1, exp: 2, roles: ['SecurityAlert.Read.All'] };

  it('is known before the first request and the token is used all the same', async () => {
    const lacking = aJwt({ ...claims, roles: ['User.Read.All'] });
    const { tokens, events } = await startLogin(aToken(lacking));
    expect(tokens.problem()).toBeNull();
    expect(await tokens.token(calm())).toBe(lacking);
    expect(tokens.problem()).toMatchObject({ code: 'role', meaning: containing('SecurityAlert.Read.All') });
    expect(events).toMatchObject([
      { name: 'tokenAcquired' },
      { name: 'tokenProblem', tenant: 'contoso', scope: 'https://graph.example/.default', code: 'role' },
    ]);
  });

  it('keeps the token of another tenant from being used', async () => {
    const tid = '11111111-0000-4000-8000-000000000000';
    const { tokens, events } = await startLogin(aToken(aJwt({ ...claims, tid })), aToken(aJwt(claims)));
    const failure = await failureOf(tokens.token(calm()));
    expect(failure).toMatchObject({ code: 'TOKEN_WRONG_TENANT', kind: 'operator', message: containing(tid) });
    expect(events).toMatchObject([{ name: 'tokenAcquired' }, { name: 'tokenProblem', code: 'tenant' }]);
    expect(tokens.problem()?.code).toBe('tenant');
    expect(await tokens.token(calm())).toBe(aJwt(claims));
    expect(tokens.problem()).toBeNull();
  });

  it('is reported once for each change, not with every renewal, and ends with a good token', async () => {
    const lacking = aJwt({ ...claims, roles: [] });
    const foreign = aJwt({ ...claims, aud: 'https://vault.azure.net' });
    const answers = [lacking, lacking, foreign, aJwt(claims), lacking].map((token) => aToken(token));
    const { tokens, events } = await startLogin(...answers);
    const codes: (string | undefined)[] = [];
    for (const _answer of answers) {
      await tokens.token(calm(), { force: true });
      codes.push(tokens.problem()?.code);
    }
    expect(codes).toEqual(['role', 'role', 'audience', undefined, 'role']);
    const told = events.flatMap((event) => (event.name === 'tokenProblem' ? [event.code] : []));
    expect(told).toEqual(['role', 'audience', 'role']);
  });
});
