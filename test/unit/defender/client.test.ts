import { afterEach, describe, expect, it } from 'vitest';
import { createGraphClient } from '../../../src/defender/client.ts';
import type { TokenSource } from '../../../src/defender/token-source.ts';
import { steppedClock } from '../../support/clock.ts';
import {
  type CannedAnswer,
  calm,
  containing,
  failureOf,
  type Loopback,
  type SeenRequest,
  startLoopback,
  startRaw,
} from './loopback.ts';

const DATE = 'Sun, 01 Mar 2026 12:00:00 GMT';

let server: Loopback | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function startGraph(answer: CannedAnswer | ((request: SeenRequest) => CannedAnswer)) {
  server = await startLoopback(typeof answer === 'function' ? answer : () => answer);
  return setUp(server);
}

function setUp(graph: Loopback, { baseUrl = graph.url, timeoutMs = 5000, maxBytes = 10_000 } = {}) {
  const clock = steppedClock('2026-03-01T15:00:00Z');
  let issued = 0;
  const tokens: TokenSource = {
    token: (_signal, { force = false } = {}) => {
      if (force || issued === 0) issued += 1;
      return Promise.resolve(`token-${issued}`);
    },
  };
  return { clock, client: createGraphClient({ baseUrl, tokens, fetcher: graph.fetcher, clock, timeoutMs, maxBytes }) };
}

describe('a request to Graph', () => {
  it('carries token, Prefer and Accept and gives the JSON of a 200', async () => {
    const { client } = await startGraph({ status: 200, body: '{"value":[1]}' });
    expect(await client.get('/v1.0/x?$top=1', calm())).toEqual({ value: [1] });
    expect(server?.requests).toMatchObject([
      {
        method: 'GET',
        url: '/v1.0/x?$top=1',
        headers: {
          authorization: 'Bearer token-1',
          prefer: 'include-unknown-enum-members',
          accept: 'application/json',
        },
      },
    ]);
  });

  it('goes below the path of the base URL', async () => {
    server = await startLoopback(() => ({ status: 200, body: '{}' }));
    const { client } = setUp(server, { baseUrl: `${server.url}/graph/` });
    await client.get('/v1.0/x', calm());
    expect(server.requests[0]?.url).toBe('/graph/v1.0/x');
  });

  it('takes an absolute link of its own origin as it is', async () => {
    const { client } = await startGraph({ status: 200, body: '{}' });
    await client.get(`${server?.url ?? ''}/v1.0/x?$skiptoken=a%2Fb%20c`, calm());
    expect(server?.requests[0]?.url).toBe('/v1.0/x?$skiptoken=a%2Fb%20c');
  });

  it.each([
    ['another host', 'https://evil.example/v1.0/x', 'evil.example'],
    ['another port', 'https://127.0.0.1:1/v1.0/x', '127.0.0.1:1'],
    ['another scheme', 'http://127.0.0.1/v1.0/x', 'http://127.0.0.1'],
    ['a host behind a user name', 'https://127.0.0.1@evil.example/', 'evil.example'],
    ['no scheme', '//evil.example/v1.0/x', 'no URL'],
    ['no URL', 'evil.example', 'no URL'],
  ])('is never sent to %s', async (_name, link, named) => {
    const { client } = await startGraph({ status: 200, body: '{}' });
    const failure = await failureOf(client.get(link, calm()));
    expect(failure).toMatchObject({ code: 'UPSTREAM_FOREIGN_LINK', kind: 'upstream' });
    expect(failure).toHaveProperty('message', containing(named));
    expect(server?.requests).toHaveLength(0);
  });

  it('is repeated once with a new token after a 401', async () => {
    const { client } = await startGraph(({ headers }) =>
      headers['authorization'] === 'Bearer token-2' ? { status: 200, body: '[]' } : { status: 401 },
    );
    expect(await client.get('/x', calm())).toEqual([]);
    expect(server?.requests).toHaveLength(2);
  });

  it('fails after a second 401', async () => {
    const { client } = await startGraph({
      status: 401,
      body: '{"error":{"code":"InvalidAuthenticationToken","message":"no"}}',
    });
    expect(await failureOf(client.get('/x', calm()))).toMatchObject({
      code: 'UPSTREAM_UNAUTHORIZED',
      kind: 'operator',
    });
    expect(server?.requests).toHaveLength(2);
  });

  it('ends with the reason of the caller who gives up', async () => {
    const caller = new AbortController();
    server = await startRaw([], () => {
      caller.abort(new Error('shutting down'));
    });
    const { client } = setUp(server);
    expect(await failureOf(client.get('/x', caller.signal))).toHaveProperty('message', 'shutting down');
  });

  it('has a limit of time and of size', async () => {
    server = await startRaw([], () => undefined);
    const slow = setUp(server, { timeoutMs: 100 });
    expect(await failureOf(slow.client.get('/x', calm()))).toMatchObject({ code: 'NETWORK_TIMEOUT' });
    await server.close();
    const large = await startGraph({ status: 200, body: `"${'x'.repeat(10_000)}"` });
    expect(await failureOf(large.client.get('/x', calm()))).toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
  });
});

