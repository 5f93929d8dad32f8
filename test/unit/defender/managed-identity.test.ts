import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Credential, ManagedIdentityEndpoint } from '../../../src/defender/credential.ts';
import { createDispatcher } from '../../../src/defender/dispatcher.ts';
import { createFetcher, type Fetcher } from '../../../src/defender/fetcher.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import { type CannedAnswer, calm, containing, failureOf, type SeenRequest } from './loopback.ts';
import { CLIENT, given, openGate, shownBy, tokenRig } from './token-rig.ts';

const HEADER_SECRET = 'idh-7Zq+/=';
const SCOPE = 'https://graph.microsoft.com/.default';

let server: Server | undefined;
const requests: SeenRequest[] = [];
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
  requests.length = 0;
});

/** Plain http, as on the machine itself. */
async function startEndpoint(answer: CannedAnswer): Promise<string> {
  server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    requests.push({ method, url, headers, body: '' });
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

function identity(endpoint: ManagedIdentityEndpoint, clientId: string | null = null): Credential {
  return { kind: 'managed-identity', clientId, endpoint };
}

function rigFor(credential: Credential, fetcher: Fetcher = createFetcher({ dispatcher: createDispatcher() })) {
  const gate = openGate();
  return { ...tokenRig(fetcher, 'https://login.example', { credential, gate, scope: SCOPE }), gate };
}

async function imds(answer: CannedAnswer, clientId: string | null = null) {
  return rigFor(identity({ kind: 'imds', url: await startEndpoint(answer) }, clientId));
}

async function appService(answer: CannedAnswer, clientId: string | null = null) {
  const url = `${await startEndpoint(answer)}/msi/token?kept=1`;
  return rigFor(identity({ kind: 'app-service', url, header: given(HEADER_SECRET) }, clientId));
}

function answering(body: object, status = 200, headers: CannedAnswer['headers'] = {}): CannedAnswer {
  return { status, headers, body: JSON.stringify(body) };
}

function asked() {
  const [request] = requests;
  const url = new URL(request?.url ?? '', 'http://x');
  return { path: url.pathname, query: Object.fromEntries(url.searchParams), headers: request?.headers };
}

describe('the metadata service of a virtual machine', () => {
  const token = {
    access_token: 't1',
    expires_in: '86399',
    expires_on: '1772452799',
    resource: 'x',
    token_type: 'Bearer',
  };

  it('is asked for the resource of the scope with its header, and times may be digits in a text', async () => {
    const { tokens, events } = await imds(answering(token));
    expect(await tokens.token(calm())).toBe('t1');
    expect(asked()).toMatchObject({
      path: '/metadata/identity/oauth2/token',
      headers: { metadata: 'true' },
    });
    expect(asked().query).toEqual({ 'api-version': '2018-02-01', resource: 'https://graph.microsoft.com' });
    expect(events).toEqual([{ name: 'tokenAcquired', tenant: 'contoso', expiresInMs: 86_399_000 }]);
  });

  it('is told which user-assigned identity is meant', async () => {
    const { tokens } = await imds(answering(token), CLIENT);
    await tokens.token(calm());
    expect(asked().query).toMatchObject({ client_id: CLIENT });
  });

  it.each([
    [
      400,
      { error: 'invalid_request', error_description: 'Identity not found' },
      'TOKEN_IDENTITY_UNKNOWN',
      'Identity not found',
    ],
    [
      400,
      { error: 'invalid_resource', error_description: 'AADSTS500011: no such principal' },
      'TOKEN_SCOPE',
      'AADSTS500011',
    ],
    [401, { error: 'unknown_source', error_description: 'Unknown Source' }, 'TOKEN_REFUSED', 'Unknown Source'],
    [404, { error: 'not_found' }, 'TOKEN_UNAVAILABLE', 'being updated'],
    [429, {}, 'TOKEN_THROTTLED', 'slow down'],
    [
      500,
      { error: 'unknown', error_description: 'Failed to retrieve token' },
      'TOKEN_UNAVAILABLE',
      'Failed to retrieve',
    ],
    [302, {}, 'TOKEN_NOT_JSON', '302'],
  ])('answering %s %j is %s', async (status, body, code, words) => {
    const { tokens } = await imds(answering(body, status));
    const failure = await failureOf(tokens.token(calm()));
    const kind = status === 302 ? 'upstream' : [404, 429, 500].includes(status) ? 'transient' : 'operator';
    expect(failure).toMatchObject({ code, kind, message: containing(words) });
    expect(requests).toHaveLength(1);
  });

  it('that is being updated (410) is left alone for 70 seconds', async () => {
    const { tokens, gate } = await imds(answering({}, 410));
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ kind: 'transient', retryAfterMs: 70_000 });
    expect(gate.seen).toEqual([{ status: 410, retryAfterMs: 70_000 }]);
  });

  it.each([
    ['a web page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['no token', answering({ expires_in: '3600' })],
    ['no life', answering({ access_token: 'tok-1' })],
    ['a life that is over', answering({ access_token: 'tok-1', expires_on: '1' })],
  ])('answering 200 with %s gives no token', async (_name, answer) => {
    const { tokens } = await imds(answer);
    const failure = await failureOf(tokens.token(calm()));
    expect(failure).toMatchObject({ code: 'TOKEN_NOT_JSON', kind: 'upstream' });
    expect(shownBy(failure)).not.toContain('tok-1');
  });

  it('that is not there means this is no machine in Azure', async () => {
    const url = await startEndpoint(answering({}));
    server?.close();
    server = undefined;
    const { tokens } = rigFor(identity({ kind: 'imds', url }));
    const failure = await failureOf(tokens.token(calm()));
    expect(failure).toMatchObject({ code: 'TOKEN_IDENTITY_UNREACHABLE', hint: containing('only on a machine') });
  });

  it.each(['NETWORK_DNS', 'NETWORK_UNREACHABLE'])('that cannot be reached (%s) likewise', async (code) => {
    const lost = new BridgeError({ code, kind: 'transient', message: 'no answer in time', hint: '' });
    const { tokens } = rigFor(identity({ kind: 'imds', url: 'http://169.254.169.254' }), () => Promise.reject(lost));
    expect(await failureOf(tokens.token(calm()))).toMatchObject({
      code: 'TOKEN_IDENTITY_UNREACHABLE',
      message: containing('no answer in time'),
    });
  });

  it.each(['NETWORK_TIMEOUT', 'NETWORK_FAILED', 'NETWORK_CUT'])(
    'that is there but breaks off or is slow (%s) heals by itself',
    async (code) => {
      const lost = new BridgeError({ code, kind: 'transient', message: 'the connection broke', hint: '' });
      const { tokens } = rigFor(identity({ kind: 'imds', url: 'http://169.254.169.254' }), () => Promise.reject(lost));
      expect(await failureOf(tokens.token(calm()))).toMatchObject({
        ...{ code: 'TOKEN_UNAVAILABLE', kind: 'transient' },
        ...{ message: containing('the connection broke'), hint: containing('tries again by itself') },
      });
    },
  );

  it('is asked directly, past the proxy of the tenant', async () => {
    const url = await startEndpoint(answering(token));
    const proxy = { url: 'http://127.0.0.1:1', login: null, bypass: [] };
    const fetcher = createFetcher({ dispatcher: createDispatcher({ proxy }) });
    expect(await rigFor(identity({ kind: 'imds', url }), fetcher).tokens.token(calm())).toBe('t1');
  });
});

