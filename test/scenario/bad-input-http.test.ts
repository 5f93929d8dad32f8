import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BridgeRig, createBridgeRig, SECRETS } from '../support/bridge-rig.ts';
import type { Answer } from '../support/https.ts';
import { plain } from './bad-input-rig.ts';

const CONNECTOR = { user: 'arcsight-01', password: SECRETS.connector };
const FEED = '/v1/feeds/default/detections';
const LOGIN = `Authorization: Basic ${Buffer.from(`arcsight-01:${SECRETS.connector}`).toString('base64')}\r\n`;
const HEAD = `Host: localhost\r\n${LOGIN}`;

let rig: BridgeRig;
let port = 0;

beforeAll(async () => {
  rig = await createBridgeRig({ backlog: 3 });
  await rig.startBridge();
  port = Number(new URL((await rig.seen('started')).url).port);
  await rig.seen('pollFinished');
});
afterAll(async () => {
  await rig.close();
});

interface Refusal {
  readonly status: number;
  readonly head: string;
  readonly code: string;
  readonly detail: string;
  readonly hint: string;
}

/** Everything the bridge says to these bytes until it ends the connection. */
async function send(bytes: string, isTls = true): Promise<string> {
  const ca = readFileSync(join(rig.folder, 'data', 'tls', 'ca.pem'));
  const socket: Socket = isTls
    ? connectTls({ host: '127.0.0.1', port, ca, servername: 'localhost' })
    : connectPlain({ host: '127.0.0.1', port });
  await once(socket, isTls ? 'secureConnect' : 'connect');
  let said = '';
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  // A refused client may still be writing when the connection goes: what it was told before counts.
  socket.on('error', () => undefined);
  socket.write(bytes);
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  return said;
}

/** The first answer in the text: a problem of RFC 9457 with cause and remedy, and nothing of the inside. */
function toRefusal(said: string): Refusal {
  plain({ code: null, out: said, err: '' });
  const [head = '', body = ''] = said.split('\r\n\r\n');
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  expect(head.toLowerCase()).toContain('cache-control: no-store');
  const problem = JSON.parse(body) as Refusal & { status: number; requestId: string };
  expect(Number(head.slice(9, 12))).toBe(problem.status);
  for (const words of [problem.detail, problem.hint, problem.requestId]) expect(words).not.toBe('');
  return { ...problem, head };
}

function problem(answer: Answer): Refusal {
  const head = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
  return toRefusal(`HTTP/1.1 ${answer.status}\r\n${head.join('\r\n')}\r\n\r\n${answer.body}`);
}

async function position(): Promise<unknown> {
  const status = await rig.ask('/status.json', { user: 'ops', password: SECRETS.operator });
  const { findings } = JSON.parse(status.body) as { findings: { id: string; subject: string; meaning: string }[] };
  return findings.filter(({ id, subject }) => id === 'connector.poll' && subject === 'arcsight-01/default');
}

