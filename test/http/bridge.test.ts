import { Agent } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BridgeRig, createBridgeRig, SECRETS, TENANT } from '../support/bridge-rig.ts';
import type { Answer } from '../support/https.ts';

interface FeedEvent {
  readonly AlertId: string;
  readonly FeedSeq: number;
  readonly FeedTime: number;
  readonly StoredMs: number;
}

function eventsOf(answer: Answer): readonly FeedEvent[] {
  return JSON.parse(answer.body) as readonly FeedEvent[];
}

function json(answer: Answer): Readonly<Record<string, unknown>> {
  return JSON.parse(answer.body) as Readonly<Record<string, unknown>>;
}

const OPS = { user: 'ops', password: SECRETS.operator };

describe('the bridge over HTTPS', () => {
  let rig: BridgeRig;

  beforeAll(async () => {
    rig = await createBridgeRig({ feed: 'page: { maxEvents: 5 }' });
    await rig.startBridge();
    await rig.seen('pollFinished');
  });
  afterAll(async () => {
    await rig.close();
  });

  it('delivers every alert that Microsoft had, page by page and in order', async () => {
    const connector = { user: 'arcsight-02', password: SECRETS.other };
    const received: FeedEvent[] = [];
    let since = '';
    for (let page = 0; page < 200; page += 1) {
      const answer = await rig.poll(since, connector);
      expect(answer.status).toBe(200);
      const events = eventsOf(answer);
      if (events.length === 0) break;
      expect(new Set(events.map(({ FeedTime }) => FeedTime)).size).toBe(1);
      received.push(...events);
      since = new Date(events[0]?.FeedTime ?? 0).toISOString();
    }
    expect(received.map(({ FeedSeq }) => FeedSeq)).toEqual(received.map((_, index) => index + 1));
    const had = rig.simulator.world.visible(TENANT, Date.now()).map(({ id }) => id);
    expect(new Set(received.map(({ AlertId }) => AlertId))).toEqual(new Set(had));
  });

  it('answers an idle poll with 200 and an empty array', async () => {
    const answer = await rig.ask('/v1/feeds/private/detections?since=2100-01-01T00:00:00Z', {
      user: 'arcsight-02',
      password: SECRETS.other,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(answer.headers['etag']).toBeUndefined();
    expect(Number(answer.headers['content-length'])).toBe(answer.body.length);
  });

  it('sends a page again under a new stamp until it is acknowledged', async () => {
    const first = eventsOf(await rig.poll('2026-01-01T00:00:00Z'));
    const again = eventsOf(await rig.poll('2026-01-01T00:00:00Z'));
    expect(again.map(({ FeedSeq }) => FeedSeq)).toEqual(first.map(({ FeedSeq }) => FeedSeq));
    expect((again[0]?.FeedTime ?? 0) - (first[0]?.FeedTime ?? 0)).toBeGreaterThanOrEqual(1000);
    const confirmed = eventsOf(await rig.poll(new Date(first[0]?.FeedTime ?? 0).toISOString()));
    expect(confirmed[0]?.FeedSeq).toBe((first.at(-1)?.FeedSeq ?? 0) + 1);
  });

  it('reads without moving a position for an operator and for HEAD', async () => {
    const before = eventsOf(await rig.poll('2026-01-02T00:00:00Z'))[0]?.FeedSeq;
    const read = eventsOf(await rig.ask('/v1/feeds/default/detections', OPS));
    expect(read[0]).toMatchObject({ FeedSeq: 1, FeedTime: read[0]?.StoredMs });
    const head = await rig.poll('2026-01-03T00:00:00Z', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    expect(eventsOf(await rig.poll('2026-01-02T00:00:00Z'))[0]?.FeedSeq).toBe(before);
  });

  it.each([
    ['no login', {}, 401, 'LOGIN_MISSING'],
    ['a wrong password', { user: 'arcsight-01', password: 'wrong-password-text' }, 401, 'LOGIN_WRONG'],
    ['an unknown name', { user: 'nobody', password: 'wrong-password-text' }, 401, 'LOGIN_WRONG'],
    ['an operator with a wrong password', { user: 'ops', password: 'wrong-password-text' }, 401, 'LOGIN_WRONG'],
  ])('refuses %s with a problem', async (_name, login, status, code) => {
    const answer = await rig.ask('/v1/feeds/default/detections', login);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'www-authenticate': 'Basic realm="FlexBridge", charset="UTF-8"',
    });
    expect(json(answer)).toMatchObject({ status, code, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
    expect(json(answer)['hint']).not.toBe('');
  });

  it.each([
    ['/v1/feeds/default/detections?since=tomorrow', 400, 'SINCE_INVALID', 'tomorrow'],
    ['/v1/feeds/default/detections?since=a&since=b', 400, 'SINCE_INVALID', 'more than once'],
    ['/v1/feeds/none/detections', 404, 'FEED_UNKNOWN', 'no feed'],
    ['/v1/feeds/private/detections', 403, 'FEED_NOT_YOURS', 'arcsight-01'],
    ['/nowhere', 404, 'NOT_FOUND', '/nowhere'],
    ['/status.json', 403, 'OPERATOR_ONLY', 'arcsight-01'],
  ])('answers %s with %i %s', async (path, status, code, _detail) => {
    const answer = await rig.ask(path, { user: 'arcsight-01', password: SECRETS.connector });
    expect([answer.status, json(answer)['code']]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('is live and ready without a login', async () => {
    expect(json(await rig.ask('/livez'))).toEqual({ status: 'ok' });
    const ready = await rig.ask('/readyz');
    expect(ready.status).toBe(200);
    expect(json(ready)).toEqual({ status: 'ok', reasons: [] });
    expect((await rig.ask('/healthz')).body).toBe(ready.body);
  });

  it('shows operators the table of findings', async () => {
    const status = json(await rig.ask('/status.json', OPS));
    const rows = status['findings'] as { id: string; state: string; subject: string }[];
    expect(rows).toContainEqual(
      expect.objectContaining({ id: 'source.poll', state: 'ok', subject: 'contoso/graph-alerts' }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ id: 'certificate', state: 'ok' }));
    expect(rows).toContainEqual(
      expect.objectContaining({ id: 'connector.poll', subject: 'arcsight-01/default', state: 'ok' }),
    );
  });

  it('refuses a second bridge on the same database and names the pid of the first', async () => {
    await expect(rig.startBridge()).rejects.toMatchObject({
      code: 'INSTANCE_RUNNING',
      message: expect.stringContaining(`pid ${process.pid}`) as string,
    });
    expect((await rig.ask('/livez')).status).toBe(200);
  });

  it('writes no secret, no token and no alert text to the log', async () => {
    await rig.ask('/v1/feeds/default/detections', { user: 'arcsight-01', password: 'wrong-password-text' });
    const log = rig.log();
    expect(log).toContain('login failed');
    const titles = rig.simulator.world.visible(TENANT, Date.now()).map(({ title }) => String(title));
    for (const secret of [...Object.values(SECRETS), 'wrong-password-text', 'eyJ', ...titles])
      expect(log).not.toContain(secret);
  });
});

describe('a restart of the bridge', () => {
  let rig: BridgeRig;

  beforeAll(async () => {
    rig = await createBridgeRig();
  });
  afterAll(async () => {
    await rig.close();
  });

  it('emits nothing twice and forgets no position', async () => {
    await rig.startBridge();
    await rig.seen('pollFinished');
    const agent = new Agent({ keepAlive: true });
    const first = eventsOf(await rig.poll('2026-01-01T00:00:00Z', { agent }));
    expect(eventsOf(await rig.poll('2026-01-01T00:00:01Z', { agent }))).toEqual([]);
    await rig.stopBridge();
    await rig.startBridge();
    await rig.seen('pollFinished');
    expect(eventsOf(await rig.poll('2026-01-01T00:00:02Z'))).toEqual([]);
    const polls = rig.events.filter((event) => event.name === 'pollFinished');
    expect(polls[0]?.events).toBe(2 * first.length);
    expect(polls.slice(1).every(({ events, fresh }) => events + fresh === 0)).toBe(true);
    agent.destroy();
  });
});

describe('a bridge whose client secret is wrong', () => {
  it('serves, says so in the findings with the remedy, and reads nothing', async () => {
    const rig = await createBridgeRig({ clientSecret: 'not-the-secret' });
    try {
      await rig.startBridge();
      await rig.seen('pollFailed');
      const ready = await rig.ask('/readyz');
      expect(ready.status).toBe(200);
      expect(json(ready)).toMatchObject({ status: 'degraded' });
      expect(json(ready)['reasons']).toContain('token: failed');
      const rows = json(await rig.ask('/status.json', OPS))['findings'] as {
        id: string;
        state: string;
        meaning: string;
        remedy: string;
      }[];
      const token = rows.find(({ id }) => id === 'token');
      expect(token).toMatchObject({ state: 'failed', meaning: expect.stringContaining('AADSTS7000215') as string });
      expect(token?.remedy).not.toBe('');
      expect(rig.log()).not.toContain('not-the-secret');
    } finally {
      await rig.close();
    }
  });
});
