import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventId } from '../../src/store/event-id.ts';
import { type BridgeRig, createBridgeRig, type RigOptions, SECRETS } from '../support/bridge-rig.ts';
import { someFeedSettings } from '../support/feed-settings.ts';
import type { Answer, Ask } from '../support/https.ts';
import { onStoredFile } from '../support/stored-file.ts';
import { stubApp } from '../support/stub-app.ts';

const OPS = { user: 'ops', password: SECRETS.operator };
const CONNECTOR = { user: 'arcsight-01', password: SECRETS.connector };
const OTHER = { user: 'arcsight-02', password: SECRETS.other };
const ALERTS = '/v1/feeds/default/api/alerts';
const DETECTIONS = '/v1/feeds/default/detections';
/** Number of the feed `default` in the store: the first of the configuration. */
const FEED_NO = 1;

interface FeedEvent {
  readonly FeedSeq: number;
  readonly FeedTime: number;
  readonly StoredMs: number;
}

function eventsOf(answer: Answer): readonly FeedEvent[] {
  expect(answer.status, answer.body).toBe(200);
  return JSON.parse(answer.body) as readonly FeedEvent[];
}

function seqsOf(answer: Answer): readonly number[] {
  return eventsOf(answer).map(({ FeedSeq }) => FeedSeq);
}

/** The stamp of a page, as a connector that follows it sends it back. */
function stampOf(answer: Answer): string {
  return new Date(eventsOf(answer)[0]?.FeedTime ?? 0).toISOString();
}

async function startRig(options: RigOptions): Promise<BridgeRig> {
  const rig = await createBridgeRig(options);
  await rig.startBridge();
  await rig.seen('pollFinished');
  // Two of the events are changes of alerts, which the old API did not have.
  await rig.stopBridge();
  onStoredFile(rig.folder, (db) =>
    db
      .prepare("UPDATE feed_event SET kind = 'update' WHERE event_id IN (?, ?)")
      .run(eventId(FEED_NO, 2), eventId(FEED_NO, 5)),
  );
  await rig.startBridge();
  return rig;
}