describe('a request that makes no sense', () => {
  it.for<[what: string, path: string, status: number, code: string, detail: string, hint: string]>([
    ['a time in words', `${FEED}?since=tomorrow`, 400, 'SINCE_INVALID', '"tomorrow"', 'ISO-8601'],
    ['half a character as time', `${FEED}?since=%E0%A4%A`, 400, 'SINCE_INVALID', 'as a time', 'ISO-8601'],
    ['a time of 8,000 digits', `${FEED}?since=${'9'.repeat(8000)}`, 400, 'SINCE_INVALID', '99', 'ISO-8601'],
    ['two times', `${FEED}?since=1&since=2`, 400, 'SINCE_INVALID', 'more than once', 'Send it once'],
    ['a feed that does not exist', '/v1/feeds/nope/detections', 404, 'FEED_UNKNOWN', 'no feed', 'default, private'],
    ['a null byte as feed', '/v1/feeds/%00/detections', 404, 'FEED_UNKNOWN', 'no feed', 'default, private'],
    ['a way up as feed', '/v1/feeds/..%2f../detections', 404, 'FEED_UNKNOWN', 'no feed', 'default, private'],
    ["another connector's feed", '/v1/feeds/private/detections', 403, 'FEED_NOT_YOURS', 'arcsight-01', '`feeds`'],
    ['a page for operators', '/status.json', 403, 'OPERATOR_ONLY', 'arcsight-01', 'operator'],
    ['no such address', '/v2/feeds', 404, 'NOT_FOUND', 'no GET', '/v1/feeds/{feed}/detections'],
    ['a broken % in the path', '/%E0%A4%A', 400, 'FST_ERR_BAD_URL', 'a % in the URL', '%25'],
    ['a broken % in the feed', '/v1/feeds/%E0%A4%A/detections', 400, 'FST_ERR_BAD_URL', 'a % in the URL', '%25'],
    [
      'a feed name of 5,000 letters',
      `/v1/feeds/${'a'.repeat(5000)}/detections`,
      414,
      'FST_ERR_MAX_PARAM_LENGTH',
      '200',
      'Copy',
    ],
  ])('%s is a problem with cause and remedy', async ([, path, status, code, detail, hint]) => {
    const answer = problem(await rig.ask(path, CONNECTOR));
    expect(answer).toMatchObject({ status, code });
    expect(answer.detail).toContain(detail);
    expect(answer.hint).toContain(hint);
    expect(answer.detail.length).toBeLessThan(200);
  });

  it('a wrong password is a 401 and a log line with the name and without the password', async () => {
    const answer = await rig.ask(FEED, { user: 'arcsight-01', password: 'a-wrong-password' });
    expect(problem(answer)).toMatchObject({ status: 401, code: 'LOGIN_WRONG' });
    expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
    const line =
      rig
        .log()
        .split('\n')
        .find((entry) => entry.includes('"loginFailed"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ login: 'arcsight-01', address: '127.0.0.1' });
    for (const hidden of ['a-wrong-password', Buffer.from('arcsight-01:a-wrong-password').toString('base64')])
      expect(rig.log()).not.toContain(hidden);
  });

  it('has moved no position of the connector', async () => {
    expect(await position()).toMatchObject([
      { meaning: expect.stringContaining('This connector has never asked for events.') as string },
    ]);
  });
});

describe('a method that an address does not have', () => {
  it.for([
    ['POST', FEED],
    ['PUT', `${FEED}/`],
    ['DELETE', `${FEED}?since=1`],
    ['PATCH', '/readyz'],
    ['OPTIONS', '/livez'],
    ['PROPFIND', '/status.json'],
  ])('%s %s is a 405 that names those it has', async ([method = '', path = '']) => {
    const answer = await rig.ask(path, { ...CONNECTOR, method });
    expect(problem(answer)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED', hint: 'Use GET or HEAD.' });
    expect(answer.headers['allow']).toBe('GET, HEAD');
  });

  it('comes before anything that may be wrong with the body', async () => {
    const body = 'not json';
    const head = `${HEAD}Content-Length: ${body.length}\r\nConnection: close\r\n`;
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'nonsense']) {
      const said = await send(`POST ${FEED} HTTP/1.1\r\n${head}Content-Type: ${type}\r\n\r\n${body}`);
      expect(toRefusal(said)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    }
  });

  it('is a 404 where there is nothing', async () => {
    expect(problem(await rig.ask('/nowhere', { method: 'POST' }))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });
});

describe('bytes that are no request', () => {
  it.for<[what: string, bytes: string, status: number, code: string]>([
    ['a URL of 100 KB', `GET ${FEED}?since=${'a'.repeat(100_000)} HTTP/1.1\r\n${HEAD}\r\n`, 431, 'HEADERS_TOO_LARGE'],
    [
      'a header of 100 KB',
      `GET ${FEED} HTTP/1.1\r\n${HEAD}X: ${'a'.repeat(100_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    ['a header without end', `GET ${FEED} HTTP/1.1\r\n${HEAD}X: ${'a'.repeat(20_000)}`, 431, 'HEADERS_TOO_LARGE'],
    ['one word', 'HELLO\r\n\r\n', 400, 'NOT_HTTP'],
    ['another version of HTTP', `GET ${FEED} HTTP/9.9\r\n${HEAD}\r\n`, 400, 'NOT_HTTP'],
    ['a null byte in the path', `GET /v1/feeds/\0/detections HTTP/1.1\r\n${HEAD}\r\n`, 400, 'NOT_HTTP'],
    ['a null byte in a header', `GET ${FEED} HTTP/1.1\r\n${HEAD}X: \0\r\n\r\n`, 400, 'NOT_HTTP'],
    ['two lengths', `GET ${FEED} HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400, 'NOT_HTTP'],
    ['an unknown method', `FETCH ${FEED} HTTP/1.1\r\n${HEAD}\r\n`, 400, 'NOT_HTTP'],
  ])('%s gets an answer, and then the connection ends', async ([, bytes, status, code]) => {
    expect(toRefusal(await send(bytes))).toMatchObject({ status, code });
  });

  it('plain http at the https port is told in plain http to write https', async () => {
    const refusal = toRefusal(await send(`GET ${FEED} HTTP/1.1\r\n${HEAD}\r\n`, false));
    expect(refusal).toMatchObject({
      status: 400,
      code: 'HTTPS_NEEDED',
      hint: expect.stringContaining('https://') as string,
    });
  });

  it('leave the bridge in order for the next client', async () => {
    expect((await rig.ask('/livez')).status).toBe(200);
    expect(await position()).toMatchObject([
      { meaning: expect.stringContaining('This connector has never asked for events.') as string },
    ]);
  });
});

describe('a body on a GET', () => {
  it('is read past: the answer is the page, and the connection serves the next request', async () => {
    const body = 'x'.repeat(200_000);
    const first = `GET ${FEED} HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const said = await send(`${first}${body}GET /livez HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`);
    expect(said.match(/HTTP\/1\.1 [^\r]+/g)).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
    expect(said).toContain('"AlertTitle"');
    expect(said.trimEnd().endsWith('{"status":"ok"}')).toBe(true);
  });
});
