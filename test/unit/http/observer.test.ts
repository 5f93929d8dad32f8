import fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { newObservation, type Observation } from '../../../src/domain/observation.ts';
import { createObservations } from '../../../src/feed/observation.ts';
import { createRequestObserver } from '../../../src/http/observer.ts';
import type { App } from '../../../src/http/server.ts';
import { createServer } from '../../../src/http/server.ts';
import { steppedClock } from '../../support/clock.ts';

let app: App | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});

type Parse = (body: string) => unknown;

/** A token endpoint that refuses everybody, its form parsed in the given way, and the observation of one client. */
async function tokenEndpoint(parse: Parse) {
  const clock = steppedClock('2026-01-01T00:00:00Z');
  const observations = createObservations(clock);
  const observer = createRequestObserver(observations, clock);
  const made: App = fastify({
    serverFactory: (handler) => createServer(handler, null, { caPem: null, wanted: () => false }),
  });
  app = made;
  observer.register(made, new Map());
  made.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) => {
    done(null, parse(body.toString()));
  });
  made.post('/oauth2/token', (_, reply) => reply.code(401).send({ error: 'invalid_client' }));
  made.get('/oauth2/authorize', (_, reply) => reply.code(302).header('location', '/signin').send());
  const url = await made.listen({ host: '127.0.0.1', port: 0 });
  const live = observations.begin(
    newObservation({
      connector: 'arcsight-01',
      clientId: 'client-1',
      startedMs: clock.now(),
      forMs: 60_000,
      probes: [],
      feeds: [],
    }),
  );
  const seen = async (requests: number): Promise<Observation> => {
    while (live.record().sums.requests < requests) await new Promise((resolve) => setImmediate(resolve));
    return live.record();
  };
  return {
    seen,
    token: (form: Record<string, string>, headers: Record<string, string> = {}) =>
      fetch(`${url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form), headers }),
    authorize: (query: string) => fetch(`${url}/oauth2/authorize?${query}`, { redirect: 'manual' }),
  };
}

const FORM = { grant_type: 'refresh_token', refresh_token: 'refresh-secret-value', scope: '' };
const BASIC = `Basic ${Buffer.from('client-1:client-secret-value').toString('base64')}`;

describe('a request for a token', () => {
  it.each<[string, Parse]>([
    ['a text', (body) => body],
    ['an object', (body) => Object.fromEntries(new URLSearchParams(body))],
    ['parameters', (body) => new URLSearchParams(body)],
    ['bytes', (body) => Buffer.from(body)],
  ])('is told by its client id, with names and no values, where its form was parsed into %s', async (_what, parse) => {
    const { token, seen } = await tokenEndpoint(parse);
    await token({ ...FORM, client_id: 'client-1', client_secret: 'client-secret-value' });
    await token(FORM, { authorization: BASIC });
    await token({ ...FORM, client_id: 'client-2', client_secret: 'another-secret-value' });
    await token({ ...FORM, client_id: 'client-1' });
    const record = await seen(3);
    expect(record.shapes.map(({ token: form }) => form)).toEqual([
      {
        grantType: 'refresh_token',
        credentials: 'body',
        parameters: ['refresh_token', 'scope'],
        contentType: 'application/x-www-form-urlencoded;charset=UTF-8',
      },
      expect.objectContaining({ credentials: 'header' }),
      expect.objectContaining({ credentials: 'none' }),
    ]);
    expect(record.requests.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(record.sums.tokens).toBe(3);
    for (const secret of ['refresh-secret-value', 'client-secret-value', 'another-secret-value', BASIC.slice(6)])
      expect(JSON.stringify(record)).not.toContain(secret);
  });
});

describe('a request for consent', () => {
  it('is told by its client id, with the names of its parameters', async () => {
    const { authorize, seen } = await tokenEndpoint((body) => body);
    await authorize(
      'response_type=code&client_id=client-1&state=state-secret-value&redirect_uri=http%3A%2F%2Flocalhost',
    );
    const record = await seen(1);
    expect(record.shapes[0]).toMatchObject({
      kind: 'authorize',
      parameters: ['response_type', 'client_id', 'state', 'redirect_uri'],
    });
    expect(JSON.stringify(record)).not.toContain('state-secret-value');
  });
});