describe('an answer that is no plain 200', () => {
  it.each([
    [400, 'UPSTREAM_BAD_REQUEST', 'upstream'],
    [403, 'UPSTREAM_FORBIDDEN', 'operator'],
    [404, 'UPSTREAM_NOT_FOUND', 'operator'],
    [429, 'UPSTREAM_THROTTLED', 'transient'],
    [500, 'UPSTREAM_UNAVAILABLE', 'transient'],
    [502, 'UPSTREAM_UNAVAILABLE', 'transient'],
    [503, 'UPSTREAM_UNAVAILABLE', 'transient'],
    [206, 'UPSTREAM_PARTIAL', 'transient'],
    [301, 'UPSTREAM_REDIRECT', 'operator'],
    [204, 'UPSTREAM_BAD_REQUEST', 'upstream'],
  ])('%s is %s', async (status, code, kind) => {
    const { client } = await startGraph({ status });
    expect(await failureOf(client.get('/x', calm()))).toMatchObject({ code, kind, hint: containing('.') });
    expect(server?.requests).toHaveLength(1);
  });

  it('says which permission is missing, and what Microsoft said, without control characters and cut', async () => {
    const words = `Missing\u0000 roles.\r\n\u202e${'x'.repeat(500)}`;
    const { client } = await startGraph({
      status: 403,
      body: JSON.stringify({ error: { code: 'Forbidden', message: words } }),
    });
    const failure = await failureOf(client.get('/x', calm()));
    const start =
      'Microsoft refused the request (403): the app lacks SecurityAlert.Read.All. Grant it and give admin consent. Microsoft: ';
    const message = failure instanceof Error ? failure.message : '';
    expect(message.startsWith(`${start}Forbidden: Missing roles. xxx`)).toBe(true);
    expect(message.slice(start.length)).toHaveLength(300);
    expect(failure).toHaveProperty('hint', containing('API permissions'));
  });

  it.each([
    ['7200', 7_200_000],
    ['Sun, 01 Mar 2026 12:10:00 GMT', 600_000],
  ])('with Retry-After %s asks to wait %s ms', async (retryAfter, expected) => {
    const { client } = await startGraph({ status: 429, headers: { 'retry-after': retryAfter, date: DATE } });
    expect(await failureOf(client.get('/x', calm()))).toHaveProperty('retryAfterMs', expected);
  });

  it('names the host that a redirect leads to', async () => {
    const { client } = await startGraph({ status: 307, headers: { location: 'https://portal.example/login' } });
    expect(await failureOf(client.get('/x', calm()))).toHaveProperty('message', containing('portal.example'));
  });

  it('quotes the warning of a partial answer', async () => {
    const { client } = await startGraph({
      status: 206,
      headers: { warning: '199 - "Vendor/Provider/504/10000"' },
      body: '{}',
    });
    expect(await failureOf(client.get('/x', calm()))).toHaveProperty('message', containing('Vendor/Provider/504'));
  });
});

describe('a 200 that is no data', () => {
  it.each([
    ['a web page', { 'content-type': 'text/html' }, '<!doctype html><p>Sign in', 'UPSTREAM_NOT_JSON'],
    ['a web page under a wrong type', {}, ' <html>', 'UPSTREAM_NOT_JSON'],
    ['nothing', {}, '', 'UPSTREAM_BAD_JSON'],
    ['JSON that is cut off', {}, '{"value":[{"id":"secret-alert', 'UPSTREAM_BAD_JSON'],
  ])('%s is an error that does not quote it', async (_name, headers, body, code) => {
    const { client } = await startGraph({ status: 200, headers, body });
    const failure = await failureOf(client.get('/x', calm()));
    expect(failure).toMatchObject({ code, kind: 'upstream' });
    expect(failure).not.toHaveProperty('message', containing('secret-alert'));
  });
});

describe("Microsoft's clock", () => {
  it('is taken from the last answer, without a request of its own', async () => {
    const { client, clock } = await startGraph({ status: 200, headers: { date: DATE }, body: '{}' });
    await client.get('/x', calm());
    clock.step(5000);
    expect(await client.serverNow(calm())).toBe(Date.parse(DATE) + 5000);
    expect(server?.requests).toHaveLength(1);
  });

  it('is asked for with one small request when no answer is there or the last is older than ten minutes', async () => {
    const { client, clock } = await startGraph({ status: 200, headers: { date: DATE }, body: '{"value":[]}' });
    expect(await client.serverNow(calm())).toBe(Date.parse(DATE));
    await client.serverNow(calm());
    clock.step(600_001);
    await client.serverNow(calm());
    expect(server?.requests.map(({ url }) => url)).toEqual([
      '/v1.0/security/alerts_v2?$top=1',
      '/v1.0/security/alerts_v2?$top=1',
    ]);
  });

  it('is not replaced by the local one when the answers carry no date', async () => {
    server = await startRaw([], (_request, response) => {
      response.sendDate = false;
      response.end('{}');
    });
    const { client } = setUp(server);
    expect(await failureOf(client.serverNow(calm()))).toMatchObject({ code: 'UPSTREAM_NO_DATE' });
  });
});
