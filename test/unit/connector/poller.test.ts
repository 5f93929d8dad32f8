import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { loadParser } from '../../../src/connector/interpreter/load-parser.ts';
import { createPoller, type Poller, type PollerOptions } from '../../../src/connector/poller.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { createCertificateAuthority, issueServerCertificate } from '../../../src/http/tls/certificate-authority.ts';

const PARSER = loadParser(
  Buffer.from(
    [
      'trigger.node.location=/',
      'token.count=2',
      'token[0].name=Id',
      'token[0].location=Id',
      'token[1].name=Ms',
      'token[1].type=Long',
      'token[1].location=Ms',
      'event.externalId=Id',
      'event.deviceReceiptTime=__longToTimeStamp(Ms)',
      'event.endTime=__longToTimeStamp(Ms)',
    ].join('\n'),
  ),
).definition;
const START = Date.UTC(2026, 0, 1);
const SIGNAL = new AbortController().signal;

interface Seen {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly port: number | undefined;
}

/** Servers and pollers of the running test. */
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** A feed that answers each poll with the next of the given answers, the last one again and again. */
async function feed(...answers: readonly RequestListener[]) {
  const seen: Seen[] = [];
  const server = createPlainServer((request, response) => {
    seen.push({
      url: request.url ?? '',
      authorization: request.headers.authorization,
      port: request.socket.remotePort,
    });
    answers[Math.min(seen.length, answers.length) - 1]?.(request, response);
  });
  return { seen, url: `http://127.0.0.1:${await listen(server)}/v1/detections?since=$START_AT_TIME` };
}