describe.each([
  ['TLS', {}],
  ['plain http', { plain: true }],
])("the old API's address over %s", (_transport, options) => {
  let rig: BridgeRig;

  beforeAll(async () => {
    rig = await startRig({ ...options, feed: 'page: { maxEvents: 4 }' });
  });
  afterAll(async () => {
    await rig.close();
  });

  it.each([
    ALERTS,
    `${ALERTS}/`,
    '/V1/Feeds/Default/API/Alerts',
    '/v1/feeds/default/api/ALERTS/',
    '/api/alerts',
    '/api/alerts/',
    '/api/Alerts/',
    '/API/ALERTS',
  ])('is %s', async (path) => {
    const answer = await rig.ask(`${path}?sinceTimeUtc=2000-01-01T00:00:00`, OPS);
    expect(seqsOf(answer)).toEqual([1, 3, 4, 6]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
  });

  it.each(['/V1/feeds/default/detections', '/v1/feeds/Default/detections', '/LIVEZ', '/api/alert', '/api/alerts/x'])(
    'is nothing else: %s is a 404',
    async (path) => {
      expect((await rig.ask(path, CONNECTOR)).status).toBe(404);
    },
  );

  it.each(['sinceTimeUtc', 'sincetimeutc', 'SinceTimeUtc', 'SINCETIMEUTC'])('takes its time as %s', async (name) => {
    expect(eventsOf(await rig.ask(`/api/alerts/?${name}=2100-01-01T00:00:00.000`, OPS))).toEqual([]);
    expect(eventsOf(await rig.ask(`/api/alerts/?${name}=2000-01-01T00:00:00.000`, OPS))).not.toEqual([]);
  });

  it.each(['', '?sinceTimeUtc=', '?sinceTimeUtc=$START_AT_TIME', '?sinceTimeUtc=%24START_AT_TIME'])(
    'begins initialLookback back without a time: %j',
    async (query) => {
      expect(seqsOf(await rig.ask(`/api/alerts${query}`, OPS))).toEqual([1, 3, 4, 6]);
    },
  );

  it('takes how long ago in place of a time', async () => {
    expect(seqsOf(await rig.ask('/api/alerts?ago=PT1H', OPS))).toEqual([1, 3, 4, 6]);
    expect(seqsOf(await rig.ask('/api/alerts?Ago=P1DT2H', OPS))).toEqual([1, 3, 4, 6]);
    expect(seqsOf(await rig.ask('/api/alerts?ago=PT0S', OPS))).toEqual([]);
  });

  it('makes pages smaller by a limit, oldest first, and never larger', async () => {
    expect(seqsOf(await rig.ask('/api/alerts?limit=2', OPS))).toEqual([1, 3]);
    expect(seqsOf(await rig.ask('/api/alerts?limit=5000', OPS))).toEqual([1, 3, 4, 6]);
    expect(seqsOf(await rig.ask('/api/alerts?limit=1&sinceTimeUtc=', CONNECTOR))).toEqual([1]);
  });

  it('moves no position for operators and HEAD', async () => {
    const since = '?sinceTimeUtc=2026-01-05T00:00:00Z';
    const before = seqsOf(await rig.ask(`${ALERTS}${since}`, OTHER));
    const read = eventsOf(await rig.ask(`${ALERTS}?sinceTimeUtc=2000-01-01T00:00:00Z`, OPS));
    expect(read[0]?.FeedTime).toBe(read[0]?.StoredMs);
    const head = await rig.ask(`${ALERTS}?sinceTimeUtc=2026-01-06T00:00:00Z`, { ...OTHER, method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    expect(seqsOf(await rig.ask(`${ALERTS}${since}`, OTHER))).toEqual(before);
  });

  it.for<[what: string, query: string, code: string, words: string]>([
    ['an end of time', 'untilTimeUtc=2026-01-01T00:00:00Z', 'FILTER_UNSUPPORTED', '"untilTimeUtc"'],
    ['an OData filter', '$filter=x', 'FILTER_UNSUPPORTED', '"$filter"'],
    ['an indicator', 'ioc=1&iocName=2', 'FILTER_UNSUPPORTED', '"ioc", "iocName"'],
    ['machine groups', 'machinegroups=A&machinegroups=B', 'FILTER_UNSUPPORTED', '"machinegroups"'],
    ['tags of devices', 'DeviceCreatedMachineTags=a', 'FILTER_UNSUPPORTED', '"DeviceCreatedMachineTags"'],
    ['tags of the cloud', 'cloudCreatedMachineTags=a', 'FILTER_UNSUPPORTED', '"cloudCreatedMachineTags"'],
    ["the feed's own parameter", 'since=2026-01-01T00:00:00Z', 'FILTER_UNSUPPORTED', '"since"'],
    ['line ends as a name', '%0d%0aSet-Cookie=1', 'FILTER_UNSUPPORTED', '"\ufffd\ufffdSet-Cookie"'],
    ['a list', 'sinceTimeUtc[]=1', 'FILTER_UNSUPPORTED', '"sinceTimeUtc[]"'],
    ['a name of 8,000 letters', `${'a'.repeat(8000)}=1`, 'FILTER_UNSUPPORTED', 'aaa…'],
    ['two times', 'sinceTimeUtc=1&SINCETIMEUTC=2', 'SINCE_INVALID', 'more than once'],
    ['a time twice', 'sinceTimeUtc=1&sinceTimeUtc=1', 'SINCE_INVALID', 'more than once'],
    ['a time in words', 'sinceTimeUtc=tomorrow', 'SINCE_INVALID', 'tomorrow'],
    ['a null byte as time', 'sinceTimeUtc=%00', 'SINCE_INVALID', 'as a time'],
    ['a time and a duration', 'sinceTimeUtc=$START_AT_TIME&ago=PT1H', 'PARAMETER_INVALID', 'both'],
    ['a duration in words', 'ago=yesterday', 'PARAMETER_INVALID', '"yesterday"'],
    ['a limit of none', 'limit=0', 'PARAMETER_INVALID', '"0"'],
    ['a limit in words', 'limit=all', 'PARAMETER_INVALID', '"all"'],
  ])('refuses %s by name', async ([, query, code, words]) => {
    const answer = await rig.ask(`/api/alerts?${query}`, CONNECTOR);
    const problem = JSON.parse(answer.body) as { code: string; detail: string; hint: string };
    expect([answer.status, problem.code]).toEqual([400, code]);
    expect(problem.detail).toContain(words);
    expect(problem.detail.length).toBeLessThan(400);
    if (code === 'FILTER_UNSUPPORTED') expect(problem.hint).toContain('filter.minSeverity');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('is for the connectors of the feed, and every answer is told with its feed', async () => {
    const before = rig.events.length;
    expect((await rig.ask('/api/alerts')).status).toBe(401);
    expect((await rig.ask('/v1/feeds/private/api/alerts', CONNECTOR)).status).toBe(403);
    expect((await rig.ask('/v1/feeds/none/api/alerts', CONNECTOR)).status).toBe(404);
    expect((await rig.ask('/api/alerts', { ...CONNECTOR, method: 'POST' })).status).toBe(405);
    const told = rig.events
      .slice(before)
      .flatMap((one) => (one.name === 'feedRequest' ? [[one.feed, one.status]] : []));
    expect(told).toEqual([
      ['default', 401],
      ['private', 403],
      [null, 404],
    ]);
  });
});

describe('one connector under both addresses', () => {
  let rig: BridgeRig;
  const asked = { ...CONNECTOR } satisfies Ask;

  beforeAll(async () => {
    rig = await startRig({ feed: 'page: { maxEvents: 3 }\n    legacyUpdates: true' });
  });
  afterAll(async () => {
    await rig.close();
  });

  it('has one position: what one address gave, the other takes as acknowledged, and nothing comes twice', async () => {
    const seqs: number[] = [];
    let since = '';
    for (let poll = 0; poll < 200; poll += 1) {
      const path = poll % 2 === 0 ? `${DETECTIONS}?since=` : `/API/Alerts/?SinceTimeUtc=`;
      const answer = await rig.ask(`${path}${since}`, asked);
      if (eventsOf(answer).length === 0) break;
      seqs.push(...seqsOf(answer));
      since = stampOf(answer);
    }
    expect(seqs.length).toBeGreaterThan(20);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  it('repeats under one address what was not acknowledged under the other', async () => {
    const connector = { user: 'arcsight-02', password: SECRETS.other };
    const first = await rig.ask(`${ALERTS}?sinceTimeUtc=2026-01-05T00:00:00Z`, connector);
    const again = await rig.ask(`${DETECTIONS}?since=2026-01-05T00:00:00Z`, connector);
    expect(seqsOf(again)).toEqual(seqsOf(first));
    expect(stampOf(again) > stampOf(first)).toBe(true);
  });
});

describe('the address without a name of a feed', () => {
  it('says that there is no feed named default, and which there are', async () => {
    const caller = { kind: 'operator', name: 'ops', by: 'basic' } as const;
    const app = await stubApp(caller, { feeds: new Map([['hunting', someFeedSettings({ name: 'hunting' })]]) });
    const answer = await app.inject({ url: '/API/alerts/' });
    const problem = JSON.parse(answer.body) as { code: string; detail: string; hint: string };
    expect([answer.statusCode, problem.code]).toEqual([404, 'FEED_UNKNOWN']);
    expect(problem.detail).toContain('the feed named default');
    expect(problem.hint).toContain('/v1/feeds/{feed}/api/alerts');
    expect(problem.hint).toContain('hunting');
    await app.close();
  });
});
