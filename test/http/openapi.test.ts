import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OAUTH_OPERATIONS } from '../../src/http/schemas/oauth-operations.ts';
import { openapiDocument } from '../../src/http/schemas/openapi-document.ts';
import { EVERYWHERE } from '../../src/http/schemas/operation.ts';
import { OPERATIONS } from '../../src/http/schemas/operations.ts';
import { RECORD_OPERATIONS } from '../../src/http/schemas/record-operations.ts';
import { STATUS_OPERATIONS } from '../../src/http/schemas/status-operations.ts';
import { createAnswerCheck } from '../support/answer-check.ts';
import { type BridgeRig, createBridgeRig, SECRETS } from '../support/bridge-rig.ts';
import { someFeedSettings } from '../support/feed-settings.ts';
import type { Answer, Ask } from '../support/https.ts';
import { stubAccess, stubApp } from '../support/stub-app.ts';

const OPS = { user: 'ops', password: SECRETS.operator };
const CONNECTOR = { user: 'arcsight-01', password: SECRETS.connector };
const HUGE = 'x'.repeat(20_000);
const FEED = '/v1/feeds/default/detections';
const ALERTS = '/v1/feeds/default/api/alerts';
const EVENTS = '/v1/feeds/default/events';
const VERBOSE = ['/readyz?verbose', '/healthz?verbose'];
const PACK = [
  '/v1/feeds/default/connector.zip',
  '/v1/feeds/default/connector/INSTALL.md',
  '/v1/feeds/default/connector/categorizer/microsoft/microsoft_defender_atp.csv',
];

/** `GET /livez` for every route that fastify has, from its own drawing of them. */
async function registeredRoutes(): Promise<readonly string[]> {
  const app = await stubApp(null);
  const above: string[] = [];
  const routes = app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const drawn = /^([│ ]*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/u.exec(line);
      if (drawn === null) return [];
      const [, indent = '', part = '', methods] = drawn;
      above.splice(indent.length / 4, Infinity, part);
      const path = above.join('').replaceAll(/:(\w+)/g, '{$1}');
      return methods === undefined ? [] : methods.split(', ').map((method) => `${method} ${path}`);
    });
  await app.close();
  return routes;
}

describe('the OpenAPI document', () => {
  it('has every route of the server, and no other', async () => {
    const documented = Object.entries(openapiDocument('0')['paths']).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = await registeredRoutes();
    expect(routes).toContain('HEAD /v1/feeds/{feed}/detections');
    expect([...routes].sort()).toEqual(documented.sort());
  });

  it('names every operation once and every parameter of its path', () => {
    expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length);
    for (const { path, parameters = [] } of OPERATIONS) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(parameters.filter((one) => 'in' in one && one.in === 'path')).toEqual(
        inPath.map((name) => expect.objectContaining({ name, required: true }) as object),
      );
    }
  });
});

