import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHostGate } from '../../../src/defender/host-gate.ts';
import { steppedClock } from '../../support/clock.ts';
import { apiRig, type RigOptions } from './api-rig.ts';
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

async function startGraph(answer: CannedAnswer | ((request: SeenRequest) => CannedAnswer), options: RigOptions = {}) {
  server = await startLoopback(typeof answer === 'function' ? answer : () => answer);
  return apiRig(server, 'graph-alerts', options);
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
    const { client } = apiRig(server, 'graph-alerts', { baseUrl: `${server.url}/graph/` });
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

  it('tells the gate of every answer, with the wait that was asked for', async () => {
    const { client, observed } = await startGraph(({ headers }) =>
      headers['authorization'] === 'Bearer token-2'
        ? { status: 429, headers: { 'retry-after': '9' } }
        : { status: 401 },
    );
    await failureOf(client.get('/x', calm()));
    expect(observed).toEqual([{ status: 401 }, { status: 429, retryAfterMs: 9000 }]);
  });

  it('is not sent while the gate is closed', async () => {
    const emit = () => undefined;
    const clock = steppedClock(0);
    const gate = createHostGate({ tenant: 'contoso', host: 'h', limits: [], clock, emit, random: () => 0 });
    const { client } = await startGraph({ status: 429, headers: { 'retry-after': '3600' } }, { gate });
    expect(await failureOf(client.get('/x', calm()))).toMatchObject({ code: 'UPSTREAM_THROTTLED' });
    expect(await failureOf(client.get('/x', calm()))).toMatchObject({ retryAfterMs: 3_600_000 });
    expect(server?.requests).toHaveLength(1);
  });

  it('asks for a packed answer and takes one, and one that begins with a byte-order mark', async () => {
    const body = gzipSync('\ufeff{"value":["é"]}');
    const { client } = await startGraph({ status: 200, headers: { 'content-encoding': 'gzip' }, body });
    expect(await client.get('/x', calm())).toEqual({ value: ['é'] });
    expect(server?.requests[0]?.headers['accept-encoding']).toBe('gzip');
  });

  it('takes JSON under a wrong content type', async () => {
    const { client } = await startGraph({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '{"value":[]}',
    });
    expect(await client.get('/x', calm())).toEqual({ value: [] });
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
    const { client } = apiRig(server, 'graph-alerts');
    expect(await failureOf(client.get('/x', caller.signal))).toHaveProperty('message', 'shutting down');
  });

  it('has a limit of time and of size', async () => {
    server = await startRaw([], () => undefined);
    const slow = apiRig(server, 'graph-alerts', { timeoutMs: 100 });
    expect(await failureOf(slow.client.get('/x', calm()))).toMatchObject({ code: 'NETWORK_TIMEOUT' });
    await server.close();
    const large = await startGraph({ status: 200, body: `"${'x'.repeat(10_000)}"` }, { maxBytes: 10_000 });
    expect(await failureOf(large.client.get('/x', calm()))).toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
  });
});

describe('a body that arrives piece by piece', () => {
  async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
    const read: Uint8Array[] = [];
    for await (const piece of pieces) read.push(piece);
    return Buffer.concat(read).toString('utf8');
  }

  it('is asked for with a token, again with a new one after a 401, and shows the clock', async () => {
    const { client, clock } = await startGraph(({ headers }) =>
      headers['authorization'] === 'Bearer token-2'
        ? { status: 200, headers: { date: DATE }, body: '[1,2]' }
        : { status: 401 },
    );
    expect(await textOf(client.stream('/x', calm()))).toBe('[1,2]');
    clock.step(1000);
    expect(await client.serverNow(calm())).toBe(Date.parse(DATE) + 1000);
    expect(server?.requests).toHaveLength(2);
  });

  it('throws what any other answer but a 200 is', async () => {
    const { client } = await startGraph({ status: 206, body: '[1,2]' });
    expect(await failureOf(textOf(client.stream('/x', calm())))).toMatchObject({ code: 'UPSTREAM_PARTIAL' });
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

  it('is taken from a failure too, because the newest record may be what Microsoft fails at', async () => {
    const { client } = await startGraph({ status: 500, headers: { date: DATE }, body: '{}' });
    expect(await client.serverNow(calm())).toBe(Date.parse(DATE));
  });

  it('is taken from broken data, but not from a web page or a refusal', async () => {
    const broken = await startGraph({ status: 200, headers: { date: DATE }, body: '{"value":[' });
    expect(await broken.client.serverNow(calm())).toBe(Date.parse(DATE));
    await server?.close();
    const page = await startGraph({ status: 200, headers: { date: DATE, 'content-type': 'text/html' }, body: '<p>' });
    expect(await failureOf(page.client.serverNow(calm()))).toMatchObject({ code: 'UPSTREAM_NOT_JSON' });
    await server?.close();
    const denied = await startGraph({ status: 403, headers: { date: DATE }, body: '{}' });
    expect(await failureOf(denied.client.serverNow(calm()))).toMatchObject({ code: 'UPSTREAM_FORBIDDEN' });
  });

  it('is not replaced by the local one when the answers carry no date', async () => {
    server = await startRaw([], (_request, response) => {
      response.sendDate = false;
      response.end('{}');
    });
    const { client } = apiRig(server, 'graph-alerts');
    expect(await failureOf(client.serverNow(calm()))).toMatchObject({ code: 'UPSTREAM_NO_DATE' });
  });
});