function json(body: unknown, status = 200): RequestListener {
  return (_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A poller with a clock that advances by a second at each look. */
function poller(url: string, options: Partial<PollerOptions> = {}): Poller {
  let now = START + 60_000;
  const clock = { ...systemClock, now: () => (now += 1000), monotonic: () => now };
  const made = createPoller({
    url,
    authorization: { kind: 'basic', user: 'arcsight-01', password: 'pass:word' },
    parser: PARSER,
    mode: 'newest-event',
    clock,
    startTimeMs: START,
    ...options,
  });
  open.push(() => {
    made.close();
  });
  return made;
}

const sinceOf = ({ url }: Seen): string | null => new URL(url, 'http://x').searchParams.get('since');

describe('poller', () => {
  it('asks with its login and start time and gives the events back', async () => {
    const { url, seen } = await feed(
      json([
        { Id: 'a', Ms: START + 5 },
        { Id: 'b', Ms: START + 9 },
      ]),
    );
    const result = await poller(url).poll(SIGNAL);
    expect(result).toMatchObject({
      kind: 'received',
      status: 200,
      rawCount: 2,
      sinceText: '2026-01-01T00:00:00.000Z',
      bytes: 61,
      warnings: [],
      events: [{ fields: { externalId: 'a' } }, { fields: { externalId: 'b' } }],
    });
    expect(seen.map(({ url: path }) => path)).toEqual(['/v1/detections?since=2026-01-01T00:00:00.000Z']);
    expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from('arcsight-01:pass:word').toString('base64')}`);
  });

  it.each([
    ['newest-event', ['00:00:00.000', '00:00:30.000', '00:00:30.000', '00:00:40.000']],
    ['wall-clock', ['00:01:01.000', '00:01:03.000', '00:01:05.000', '00:01:07.000']],
    ['last-success', ['00:00:00.000', '00:01:01.000', '00:01:03.000', '00:01:05.000']],
    ['last-try', ['00:00:00.000', '00:01:01.000', '00:01:03.000', '00:01:05.000']],
    ['frozen', ['00:00:00.000', '00:00:00.000', '00:00:00.000', '00:00:00.000']],
    ['hour-off', ['01:01:01.000', '01:01:03.000', '01:01:05.000', '01:01:07.000']],
  ] as const)('moves its time by %s', async (mode, times) => {
    const { url, seen } = await feed(
      json([{ Ms: START + 30_000 }, { Ms: START + 10_000 }]),
      json([]),
      json([{ Ms: START + 40_000 }]),
    );
    const connector = poller(url, { mode });
    for (const _ of times) await connector.poll(SIGNAL);
    expect(seen.map(sinceOf)).toEqual(times.map((time) => `2026-01-01T${time}Z`));
  });

  it('shows a bearer token, and a new one once where the feed refuses it', async () => {
    const { url, seen } = await feed(json({}, 401), json([]), json({}, 401));
    const given: string[] = [];
    const next = () => {
      given.push(`token-${given.length}`);
      return Promise.resolve({ kind: 'token', accessToken: given.at(-1) ?? '' } as const);
    };
    const connector = poller(url, { authorization: { kind: 'bearer', tokens: { token: next, renewed: next } } });
    expect(await connector.poll(SIGNAL)).toMatchObject({ kind: 'received' });
    expect(await connector.poll(SIGNAL)).toMatchObject({ kind: 'failed', reason: 'status', status: 401 });
    expect(seen.map(({ authorization }) => authorization)).toEqual([0, 1, 2, 3].map((at) => `Bearer token-${at}`));
  });

  it.each([
    [true, 'token-fatal'],
    [false, 'token'],
  ])('does not ask without a token: fatal %s', async (isFatal, reason) => {
    const { url, seen } = await feed(json([]));
    const refused = () =>
      Promise.resolve({ kind: 'refused', isFatal, status: 400, error: 'invalid_grant', message: 'no token' } as const);
    const connector = poller(url, { authorization: { kind: 'bearer', tokens: { token: refused, renewed: refused } } });
    expect(await connector.poll(SIGNAL)).toMatchObject({ kind: 'failed', reason, message: 'no token' });
    expect(seen).toEqual([]);
  });

  it('puts its key into the URL, in place of the one that stands there', async () => {
    const { url, seen } = await feed(json([]));
    const authorization = { kind: 'urlKey', key: 'a&b' } as const;
    await poller(url, { authorization, mode: 'missing' }).poll(SIGNAL);
    const placed = url.replace('?since', '?key=PLACEHOLDER&since');
    await poller(placed, { authorization, mode: 'missing' }).poll(SIGNAL);
    expect(seen.map((request) => request.url)).toEqual([
      '/v1/detections?since=$START_AT_TIME&key=a%26b',
      '/v1/detections?key=a%26b&since=$START_AT_TIME',
    ]);
  });

  it('checks with HEAD on the URL as it was typed, and learns the size of what GET would bring', async () => {
    const asked: string[] = [];
    const { url } = await feed((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(200, { 'content-length': 1234 }).end();
    });
    expect(await poller(url).check(SIGNAL)).toMatchObject({ kind: 'checked', announcedBytes: 1234 });
    expect(asked).toEqual(['HEAD /v1/detections?since=$START_AT_TIME']);
  });

  it('says with what status a HEAD was refused', async () => {
    const { url } = await feed((_, response) => response.writeHead(405).end());
    expect(await poller(url).check(SIGNAL)).toMatchObject({ kind: 'failed', reason: 'status', status: 405 });
  });

  it('sends the placeholder as it stands when it has no time', async () => {
    const { url, seen } = await feed(json([]));
    const result = await poller(url, { mode: 'missing' }).poll(SIGNAL);
    expect(result.sinceText).toBe('$START_AT_TIME');
    expect(seen[0]?.url).toBe('/v1/detections?since=$START_AT_TIME');
  });

  it('goes by another field, in whole seconds and in another format, when told to', async () => {
    const { url, seen } = await feed(json([{ Ms: START + 1999 }]));
    const formatTime = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
    const connector = poller(url, { mode: 'seconds', timeField: 'endTime', formatTime });
    await connector.poll(SIGNAL);
    await connector.poll(SIGNAL);
    expect(seen.map(sinceOf)).toEqual(['2026-01-01 00:00:00', '2026-01-01 00:00:01']);
  });

  it('asks again from the same time when it died between receiving and processing', async () => {
    const { url, seen } = await feed(json([{ Ms: START + 5 }]));
    const connector = poller(url);
    await connector.receive(SIGNAL);
    const result = await connector.receive(SIGNAL);
    connector.accept(result);
    await connector.receive(SIGNAL);
    expect(seen.map(sinceOf).map((since) => since?.slice(-5))).toEqual(['.000Z', '.000Z', '.005Z']);
  });

  it('goes on from what it had saved when it is started again', async () => {
    const { url, seen } = await feed(json([{ Ms: START + 5 }]));
    const before = poller(url);
    await before.poll(SIGNAL);
    await poller(url, { saved: before.saved() }).poll(SIGNAL);
    expect(seen.map(sinceOf).map((since) => since?.slice(-5))).toEqual(['.000Z', '.005Z']);
  });

  it('says of an answer that broke off how much of it had come', async () => {
    const { url } = await feed((_, response) =>
      response.writeHead(200, { 'content-length': 100 }).write('[1,', () => response.destroy()),
    );
    expect(await poller(url).poll(SIGNAL)).toMatchObject({ kind: 'failed', bytes: 3, announcedBytes: 100 });
  });

  it.each([
    ['status', json([], 503)],
    ['status', json([], 204)],
    ['status', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['not-json', (_, response) => response.end('<html>')],
    ['not-json', (_, response) => response.end('')],
    ['not-json', (_, response) => response.end('\ufeff[]')],
    ['not-json', (_, response) => response.end(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))],
    ['not-an-array', json({ items: [] })],
    ['too-large', json(['x'.repeat(2000)])],
    ['timeout', () => undefined],
    ['timeout', (_, response) => response.write('[')],
    ['network', (request) => request.socket.destroy()],
    [
      'network',
      (_, response) => response.writeHead(200, { 'content-length': 100 }).write('[', () => response.destroy()),
    ],
  ] satisfies readonly (readonly [string, RequestListener])[])(
    'fails as %s and keeps its time',
    async (reason, answer) => {
      const { url, seen } = await feed(answer, json([]));
      const connector = poller(url, { mode: 'last-success', timeoutMs: 100, maxBytes: 1000 });
      const result = await connector.poll(SIGNAL);
      expect(result).toMatchObject({ kind: 'failed', reason, sinceText: '2026-01-01T00:00:00.000Z' });
      await connector.poll(SIGNAL);
      expect(seen.map(sinceOf)).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z']);
    },
  );

  it('moves on after a failure when its time is that of the last try', async () => {
    const { url, seen } = await feed(json([], 503));
    const connector = poller(url, { mode: 'last-try' });
    await connector.poll(SIGNAL);
    await connector.poll(SIGNAL);
    expect(seen.map(sinceOf)).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-01T00:01:01.000Z']);
  });

  it('names a refused connection without the query of the URL', async () => {
    const { url } = await feed(json([]));
    open.splice(0).forEach((close) => {
      close();
    });
    const result = await poller(url.replace('since=', 'key=secret&since=')).poll(SIGNAL);
    expect(result).toMatchObject({ kind: 'failed', reason: 'network', status: null });
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  it('gives up when told to', async () => {
    const stop = new AbortController();
    const { url } = await feed(() => {
      stop.abort();
    });
    expect(await poller(url).poll(stop.signal)).toMatchObject({ kind: 'failed', reason: 'aborted' });
    expect(await poller(url).poll(stop.signal)).toMatchObject({ kind: 'failed', reason: 'aborted' });
  });

  it('keeps its connection only when told to', async () => {
    const portsWith = async (keepAlive: boolean) => {
      const { url, seen } = await feed(json([]));
      const connector = poller(url, { keepAlive });
      for (let round = 0; round < 3; round += 1) await connector.poll(SIGNAL);
      return new Set(seen.map(({ port }) => port)).size;
    };
    expect(await portsWith(true)).toBe(1);
    expect(await portsWith(false)).toBe(3);
  });

  it.each(['http://bridge.example/?since=$START_AT_TIME', 'ftp://127.0.0.1/', 'bridge'])(
    'refuses the URL %s',
    (url) => {
      expect(() => poller(url)).toThrow(expect.objectContaining({ code: 'FEED_URL' }));
    },
  );

  it('verifies the certificate against the authorities it was given', async () => {
    const { ca, cert, key } = await certificate();
    const port = await listen(createSecureServer({ cert, key }, json([])));
    const url = `https://127.0.0.1:${port}/?since=$START_AT_TIME`;
    expect(await poller(url, { ca }).poll(SIGNAL)).toMatchObject({ kind: 'received', rawCount: 0 });
    const other = await certificate();
    for (const trusted of [{ ca: other.ca }, {}]) {
      expect(await poller(url, trusted).poll(SIGNAL)).toMatchObject({
        kind: 'failed',
        reason: 'network',
        status: null,
      });
    }
  });
});

/** A certificate for the loopback and the authority that vouches for it. */
async function certificate(): Promise<{ ca: string; cert: string; key: string }> {
  const common = { hosts: ['127.0.0.1'], notBeforeMs: Date.now() - 60_000 };
  const authority = await createCertificateAuthority({ ...common, commonName: 'authority of a test', years: 1 });
  const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, { ...common, days: 1 });
  return { ca: authority.certificatePem, cert: certificatePem, key: privateKeyPem };
}
