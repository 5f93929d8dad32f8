import { afterEach, describe, expect, it } from 'vitest';
import { isNarrowable } from '../../../src/defender/source.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
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

describe('an answer that is no plain 200', () => {
  it.each([
    [400, 'UPSTREAM_BAD_REQUEST', 'upstream'],
    [403, 'UPSTREAM_FORBIDDEN', 'operator'],
    [404, 'UPSTREAM_NOT_FOUND', 'operator'],
    [429, 'UPSTREAM_THROTTLED', 'transient'],
    [500, 'UPSTREAM_FAILED', 'transient'],
    [504, 'UPSTREAM_FAILED', 'transient'],
    [408, 'UPSTREAM_UNAVAILABLE', 'transient'],
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
      'Microsoft refused the request (403): the app lacks SecurityAlert.Read.All of Microsoft Graph. Grant it and give admin consent. Microsoft: ';
    const message = failure instanceof Error ? failure.message : '';
    expect(message.startsWith(`${start}Forbidden: Missing roles. xxx`)).toBe(true);
    expect(message.slice(start.length)).toHaveLength(300);
    expect(failure).toHaveProperty('hint', containing('API permissions'));
  });

  it.each([403, 206])('does not repeat the token that a %s quotes, whatever it looks like', async (status) => {
    const words = 'the header was Bearer token-1';
    const body = JSON.stringify({ error: { code: 'Forbidden', message: words } });
    const { client } = await startGraph({ status, body, headers: { warning: `199 - "${words}"` } });
    const failure = await failureOf(client.get('/x', calm()));
    expect(failure).toHaveProperty('message', containing('the header was Bearer [hidden]'));
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

describe('a refusal of another API', () => {
  it.each([
    [
      'defender-alerts' as const,
      'the app lacks Alert.Read.All of WindowsDefenderATP.',
      'APIs my organization uses > WindowsDefenderATP >',
    ],
    ['siem-detections' as const, 'the app may not read the SIEM API', 'the SIEM integration switch'],
  ])('%s says what is missing, in the words of the portal', async (name, words, hint) => {
    const error = { code: 'Forbidden', message: 'no such role', target: '8f2b' };
    server = await startLoopback(() => ({ status: 403, body: JSON.stringify({ error }) }));
    const failure = await failureOf(apiRig(server, name).client.get('/x', calm()));
    expect(failure).toMatchObject({ code: 'UPSTREAM_FORBIDDEN', message: containing(words), hint: containing(hint) });
    expect(failure).toHaveProperty('message', containing('Microsoft: Forbidden: no such role'));
  });

  it('is what its status says even when its text breaks off', async () => {
    server = await startRaw([], (_request, response) => {
      response.writeHead(500, { 'content-length': '1000' });
      response.write('<html>', () => response.destroy());
    });
    const failure = await failureOf(apiRig(server, 'defender-alerts').client.get('/x', calm()));
    expect(failure).toMatchObject({ code: 'UPSTREAM_FAILED' });
  });

  it('of any kind keeps the header of Graph to Graph', async () => {
    server = await startLoopback(() => ({ status: 200, body: '[]' }));
    await apiRig(server, 'defender-alerts').client.get('/x', calm());
    expect(server.requests[0]?.headers).not.toHaveProperty('prefer');
  });
});

describe('a failure', () => {
  const narrowable = async (answer: CannedAnswer) => {
    const { client } = await startGraph(answer, { maxBytes: 1000 });
    const failure = await failureOf(client.get('/x', calm()));
    await server?.close();
    return failure instanceof BridgeError && isNarrowable(failure);
  };

  it.each([
    [{ status: 500 }, true],
    [{ status: 504 }, true],
    [{ status: 400 }, true],
    [{ status: 200, body: '{"value":' }, true],
    [{ status: 200, body: `"${'x'.repeat(2000)}"` }, true],
    [{ status: 200, body: '<html>' }, false],
    [{ status: 502 }, false],
    [{ status: 503 }, false],
    [{ status: 429 }, false],
    [{ status: 403 }, false],
    [{ status: 206 }, false],
  ])('of %j may be got round by asking for less: %s', async (answer, expected) => {
    expect(await narrowable(answer)).toBe(expected);
  });

  it('of a body that is cut off may, and of a connection that is refused may not', async () => {
    server = await startRaw([], (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"value":', () => response.destroy());
    });
    const { client } = apiRig(server, 'graph-alerts');
    const cut = await failureOf(client.get('/x', calm()));
    expect(cut).toMatchObject({ code: 'NETWORK_CUT', answer: '{"value":' });
    await server.close();
    const refused = await failureOf(client.get('/x', calm()));
    expect([cut, refused].map((error) => error instanceof BridgeError && isNarrowable(error))).toEqual([true, false]);
    server = undefined;
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
    expect(JSON.stringify(failure)).not.toContain('secret-alert');
  });
});

describe('broken JSON', () => {
  it('keeps what Microsoft sent for the quarantine, cut to 64 KB', async () => {
    const { client } = await startGraph({ status: 200, body: `{"value":"${'x'.repeat(100_000)}` });
    const failure = await failureOf(client.get('/x', calm()));
    expect(failure instanceof BridgeError ? failure.answer?.length : null).toBe(65_536);
    expect(failure).toHaveProperty('answer', containing('{"value":"xxx'));
  });
});
