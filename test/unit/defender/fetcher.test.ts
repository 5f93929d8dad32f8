import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createDispatcher } from '../../../src/defender/dispatcher.ts';
import { createFetcher, type HttpRequest } from '../../../src/defender/fetcher.ts';
import { calm, containing, failureOf, type Loopback, startLoopback, startRaw } from './loopback.ts';

let server: Loopback | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function get(url: string, overrides: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    url: new URL(url),
    headers: {},
    attempt: 'asking',
    timeoutMs: 5000,
    maxBytes: 1000,
    ...overrides,
  };
}

function plainFetcher() {
  return createFetcher({ dispatcher: createDispatcher() });
}

describe('one exchange over HTTPS', () => {
  it('gives status, headers and body of any answer', async () => {
    server = await startLoopback(() => ({ status: 418, headers: { 'x-kind': 'pot' }, body: 'tëa' }));
    const answer = await server.fetcher(get(server.url), calm());
    expect([answer.status, answer.header('x-kind'), answer.header('x-none'), answer.body]).toEqual([
      418,
      'pot',
      undefined,
      'tëa',
    ]);
  });

  it('does not follow a redirect', async () => {
    server = await startLoopback(() => ({ status: 302, headers: { location: '/elsewhere' } }));
    const answer = await server.fetcher(get(server.url), calm());
    expect(answer.status).toBe(302);
    expect(server.requests).toHaveLength(1);
  });

  it('names the issuer of a certificate that it does not trust', async () => {
    server = await startLoopback(() => ({ status: 200 }));
    const failure = await failureOf(plainFetcher()(get(server.url), calm()));
    expect(failure).toMatchObject({ code: 'NETWORK_CERTIFICATE', kind: 'operator' });
    expect(failure).toHaveProperty('message', containing('Loopback Test Root'));
    expect(failure).toHaveProperty('hint', containing('caFile'));
    expect(server.requests).toHaveLength(0);
  });

  it('tells a certificate for another name from one that is not trusted', async () => {
    server = await startLoopback(() => ({ status: 200 }));
    const failure = await failureOf(server.fetcher(get(server.url.replace('127.0.0.1', 'localhost')), calm()));
    expect(failure).toMatchObject({
      code: 'NETWORK_CERTIFICATE',
      message: containing('belongs to another name'),
    });
  });

  it('says that a connection was refused', async () => {
    server = await startLoopback(() => ({ status: 200 }));
    const { url } = server;
    await server.close();
    server = undefined;
    const failure = await failureOf(plainFetcher()(get(url), calm()));
    expect(failure).toMatchObject({ code: 'NETWORK_REFUSED', kind: 'transient' });
  });

  it('says that a name does not resolve', async () => {
    const failure = await failureOf(plainFetcher()(get('https://nowhere.invalid/'), calm()));
    expect(failure).toMatchObject({ code: 'NETWORK_DNS', message: containing('nowhere.invalid') });
  });

  it('says that the other side does not speak TLS', async () => {
    const tcp = createTcpServer((socket) => socket.end('SSH-2.0-nothing\r\n')).listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const address = tcp.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const failure = await failureOf(plainFetcher()(get(`https://127.0.0.1:${port}/`), calm()));
    tcp.close();
    expect(failure).toMatchObject({ code: 'NETWORK_TLS', kind: 'operator' });
  });

  it('gives up on a server that never answers', async () => {
    server = await startRaw([], () => undefined);
    const failure = await failureOf(server.fetcher(get(server.url, { timeoutMs: 100 }), calm()));
    expect(failure).toMatchObject({ code: 'NETWORK_TIMEOUT', kind: 'transient' });
  });

  it('gives up on a body that never ends', async () => {
    server = await startRaw([], (_request, response) => response.writeHead(200).write('['));
    const failure = await failureOf(server.fetcher(get(server.url, { timeoutMs: 200 }), calm()));
    expect(failure).toMatchObject({ code: 'NETWORK_TIMEOUT' });
  });

  it('reports a body that is cut off as a broken connection', async () => {
    server = await startRaw([], (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"value":', () => response.destroy());
    });
    const failure = await failureOf(server.fetcher(get(server.url), calm()));
    expect(failure).toMatchObject({ code: 'NETWORK_CUT', kind: 'transient' });
  });

  it('tells a connection that breaks before the answer from one that breaks in it', async () => {
    server = await startRaw([], (_request, response) => response.destroy());
    const failure = await failureOf(server.fetcher(get(server.url), calm()));
    expect(failure).toMatchObject({ code: 'NETWORK_FAILED', kind: 'transient' });
  });

  it('unpacks a packed body, and takes a packed one that is cut off for a cut one', async () => {
    const packed = gzipSync('tëa'.repeat(100));
    server = await startLoopback(({ url }) => ({
      status: 200,
      headers: { 'content-encoding': 'gzip' },
      body: url === '/cut' ? packed.subarray(0, -12) : packed,
    }));
    expect((await server.fetcher(get(server.url), calm())).body).toBe('tëa'.repeat(100));
    const failure = await failureOf(server.fetcher(get(`${server.url}/cut`), calm()));
    expect(failure).toMatchObject({ code: 'NETWORK_CUT' });
  });

  it('counts the bytes after unpacking, so that a small body cannot fill the memory', async () => {
    const body = gzipSync(Buffer.alloc(50_000_000));
    server = await startLoopback(() => ({ status: 200, headers: { 'content-encoding': 'gzip' }, body }));
    const failure = await failureOf(server.fetcher(get(server.url, { maxBytes: 100_000 }), calm()));
    expect(failure).toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
  });

  it('refuses a packing that it did not ask for', async () => {
    server = await startLoopback(() => ({ status: 200, headers: { 'content-encoding': 'br' }, body: 'x' }));
    const failure = await failureOf(server.fetcher(get(server.url), calm()));
    expect(failure).toMatchObject({ code: 'UPSTREAM_BAD_ENCODING', kind: 'upstream' });
  });

  it('gives pieces of a body before its end, and lets go of it when nobody reads on', async () => {
    let gone: Promise<unknown> = Promise.resolve();
    server = await startRaw([], (_request, response) => {
      gone = once(response, 'close');
      response.writeHead(200).write('first');
    });
    const { body } = await server.streamFetcher(get(server.url), calm());
    for await (const piece of body) {
      expect(Buffer.from(piece).toString()).toBe('first');
      break;
    }
    await gone;
  });

  it('refuses a body beyond the limit', async () => {
    server = await startLoopback(() => ({ status: 200, body: 'x'.repeat(1001) }));
    const failure = await failureOf(server.fetcher(get(server.url), calm()));
    expect(failure).toMatchObject({ code: 'RESPONSE_TOO_LARGE', kind: 'upstream' });
  });

  it("passes the caller's reason on when the caller gives up", async () => {
    const caller = new AbortController();
    server = await startRaw([], () => {
      caller.abort(new Error('shutting down'));
    });
    const failure = await failureOf(server.fetcher(get(server.url), caller.signal));
    expect(failure).toHaveProperty('message', 'shutting down');
  });
});

describe('connections of a tenant', () => {
  it.each([
    ['text without a certificate', 'hello'],
    ['a damaged certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
  ])('are refused with %s as caFile', (_name, extraCa) => {
    expect(() => createDispatcher({ extraCa })).toThrow(expect.objectContaining({ code: 'CA_INVALID' }));
  });
});
