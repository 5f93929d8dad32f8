import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createOAuthClient, type OAuthClientOptions } from '../../../src/connector/oauth-client.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { BridgeError } from '../../../src/domain/errors.ts';

const SIGNAL = new AbortController().signal;

interface Seen {
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A token endpoint that answers with the next of the replies, the last one again and again. */
async function endpoint(...replies: readonly (readonly [status: number, body: object | string])[]) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      seen.push({ form, authorization: request.headers.authorization, type: request.headers['content-type'] });
      const [status, body] = replies[Math.min(seen.length, replies.length) - 1] ?? [500, ''];
      const location = status === 302 ? { location: '/elsewhere' } : {};
      response.writeHead(status, location).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { seen, tokenUrl: `http://127.0.0.1:${address.port}/oauth2/token` };
}

function client(tokenUrl: string, options: Partial<OAuthClientOptions> = {}) {
  const time = { ms: 0 };
  const made = createOAuthClient({
    tokenUrl,
    clientId: 'the client',
    clientSecret: 's+e:c/ret',
    refreshToken: 'refresh-1',
    clock: { ...systemClock, monotonic: () => time.ms },
    ...options,
  });
  open.push(() => {
    made.close();
  });
  return { made, time };
}

const GRANT = { access_token: 'access-1', token_type: 'Bearer', expires_in: 3600 };

describe('OAuth client of the connector', () => {
  it('exchanges the refresh token, client id and secret in the body of a form', async () => {
    const { seen, tokenUrl } = await endpoint([200, GRANT]);
    const { made } = client(tokenUrl);
    expect(await made.token(SIGNAL)).toEqual({ kind: 'token', accessToken: 'access-1' });
    expect(seen).toEqual([
      {
        form: {
          grant_type: 'refresh_token',
          refresh_token: 'refresh-1',
          client_id: 'the client',
          client_secret: 's+e:c/ret',
        },
        authorization: undefined,
        type: 'application/x-www-form-urlencoded',
      },
    ]);
    expect(made.lastReply()).toEqual({
      expiresInSeconds: 3600,
      tokenType: 'Bearer',
      hasRefreshToken: false,
      isNewRefreshToken: false,
    });
  });

  it('sends client id and secret form-encoded as HTTP Basic when told to, and the scope where there is one', async () => {
    const { seen, tokenUrl } = await endpoint([200, GRANT]);
    await client(tokenUrl, { clientAuthentication: 'header', scope: 'feed' }).made.token(SIGNAL);
    expect(seen[0]?.form).toEqual({ grant_type: 'refresh_token', refresh_token: 'refresh-1', scope: 'feed' });
    expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from('the+client:s%2Be%3Ac%2Fret').toString('base64')}`);
  });

  it('keeps the access token until a minute before its end, which may be told as text', async () => {
    const { seen, tokenUrl } = await endpoint([200, { ...GRANT, expires_in: '3600' }]);
    const { made, time } = client(tokenUrl);
    for (const ms of [0, 1000, 3_539_000]) {
      time.ms = ms;
      await made.token(SIGNAL);
    }
    expect(seen).toHaveLength(1);
    time.ms = 3_540_000;
    await made.token(SIGNAL);
    expect(seen).toHaveLength(2);
  });

  it('goes on with the refresh token that it is given, and has it kept', async () => {
    const { seen, tokenUrl } = await endpoint([200, { ...GRANT, refresh_token: 'refresh-2' }], [200, GRANT]);
    const kept: string[] = [];
    const { made } = client(tokenUrl, { keepRefreshToken: (text) => kept.push(text) });
    await made.token(SIGNAL);
    expect(made.lastReply()).toMatchObject({ hasRefreshToken: true, isNewRefreshToken: true });
    await made.renewed(SIGNAL);
    expect(seen.map(({ form }) => form['refresh_token'])).toEqual(['refresh-1', 'refresh-2']);
    expect(kept).toEqual(['refresh-2']);
  });

  it.each([
    [
      400,
      { error: 'invalid_grant', error_description: 's+e:c/ret' },
      'status=HTTP/1.1 400 Bad Request (invalid_grant)',
    ],
    [401, { error: 'invalid_client' }, 'status=HTTP/1.1 401 Unauthorized (invalid_client)'],
    [302, '', 'status=HTTP/1.1 302 Found'],
    [200, '<html>', 'status=HTTP/1.1 200 OK, without an access_token'],
  ])('takes a %s for the end, in the words of the connector, and never asks again', async (status, body, words) => {
    const { seen, tokenUrl } = await endpoint([status, body], [200, GRANT]);
    const { made } = client(tokenUrl);
    const refused = await made.token(SIGNAL);
    expect(refused).toMatchObject({ kind: 'refused', isFatal: true, status });
    const { message } = refused.kind === 'refused' ? refused : { message: '' };
    expect(message).toContain('FATAL EXCEPTION: Could not refresh the access token');
    expect(message).toContain(`Set reauthenticate to true: Failed to refresh access token: ${words}`);
    expect(message).not.toContain('ret)');
    expect(await made.token(SIGNAL)).toEqual(refused);
    expect(await made.renewed(SIGNAL)).toEqual(refused);
    expect(seen).toHaveLength(1);
  });

  it.each([503, 500, 429])('asks again with the next poll after a %s', async (status) => {
    const { tokenUrl } = await endpoint([status, { error: 'temporarily_unavailable' }], [200, GRANT]);
    const { made } = client(tokenUrl);
    expect(await made.token(SIGNAL)).toMatchObject({ kind: 'refused', isFatal: false, status });
    expect(await made.token(SIGNAL)).toMatchObject({ kind: 'token' });
  });

  it('asks again with the next poll when nothing answers', async () => {
    const { made } = client('http://127.0.0.1:1/oauth2/token');
    expect(await made.token(SIGNAL)).toMatchObject({ kind: 'refused', isFatal: false, status: null });
  });

  it('sends its secrets to no plain http address of another machine', () => {
    expect(() => client('http://bridge.example/oauth2/token')).toThrow(BridgeError);
  });
});