describe('the answers of the bridge', () => {
  let rig: BridgeRig;
  const answered = new Set<string>();

  beforeAll(async () => {
    rig = await createBridgeRig({ backlog: 200 });
    await rig.startBridge();
    await rig.seen('pollFinished');
  });
  afterAll(async () => {
    await rig.close();
  });

  const asked: readonly (readonly [status: number, path: string, ask: Ask])[] = [
    [200, `${FEED}?since=2026-01-31T12:00:00Z`, CONNECTOR],
    [200, `${FEED}/`, CONNECTOR],
    [200, FEED, OPS],
    [200, FEED, { ...CONNECTOR, method: 'HEAD' }],
    [400, `${FEED}?since=tomorrow`, CONNECTOR],
    [400, `${FEED}?since=tomorrow`, { ...CONNECTOR, method: 'HEAD' }],
    [400, '/v1/feeds/%zz/detections', CONNECTOR],
    [401, FEED, {}],
    [401, FEED, { user: 'arcsight-01', password: 'not this one' }],
    [403, '/v1/feeds/private/detections', CONNECTOR],
    [404, '/v1/feeds/none/detections', CONNECTOR],
    [404, '/v1/feeds//detections', CONNECTOR],
    [414, `/v1/feeds/${'x'.repeat(300)}/detections`, CONNECTOR],
    ...[ALERTS, '/api/alerts'].flatMap((path) => [
      [200, `${path}?sinceTimeUtc=2026-01-31T12:00:00.000`, CONNECTOR] as const,
      [200, `${path.toUpperCase()}/?limit=3`, OPS] as const,
      [200, path, { ...CONNECTOR, method: 'HEAD' }] as const,
      [400, `${path}?untilTimeUtc=2026-01-31T12:00:00.000`, CONNECTOR] as const,
      [400, `${path}?ago=x`, CONNECTOR] as const,
      [401, path, {}] as const,
    ]),
    [403, '/v1/feeds/private/api/alerts', CONNECTOR],
    [404, '/v1/feeds/none/api/alerts', CONNECTOR],
    [414, `/v1/feeds/${'x'.repeat(300)}/api/alerts`, CONNECTOR],
    ...['', '?format=array', '?format=ndjson', '?limit=2', '?since=2100-01-01T00:00:00Z&format=ndjson'].map(
      (query) => [200, `${EVENTS}${query}`, CONNECTOR] as const,
    ),
    [200, EVENTS, OPS],
    [200, EVENTS, { ...CONNECTOR, method: 'HEAD' }],
    [400, `${EVENTS}?after=x`, CONNECTOR],
    [400, `${EVENTS}?first=x`, CONNECTOR],
    [400, `${EVENTS}?limit=0`, { ...CONNECTOR, method: 'HEAD' }],
    [401, EVENTS, {}],
    [403, '/v1/feeds/private/events', CONNECTOR],
    [404, '/v1/feeds/none/events', CONNECTOR],
    [410, `${EVENTS}?after=1.0.default.0`, CONNECTOR],
    [414, `/v1/feeds/${'x'.repeat(300)}/events`, CONNECTOR],
    ...PACK.flatMap((path) => [
      [200, path, OPS] as const,
      [200, path, { ...OPS, method: 'HEAD' }] as const,
      [304, path, { ...OPS, headers: { 'if-none-match': '*' } }] as const,
      [400, path.replace('default', '%zz'), OPS] as const,
      [401, path, {}] as const,
      [403, path, CONNECTOR] as const,
      [404, path.replace('default', 'none'), OPS] as const,
      [414, path.replace('default', 'x'.repeat(300)), OPS] as const,
    ]),
    [200, '/v1/feeds/default/connector/manifest.json', OPS],
    [200, '/v1/feeds/default/connector/default.properties', OPS],
    [404, '/v1/feeds/default/connector/none', OPS],
    [200, '/livez', {}],
    [200, '/livez', { method: 'HEAD' }],
    [200, '/readyz', {}],
    [200, '/healthz', {}],
    ...VERBOSE.flatMap((path) => [
      [200, path, OPS] as const,
      [401, path, {}] as const,
      [403, path, CONNECTOR] as const,
    ]),
    ...['/status.json', '/openapi.json'].flatMap((path) => [
      [200, path, OPS] as const,
      [200, path, { ...OPS, method: 'HEAD' }] as const,
      [401, path, {}] as const,
      [403, path, CONNECTOR] as const,
    ]),
    [200, '/metrics', {}],
    [401, '/metrics', { headers: { 'x-forwarded-for': '192.0.2.7' } }],
    [403, '/metrics', { ...CONNECTOR, headers: { 'x-forwarded-for': '192.0.2.7' } }],
    ...OPERATIONS.map(({ path }) => [431, path.replace('{feed}', 'default'), { headers: { more: HUGE } }] as const),
    [431, '/nowhere', { headers: { more: HUGE } }],
    [400, '/nowhere', { method: 'TREAT' }],
    [400, '/livez', { method: 'TREAT' }],
    [404, '/nowhere', {}],
    [405, '/livez', { method: 'POST' }],
  ];

  it.each(asked)('are what the document says: %i for %s', async (status, path, ask) => {
    expect((await rig.ask(path, ask)).status).toBe(status);
  });

  it('are what the document says while the store cannot be read', async () => {
    const broken = await createBridgeRig();
    try {
      await broken.startBridge();
      await broken.seen('pollFinished');
      broken.breakStore();
      for (const path of [FEED, ALERTS, '/api/alerts', EVENTS])
        expect((await broken.ask(path, CONNECTOR)).status).toBe(503);
      expect((await broken.ask('/readyz')).status).toBe(503);
      expect((await broken.ask('/healthz')).status).toBe(503);
      expect((await broken.ask('/readyz?verbose', OPS)).status).toBe(503);
      expect((await broken.ask('/healthz?verbose', OPS)).status).toBe(503);
      expect((await broken.ask('/status.json', OPS)).status).toBe(200);
      expect((await broken.ask('/metrics')).status).toBe(200);
      for (const what of broken.answered) answered.add(what);
    } finally {
      await broken.close();
    }
  });

  it.each(['/status.json', '/metrics', '/openapi.json', ...PACK])(
    'are what the document says of a defect, on %s',
    async (path) => {
      const check = createAnswerCheck();
      const defect = { ...stubAccess(null), identify: () => Promise.reject(new Error('a defect')) };
      const app = await stubApp(null, { access: defect });
      const { statusCode: status, headers, body } = await app.inject({ url: path, headers: { via: '1.1 proxy' } });
      check.check(path, {}, { status, headers: headers as Answer['headers'], body });
      expect(status).toBe(503);
      for (const what of check.seen) answered.add(what);
      await app.close();
    },
  );

  it.each([FEED, ALERTS, '/api/alerts', EVENTS, '/status.json', '/metrics', '/openapi.json', ...VERBOSE, ...PACK])(
    'are what the document says of too many wrong logins, on %s',
    async (url) => {
      const check = createAnswerCheck();
      const app = await stubApp(null, { access: { ...stubAccess(null), penalty: () => 7 } });
      const headers = { via: '1.1 proxy', authorization: 'Basic eDp5' };
      const answer = await app.inject({ url, headers });
      const { statusCode: status, body } = answer;
      check.check(url, {}, { status, headers: answer.headers as Answer['headers'], body });
      expect([status, answer.headers['retry-after']]).toEqual([429, '7']);
      for (const what of check.seen) answered.add(what);
      await app.close();
    },
  );

  it.each([
    [403, { kind: 'connector', name: 'arcsight-09', feeds: new Set<string>(), by: 'basic' } as const, 'default'],
    [404, { kind: 'operator', name: 'ops', by: 'basic' } as const, 'hunting'],
  ])('are what the document says of /api/alerts where it is not to be had: %i', async (status, caller, name) => {
    const check = createAnswerCheck();
    const app = await stubApp(caller, { feeds: new Map([[name, someFeedSettings({ name })]]) });
    const answer = await app.inject({ url: '/api/alerts' });
    check.check('/api/alerts', {}, { status, headers: answer.headers as Answer['headers'], body: answer.body });
    expect(answer.statusCode).toBe(status);
    for (const what of check.seen) answered.add(what);
    await app.close();
  });

  it('leave nothing in the document unseen', () => {
    // The rest is in oauth-answers.test.ts, records.test.ts and status-page.test.ts.
    const elsewhere = [...OAUTH_OPERATIONS, ...RECORD_OPERATIONS, ...STATUS_OPERATIONS];
    const here = OPERATIONS.filter((operation) => !elsewhere.includes(operation));
    const documented = here.flatMap(({ path, answers }) =>
      [...answers, ...EVERYWHERE].map(({ status }) => `GET ${path} ${status}`),
    );
    const seen = new Set([...answered, ...rig.answered]);
    expect(documented.filter((what) => !seen.has(what))).toEqual([]);
  });

  it('show operators the document, with the program version and the catalogue in it', async () => {
    const document = JSON.parse((await rig.ask('/openapi.json', OPS)).body) as {
      info: { version: string };
      components: { schemas: { Feed: { items: { properties: object } } } };
    };
    expect(document.info.version).toBe('0.0.0-test');
    expect(document.components.schemas.Feed.items.properties).toHaveProperty('AlertTitle');
  });
});

