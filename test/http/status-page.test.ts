import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderPack } from '../../src/connector/bundle.ts';
import { hashSecret } from '../../src/domain/credential.ts';
import { BridgeError } from '../../src/domain/errors.ts';
import type { StatusSnapshot } from '../../src/domain/status-snapshot.ts';
import type { AppDeps } from '../../src/http/app.ts';
import { LIVE_SCRIPT } from '../../src/http/pages/live-script.ts';
import { STATUS_OPERATIONS } from '../../src/http/schemas/status-operations.ts';
import type { BrowsedEvent } from '../../src/store/event-browser.ts';
import { someFeedSettings } from '../support/feed-settings.ts';
import {
  CLIENT,
  type Cookies,
  createCookies,
  createOAuthRig,
  type OAuthRig,
  PASSWORD,
  signIn,
} from '../support/oauth-rig.ts';
import { packSettings } from '../support/pack-settings.ts';
import { pageFaults, pageText } from '../support/page-check.ts';
import { aConnector, aFeed, aFinding, aSnapshot, aSource, NOW, trouble } from '../support/status-builder.ts';

const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(1)</script>';
const PLACES = ['/status', '/status/live', '/status/downloads'];
const BASIC = { authorization: `Basic ${Buffer.from(`ops:${PASSWORD}`).toString('base64')}` };

let rig: OAuthRig;
let cookies: Cookies;
let snapshot: StatusSnapshot;
let events: readonly BrowsedEvent[];
/** What is thrown in place of an answer. */
let broken: { status?: Error; store?: Error; pack?: Error };

beforeEach(async () => {
  snapshot = aSnapshot();
  events = [];
  broken = {};
  const answer = <Value>(error: Error | undefined, value: Value): Promise<Value> =>
    error === undefined ? Promise.resolve(value) : Promise.reject(error);
  const store: AppDeps['store'] = {
    measures: () => answer(broken.store, []),
    findEvents: ({ feed, limit }) =>
      answer(broken.store, { events: events.filter((one) => one.feed === feed).slice(0, limit), before: null }),
    eventOrigin: () => Promise.resolve(null),
    quarantine: () => Promise.resolve([]),
    audit: () => Promise.resolve([]),
  };
  rig = await createOAuthRig(null, {
    store,
    status: () => answer(broken.status, snapshot),
    feeds: new Map([['default', someFeedSettings({ name: 'default' })]]),
    pack: (feed) => answer(broken.pack, renderPack(packSettings({ feed }))),
    metrics: { contentType: 'text/plain; charset=utf-8', render: () => Promise.resolve('up 1\n') },
  });
  cookies = await signIn(rig);
});
afterEach(() => rig.close());

async function page(path = '/status'): Promise<string> {
  const { status, body } = await rig.send(path, { cookies });
  expect(status).toBe(200);
  return body;
}