describe('the endpoint of App Service', () => {
  const sentAt = 'Sun, 01 Mar 2026 12:00:00 GMT';

  it('is asked at its whole URL with its secret header, and its end is measured on its own clock', async () => {
    const endsAt = String(Date.parse(sentAt) / 1000 + 7200);
    const { tokens, clock, events } = await appService(
      answering({ access_token: 't1', expires_on: endsAt }, 200, { date: sentAt }),
      CLIENT,
    );
    clock.step(600_000);
    expect(await tokens.token(calm())).toBe('t1');
    expect(asked()).toMatchObject({ path: '/msi/token', headers: { 'x-identity-header': HEADER_SECRET } });
    expect(asked().headers).not.toHaveProperty('metadata');
    expect(asked().query).toEqual({
      kept: '1',
      'api-version': '2019-08-01',
      resource: 'https://graph.microsoft.com',
      client_id: CLIENT,
    });
    expect(events).toMatchObject([{ expiresInMs: 7_200_000 }]);
  });

  it.each([
    [400, 'TOKEN_IDENTITY_UNKNOWN'],
    [403, 'TOKEN_REFUSED'],
    [404, 'TOKEN_IDENTITY_UNKNOWN'],
    [500, 'TOKEN_UNAVAILABLE'],
  ])('answering %s is %s, and the header is not shown even when it comes back', async (status, code) => {
    const { tokens, events } = await appService(
      answering(
        { statusCode: status, message: `refused ${HEADER_SECRET} ${encodeURIComponent(HEADER_SECRET)}` },
        status,
      ),
    );
    const failure = await failureOf(tokens.token(calm()));
    expect(failure).toMatchObject({ code, message: containing('refused') });
    const shown = shownBy(failure) + shownBy(events);
    expect(shown).not.toContain(HEADER_SECRET);
    expect(shown).not.toContain(encodeURIComponent(HEADER_SECRET));
  });

  it('with something that is no URL is asked nothing', async () => {
    const { tokens } = rigFor(identity({ kind: 'app-service', url: 'nowhere', header: given('x') }));
    expect(await failureOf(tokens.token(calm()))).toMatchObject({ code: 'TOKEN_IDENTITY_URL', kind: 'operator' });
  });
});