describe('the check of answers', () => {
  const answer: Answer = {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: '{"status":"ok"}',
  };
  const refuses = (changes: Partial<Answer>, path = '/livez', method = 'GET'): void => {
    expect(() => {
      createAnswerCheck().check(path, { method }, { ...answer, ...changes });
    }).toThrow();
  };

  it('lets the documented answer pass', () => {
    const check = createAnswerCheck();
    check.check('/livez', {}, answer);
    expect([...check.seen]).toEqual(['GET /livez 200']);
  });

  it.each([
    ['another body', { body: '{"status":"fine"}' }],
    ['a further member', { body: '{"status":"ok","more":1}' }],
    ['another status', { status: 204 }],
    ['another media type', { headers: { ...answer.headers, 'content-type': 'text/html' } }],
    ['a missing header', { headers: { 'content-type': 'application/json' } }],
    ['a header of another value', { headers: { ...answer.headers, 'cache-control': 'public' } }],
  ])('refuses %s', (_name, changes) => {
    refuses(changes);
  });

  it('refuses an undocumented address that answers, a HEAD with a body, and an error that is no problem', () => {
    refuses({}, '/other');
    refuses({}, '/livez', 'HEAD');
    refuses({ status: 404, body: '{"error":"Not Found"}' }, '/other');
  });

  it("refuses an event that is not of the catalogue, and a problem code that is not the route's", () => {
    refuses({ body: '[{"Surprise":1}]' }, FEED);
    const problem = { type: 'about:blank', status: 403, title: 'T', detail: 'D', hint: 'H', requestId: 'a-b' };
    refuses(
      {
        status: 403,
        headers: { ...answer.headers, 'content-type': 'application/problem+json' },
        body: JSON.stringify({ ...problem, code: 'OPERATOR_ONLY' }),
      },
      FEED,
    );
  });
});