describe('the pages of operations', () => {
  it.each(PLACES)('send who has not signed in to the sign-in, and back: %s', async (path) => {
    const { status, headers } = await rig.send(`${path}?range=day`);
    const target = path === '/status/live' ? '/status?range=day' : `${path}?range=day`;
    expect([status, headers['location']]).toEqual([303, `/signin?return=${encodeURIComponent(target)}`]);
    expect(headers['www-authenticate']).toBeUndefined();
  });

  it.each(PLACES)('take no Basic: %s', async (path) => {
    expect((await rig.send(path, { headers: BASIC })).status).toBe(303);
  });

  it.each(PLACES)('are over with the session: %s', async (path) => {
    expect((await rig.send(path, { cookies })).status).toBe(200);
    rig.clock.step(8 * 3_600_000);
    expect((await rig.send(path, { cookies })).status).toBe(303);
  });

  it('come after the sign-in, and to a browser that asks for nothing', async () => {
    const home = await rig.send('/', { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect([home.status, home.headers['location']]).toEqual([303, '/status']);
    expect((await rig.send('/', { headers: { accept: 'application/json' } })).status).toBe(404);
  });

  it('lead to each other, and say where one is', async () => {
    const body = await page();
    for (const path of ['/status/events', '/status/quarantine', '/status/audit', '/status/downloads'])
      expect(body).toContain(`<a href="${path}">`);
    expect(body).toContain('<a href="/status" aria-current="page">Status</a>');
  });
});

describe('the status page', () => {
  it('may run the script of this server and talk to it, and nothing else', async () => {
    const { headers } = await rig.send('/status', { cookies });
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    expect([headers['cache-control'], headers['x-frame-options']]).toEqual(['no-store', 'DENY']);
    const { headers: others } = await rig.send('/status/downloads', { cookies });
    expect(others['content-security-policy']).not.toContain('script-src');
  });

  it('says in its first sentence whether detections reach ArcSight', async () => {
    expect(await page()).toContain('<p role="status" id="sentence">Detections reach ArcSight.</p>');
    snapshot = aSnapshot({
      sources: [aSource({ state: 'failed' })],
      findings: [trouble('source.poll', 'contoso/graph-alerts')],
    });
    const text = pageText(await page());
    expect(text).toContain('none can be had from Microsoft for contoso.');
    expect(text).toContain('What to do: Mend contoso/graph-alerts.');
  });

  it('draws the chain with state, last success, lag, backlog, estimate and next try in words', async () => {
    snapshot = aSnapshot({
      sources: [
        aSource({ state: 'degraded', failures: 3, nextTryMs: NOW + 20_000, setAside: 2 }),
        aSource({ tenant: 'fabrikam', catchingUp: { reachedMs: NOW - 7_200_000, targetMs: NOW } }),
      ],
      connectors: [aConnector({ backlog: 1234, oldestWaitingMs: NOW - 180_000 })],
    });
    const text = pageText(await page());
    for (const said of [
      'contoso graph-alerts Attention Last success 10 s ago',
      'Failed 3 times in a row',
      'Next try in 20 s',
      'Set aside 2 records',
      'Behind 2 h Caught up not known yet',
      'arcsight-01 Works Asked 5 s ago Last delivery 15 s ago Backlog 1 234 events Oldest stored 3 min ago Caught up not known yet',
    ])
      expect(text).toContain(said);
  });

  it('tells when a backlog will be gone once it has seen it become less', async () => {
    const looked = (left: number, atMs: number): void => {
      snapshot = aSnapshot({ atMs, connectors: [aConnector({ backlog: left, oldestWaitingMs: NOW - 90_000 })] });
    };
    looked(900, NOW);
    await page();
    looked(600, NOW + 60_000);
    expect(pageText(await page('/status/live'))).toContain('Caught up about in 2 min');
  });

  it('shows the parts for the script just as the page has them', async () => {
    const live = await page('/status/live?range=week');
    const whole = await page('/status?range=week');
    expect(whole).toContain(live);
    expect(live).toContain('data-range="week"');
    expect(live.match(/<section id="/g)).toHaveLength(6);
  });

  it('shows text from outside as text, wherever it stands', async () => {
    const bad = { ...trouble('source.poll', `${HOSTILE}/graph-alerts`), meaning: HOSTILE, remedy: HOSTILE };
    snapshot = aSnapshot({
      findings: [bad, aFinding({ id: 'credential.expiry', subject: HOSTILE, meaning: HOSTILE })],
      sources: [aSource({ tenant: HOSTILE, state: 'failed' })],
      connectors: [aConnector({ connector: HOSTILE })],
    });
    const text = JSON.stringify({
      AlertTitle: HOSTILE,
      Severity: HOSTILE,
      ComputerDnsName: HOSTILE,
      EventKind: HOSTILE,
    });
    events = [{ feed: 'default', seq: 7, storedMs: NOW, text }];
    expect(pageFaults(await page())).toEqual([]);
    expect(pageText(await page())).toContain(
      `Detections do not reach ArcSight: none can be had from Microsoft for ${HOSTILE}.`,
    );
  });

  it('lists the newest events of all feeds with links to them, and one that cannot be read, too', async () => {
    snapshot = aSnapshot({ feeds: [aFeed(), aFeed({ feed: 'hunting' })] });
    events = [
      { feed: 'default', seq: 9, storedMs: NOW - 60_000, text: '{"AlertTitle":"Older"}' },
      { feed: 'hunting', seq: 4, storedMs: NOW, text: 'no JSON' },
    ];
    const links = [...(await page()).matchAll(/href="(\/status\/events\/[^"]+)"/g)].map(([, href]) => href);
    expect(links).toEqual(['/status/events/hunting/4', '/status/events/default/9']);
  });

  it('stays below 1 MB with 200 tenants, all of them broken or none', async () => {
    const names = Array.from({ length: 200 }, (_none, index) => `customer-number-${index}`);
    const ofAll = (state: 'ok' | 'failed') =>
      names.flatMap((name) => [
        aFinding({ id: 'token', subject: name, state, meaning: 'm'.repeat(400), remedy: 'r'.repeat(200) }),
        aFinding({
          id: 'source.poll',
          subject: `${name}/graph-alerts`,
          state,
          meaning: 'm'.repeat(400),
          remedy: 'r'.repeat(200),
        }),
        aFinding({ id: 'credential.expiry', subject: name, meaning: 'e'.repeat(80) }),
      ]);
    snapshot = aSnapshot({ findings: ofAll('ok'), sources: names.map((tenant) => aSource({ tenant })) });
    const well = await page();
    expect(well.length).toBeLessThan(1_000_000);
    expect(pageText(well)).toContain('200 of 200 sources work');
    snapshot = aSnapshot({
      findings: ofAll('failed'),
      sources: names.map((tenant) => aSource({ tenant, state: 'failed' })),
    });
    const ill = await page();
    expect(ill.length).toBeLessThan(1_000_000);
    expect(pageText(ill)).toContain('any of the 200 tenants');
  });

  it('puts what is broken before what works, and folds only the latter', async () => {
    const sources = Array.from({ length: 50 }, (_none, index) => aSource({ tenant: `t-${index}` }));
    snapshot = aSnapshot({ sources: [...sources, aSource({ tenant: 'broken-one', state: 'failed' })] });
    const body = await page();
    expect(body.indexOf('<h4>broken-one')).toBeLessThan(body.indexOf('id="sources-ok"'));
    expect(body.indexOf('<h4>t-0')).toBeGreaterThan(body.indexOf('id="sources-ok"'));
  });

  it('is there while the store cannot be read, and says so', async () => {
    broken.store = new BridgeError({ code: 'STORE_READ', kind: 'transient', message: 'no', hint: 'Look.' });
    snapshot = aSnapshot({ findings: [trouble('store', 'store')], sources: [], feeds: [], connectors: [] });
    const text = pageText(await page());
    expect(text).toContain('Detections do not reach ArcSight: the store cannot be read.');
    expect(text).toContain('This cannot be read now');
    expect(rig.events.map(({ name }) => name)).not.toContain('requestFailed');
  });

  it('answers a defect with a page that tells nothing internal', async () => {
    broken = { status: new Error('secret path'), pack: new Error('secret path') };
    for (const path of PLACES) {
      const { status, body } = await rig.send(path, { cookies });
      expect(status).toBe(503);
      expect(body).not.toContain('secret path');
    }
  });
});

describe('its script', () => {
  it('is kept by browsers for ever, under the address that the page has', async () => {
    const src = /<script src="(\/assets\/[^"]+)" defer>/.exec(await page())?.[1] ?? '';
    const { status, headers, body } = await rig.send(src);
    expect([status, headers['content-type'], body]).toEqual([200, 'text/javascript; charset=utf-8', LIVE_SCRIPT]);
    const again = await rig.send(src, { headers: { 'if-none-match': String(headers['etag']) } });
    expect(again.status).toBe(304);
  });

  it('writes no HTML into the page and runs no text', () => {
    expect(LIVE_SCRIPT).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval|new Function/);
    expect(() => new Script(LIVE_SCRIPT)).not.toThrow();
  });
});

describe('the downloads', () => {
  it('are the files of the pack with the hashes that they have', async () => {
    const body = await page('/status/downloads');
    const rows = [...body.matchAll(/<a href="(\/v1\/[^"]+)">.*?<code>([0-9a-f]{64})<\/code>/gs)];
    expect(rows.length).toBeGreaterThan(4);
    for (const [, href = '', sha256] of rows) {
      const { rawPayload } = await rig.app().inject({ url: href, headers: { cookie: cookies.header() } });
      expect([href, createHash('sha256').update(rawPayload).digest('hex')]).toEqual([href, sha256]);
    }
  });

  it('say why there is no pack', async () => {
    broken.pack = new BridgeError({ code: 'PACK', kind: 'operator', message: 'No CA <here>.', hint: 'Make one.' });
    expect(pageText(await page('/status/downloads'))).toContain('No CA <here>. Make one.');
  });
});

describe('a session', () => {
  it.each([
    '/v1/feeds/default/connector.zip',
    '/v1/feeds/default/connector/INSTALL.md',
    '/status.json',
    '/metrics',
    '/openapi.json',
  ])('reads %s, as Basic does', async (path) => {
    const headers = { via: '1.1 proxy' };
    const statuses = [
      (await rig.app().inject({ url: path, headers: { ...headers, cookie: cookies.header() } })).statusCode,
      (await rig.app().inject({ url: path, headers: { ...headers, ...BASIC } })).statusCode,
      (await rig.app().inject({ url: path, headers })).statusCode,
    ];
    expect(statuses).toEqual([200, 200, 401]);
  });

  it('does not make an operator of a connector, nor of whoever gives a wrong login', async () => {
    rig.setLogins((logins) => ({
      ...logins,
      connectors: [
        {
          name: CLIENT.connector,
          feeds: new Set(['default']),
          auth: { kind: 'basic', secretHashes: [hashSecret('s')] },
        },
      ],
    }));
    const login = (secret: string) => `Basic ${Buffer.from(`${CLIENT.connector}:${secret}`).toString('base64')}`;
    const ask = async (secret: string) =>
      (await rig.send('/v1/feeds/default/connector.zip', { cookies, headers: { authorization: login(secret) } }))
        .status;
    expect([await ask('s'), await ask('wrong')]).toEqual([403, 401]);
  });

  it('reads no feed', async () => {
    expect((await rig.send('/v1/feeds/default/detections', { cookies })).status).toBe(401);
    expect((await rig.send('/v1/feeds/default/events', { cookies })).status).toBe(401);
  });

  it('is none under a name that somebody made up', async () => {
    const forged = createCookies();
    forged.take(`__Host-flexbridge=${'A'.repeat(43)}`);
    expect((await rig.send('/v1/feeds/default/connector.zip', { cookies: forged })).status).toBe(401);
  });
});

describe('the OpenAPI document', () => {
  it('has no answer of these pages that cannot be had', async () => {
    for (const path of PLACES) {
      await rig.send(path);
      await rig.send(path, { cookies });
    }
    await rig.send('/', { headers: { accept: 'text/html' } });
    await rig.send('/');
    const { headers } = await rig.send('/assets/status.js');
    await rig.send('/assets/status.js', { headers: { 'if-none-match': String(headers['etag']) } });
    broken = { status: new Error('defect'), pack: new Error('defect') };
    for (const path of PLACES) await rig.send(path, { cookies });
    const documented = STATUS_OPERATIONS.flatMap(({ path, answers }) =>
      answers.map(({ status }) => `GET ${path} ${status}`),
    );
    expect(documented.filter((what) => !rig.answered.has(what))).toEqual([]);
  });
});
