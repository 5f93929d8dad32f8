import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventId } from '../../src/store/event-id.ts';
import { type BridgeRig, createBridgeRig, SECRETS } from '../support/bridge-rig.ts';
import { someFeedSettings } from '../support/feed-settings.ts';
import type { Answer, Ask } from '../support/https.ts';
import { onStoredFile } from '../support/stored-file.ts';
import { stubApp } from '../support/stub-app.ts';

const EVENTS = '/v1/feeds/default/events';
const READER = { user: 'arcsight-01', password: SECRETS.connector };
const POLLER = { user: 'arcsight-02', password: SECRETS.other };
const OPS = { user: 'ops', password: SECRETS.operator };
/** Number of the feed `default` in the store: the first of the configuration. */
const FEED_NO = 1;
const EVER = '2000-01-01T00:00:00Z';

interface Item {
  readonly FeedSeq: number;
  readonly StoredMs: number;
  readonly FeedTime: number;
  readonly Cursor: string;
}
interface Page {
  readonly items: readonly Item[];
  readonly next: string;
  readonly hasMore: boolean;
}

function pageOf(answer: Answer): Page {
  expect(answer.status, answer.body).toBe(200);
  return JSON.parse(answer.body) as Page;
}

function problemOf(answer: Answer): { readonly status: number; readonly code: string; detail: string; hint: string } {
  return JSON.parse(answer.body) as { status: number; code: string; detail: string; hint: string };
}

/** The texts of the events, as they came over the line. */
function textsOf(answer: Answer, format: string): readonly string[] {
  if (format === 'ndjson') return answer.body.split('\n').slice(0, -1);
  const items =
    format === 'object' ? answer.body.slice('{"items":'.length, answer.body.lastIndexOf(',"next":')) : answer.body;
  expect(items.startsWith('[') && items.endsWith(']')).toBe(true);
  // No text of an event ends in a brace before a comma and a brace: objects are flat, and quotes inside are escaped.
  return items === '[]' ? [] : items.slice(1, -1).split(/(?<="\}),(?=\{")/);
}

describe.each([
  ['TLS', {}],
  ['plain http', { plain: true }],
])('the cursor feed over %s', (_transport, options) => {
  let rig: BridgeRig;
  const read = (query: string, asked: Ask = READER): Promise<Answer> => rig.ask(`${EVENTS}${query}`, asked);

  beforeAll(async () => {
    rig = await createBridgeRig({ ...options, feed: 'page: { maxEvents: 7 }' });
    await rig.startBridge();
    await rig.seen('pollFinished');
  });
  afterAll(async () => {
    await rig.close();
  });

  /** Every event by cursor, from the first one on. */
  async function walk(format: string, limit = ''): Promise<readonly string[]> {
    const texts: string[] = [];
    let from = `since=${EVER}`;
    for (let page = 0; page < 200; page += 1) {
      const answer = await read(`?${from}&format=${format}${limit && `&limit=${limit}`}`);
      expect(answer.status).toBe(200);
      texts.push(...textsOf(answer, format));
      from = `after=${String(answer.headers['x-next-cursor'])}`;
      if (answer.headers['link'] === undefined) return texts;
    }
    throw new Error('the walk does not end');
  }

  it('gives exactly the events that a connector gets, in their order, in each of the three forms', async () => {
    const polled: Record<string, unknown>[] = [];
    let since = '';
    for (;;) {
      const events = JSON.parse((await rig.poll(since, POLLER)).body) as { readonly FeedTime: number }[];
      if (events.length === 0) break;
      polled.push(...events.map((event) => ({ ...event, FeedTime: null })));
      since = new Date(events[0]?.FeedTime ?? 0).toISOString();
    }
    expect(polled.length).toBeGreaterThan(20);
    for (const format of ['object', 'array', 'ndjson']) {
      const walked = (await walk(format, '5')).map((text) => JSON.parse(text) as Item & Record<string, unknown>);
      expect(walked.every(({ FeedTime, StoredMs }) => FeedTime === StoredMs)).toBe(true);
      expect(walked.map(({ Cursor: _cursor, ...event }) => ({ ...event, FeedTime: null }))).toEqual(polled);
    }
  });

  it('gives an event byte for byte the same each time, whatever the page and the form', async () => {
    const [first, ...others] = await Promise.all([
      walk('ndjson'),
      walk('ndjson'),
      walk('ndjson', '1'),
      walk('array', '3'),
      walk('object', '6'),
    ]);
    expect(new Set(first).size).toBe(first.length);
    for (const other of others) expect(other).toEqual(first);
  });

  it('goes on behind any event by its own cursor, which is the next of a page that ends with it', async () => {
    const { items, next } = pageOf(await read(`?since=${EVER}&limit=4`));
    expect(items.map(({ FeedSeq }) => FeedSeq)).toEqual([1, 2, 3, 4]);
    expect(next).toBe(items[3]?.Cursor);
    const behind = pageOf(await read(`?after=${items[1]?.Cursor ?? ''}&limit=2`));
    expect(behind.items.map(({ FeedSeq }) => FeedSeq)).toEqual([3, 4]);
    expect(new Set(items.map(({ Cursor }) => Cursor)).size).toBe(4);
    for (const { Cursor } of items) expect(encodeURIComponent(Cursor)).toBe(Cursor);
  });

  it('gives the cursor asked with again when nothing is behind it', async () => {
    const { next, items, hasMore } = pageOf(await read('?since=2100-01-01T00:00:00Z'));
    expect([items, hasMore]).toEqual([[], false]);
    expect(pageOf(await read(`?after=${next}`))).toEqual({ items: [], next, hasMore: false });
    for (const [format, body] of [
      ['array', '[]'],
      ['ndjson', ''],
    ]) {
      const answer = await read(`?after=${next}&format=${format ?? ''}`);
      expect([answer.status, answer.body, answer.headers['x-next-cursor'], answer.headers['link']]).toEqual([
        200,
        body,
        next,
        undefined,
      ]);
    }
  });

  it('says in headers what the object says, and links to the next page with the same limit and form', async () => {
    const answer = await read(`?since=${EVER}&limit=2&format=ndjson`);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    expect(answer.headers['etag']).toBeUndefined();
    const next = String(answer.headers['x-next-cursor']);
    expect(answer.headers['link']).toBe(`<${EVENTS}?after=${next}&limit=2&format=ndjson>; rel="next"`);
    const object = await read(`?since=${EVER}&limit=2`);
    expect(object.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(pageOf(object)).toMatchObject({ next, hasMore: true });
    expect(object.headers['x-next-cursor']).toBe(next);
  });

  it('takes the form from Accept, unless the address says another', async () => {
    const typeOf = async (accept: string, query = ''): Promise<unknown> =>
      (await read(query, { ...READER, headers: { accept } })).headers['content-type'];
    expect(await typeOf('application/x-ndjson')).toBe('application/x-ndjson');
    for (const accept of ['*/*', 'text/html', 'application/json'])
      expect(await typeOf(accept)).toBe('application/json; charset=utf-8');
    expect(await typeOf('application/x-ndjson', '?format=object')).toBe('application/json; charset=utf-8');
  });

  it("lowers a limit to the feed's own, and takes that without one", async () => {
    for (const query of ['', '&limit=8', '&limit=99999999999999999999'])
      expect(pageOf(await read(`?since=${EVER}${query}`)).items).toHaveLength(7);
  });

  it('moves no position of a connector', async () => {
    const positions = () =>
      onStoredFile(rig.folder, (db) =>
        db.prepare('SELECT acknowledged, page_from, page_to FROM position WHERE connector = ?').all('arcsight-01'),
      );
    await read(`?since=${EVER}&limit=7`);
    expect(positions()).toEqual([]);
    await rig.poll('2026-01-01T00:00:00Z');
    const pending = [{ acknowledged: 0, page_from: 1, page_to: 7 }];
    expect(positions()).toEqual(pending);
    await walk('ndjson');
    expect(positions()).toEqual(pending);
  });

  it('notes what it gave to a connector, and not what operators and HEAD have looked at', async () => {
    const servedAfter = async (asked: Ask): Promise<unknown> => {
      onStoredFile(rig.folder, (db) => db.prepare('UPDATE feed SET served_seq = 0').run());
      expect((await read(`?since=${EVER}&limit=3`, asked)).status).toBe(200);
      return onStoredFile(rig.folder, (db) => db.prepare("SELECT served_seq FROM feed WHERE name = 'default'").get());
    };
    expect(await servedAfter(OPS)).toEqual({ served_seq: 0 });
    expect(await servedAfter({ ...READER, method: 'HEAD' })).toEqual({ served_seq: 0 });
    expect(await servedAfter(READER)).toEqual({ served_seq: 3 });
    const readers = onStoredFile(rig.folder, (db) => db.prepare('SELECT reader, last_seq FROM cursor_reader').all());
    expect(readers).toContainEqual({ reader: 'arcsight-01', last_seq: 3 });
  });

  it('answers HEAD as GET, without the body', async () => {
    const get = await read(`?since=${EVER}&limit=3`);
    const head = await read(`?since=${EVER}&limit=3`, { ...READER, method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    for (const name of ['content-length', 'content-type', 'x-next-cursor', 'link'])
      expect(head.headers[name]).toBe(get.headers[name]);
  });

  it('tells every answer, and who read how many events', async () => {
    const before = rig.events.length;
    await read(`?since=${EVER}&limit=3`);
    await read('?after=x');
    await read(`?since=${EVER}&limit=3`, OPS);
    const told = rig.events.slice(before);
    expect(told.flatMap((event) => (event.name === 'feedRequest' ? [[event.feed, event.status]] : []))).toEqual([
      ['default', 200],
      ['default', 400],
      ['default', 200],
    ]);
    expect(told.filter(({ name }) => name === 'eventsRead')).toEqual([
      { name: 'eventsRead', feed: 'default', reader: 'arcsight-01', events: 3 },
    ]);
  });

  it.for<[what: string, query: string, status: number, code: string, words: string]>([
    ['a limit of none', '?limit=0', 400, 'PARAMETER_INVALID', '"0"'],
    ['a negative limit', '?limit=-3', 400, 'PARAMETER_INVALID', '"-3"'],
    ['a limit in words', '?limit=ten', 400, 'PARAMETER_INVALID', '"ten"'],
    ['two limits', '?limit=1&limit=2', 400, 'PARAMETER_INVALID', 'more than once'],
    ['an unknown form', '?format=csv', 400, 'PARAMETER_INVALID', '"csv"'],
    ['a name in another case', '?After=1', 400, 'PARAMETER_UNKNOWN', '"After"'],
    ['a list', '?after[]=1', 400, 'PARAMETER_UNKNOWN', '"after[]"'],
    ['unknown parameters', '?x=1&y=2', 400, 'PARAMETER_UNKNOWN', '"x", "y"'],
    ['line ends as a name', '?%0d%0aSet-Cookie=1', 400, 'PARAMETER_UNKNOWN', '"\ufffd\ufffdSet-Cookie"'],
    ['two cursors', '?after=1&after=2', 400, 'PARAMETER_INVALID', 'more than once'],
    ['a cursor and a time', '?after=1&since=2026-01-01T00:00:00Z', 400, 'PARAMETER_INVALID', 'both'],
    ['a time in words', '?since=tomorrow', 400, 'SINCE_INVALID', 'tomorrow'],
    ['a null byte as cursor', '?after=%00', 400, 'CURSOR_INVALID', 'no cursor'],
    ['line ends as cursor', '?after=%0d%0aSet-Cookie:%20a=b', 400, 'CURSOR_INVALID', 'no cursor'],
    ['a cursor of 9,000 letters', `?after=${'a'.repeat(9000)}`, 400, 'CURSOR_INVALID', 'no cursor'],
    ['a cursor of another store', '?after=1.ffff.default.0', 410, 'CURSOR_GONE', 'generation'],
    ['a cursor of another feed', '?after=1.ffff.private.0', 410, 'CURSOR_GONE', 'another feed'],
  ])('refuses %s with cause and remedy', async ([, query, status, code, words]) => {
    const answer = await read(query);
    const problem = problemOf(answer);
    expect([answer.status, problem.status, problem.code]).toEqual([status, status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(problem.detail).toContain(words);
    expect(problem.hint).not.toBe('');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('is for the connectors of the feed and for operators', async () => {
    expect((await read('', {})).status).toBe(401);
    const other = await rig.ask('/v1/feeds/private/events', READER);
    expect([other.status, problemOf(other).code]).toEqual([403, 'FEED_NOT_YOURS']);
    expect((await rig.ask('/v1/feeds/none/events', READER)).status).toBe(404);
    expect((await read('', { ...READER, method: 'POST' })).status).toBe(405);
  });

  it('gives events asked for one connector to that one alone', async () => {
    onStoredFile(rig.folder, (db) =>
      db
        .prepare("UPDATE feed_event SET recipient = 'arcsight-02' WHERE event_id IN (?, ?)")
        .run(eventId(FEED_NO, 2), eventId(FEED_NO, 3)),
    );
    const seqs = async (asked: Ask): Promise<readonly number[]> =>
      pageOf(await read(`?since=${EVER}&limit=4`, asked)).items.map(({ FeedSeq }) => FeedSeq);
    try {
      expect(await seqs(POLLER)).toEqual([1, 2, 3, 4]);
      expect(await seqs(READER)).toEqual([1, 4, 5, 6]);
      expect(await seqs(OPS)).toEqual([1, 4, 5, 6]);
    } finally {
      onStoredFile(rig.folder, (db) => db.prepare('UPDATE feed_event SET recipient = NULL').run());
    }
  });

  it('is gone with what retention deleted, and begins again with the oldest that is kept', async () => {
    const { items } = pageOf(await read(`?since=${EVER}&limit=5`));
    const [, second, third] = items;
    onStoredFile(rig.folder, (db) => {
      db.prepare('DELETE FROM feed_event WHERE event_id <= ?').run(eventId(FEED_NO, 3));
      db.prepare("UPDATE feed SET first_seq = 4 WHERE name = 'default'").run();
    });
    const gone = await read(`?after=${second?.Cursor ?? ''}`);
    expect([gone.status, problemOf(gone).code]).toEqual([410, 'CURSOR_GONE']);
    expect(problemOf(gone).detail).toContain('retention');
    expect(problemOf(gone).hint).toContain('since=');
    expect(pageOf(await read(`?after=${third?.Cursor ?? ''}`)).items[0]?.FeedSeq).toBe(4);
    expect(pageOf(await read(`?since=${EVER}`)).items[0]?.FeedSeq).toBe(4);
  });

  it('is gone with another generation of the store, which a restore makes', async () => {
    const { next } = pageOf(await read(`?since=${EVER}&limit=2`));
    await rig.stopBridge();
    onStoredFile(rig.folder, (db) =>
      db.prepare("UPDATE meta SET value = 'feedfacefeedface' WHERE key = 'generation'").run(),
    );
    await rig.startBridge();
    const gone = await read(`?after=${next}`);
    expect([gone.status, problemOf(gone).code]).toEqual([410, 'CURSOR_GONE']);
    expect(problemOf(gone).detail).toContain('generation');
    expect(pageOf(await read(`?since=${EVER}&limit=2`)).next).not.toBe(next);
  });

  it('is a 503 while the store cannot be read', async () => {
    rig.breakStore();
    const answer = await read('');
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('10');
  });
});

describe('the link to the next page', () => {
  it('is absolute where the public address of the bridge is known', async () => {
    const page = { items: Buffer.from('{"FeedSeq":1}'), events: 1, next: '1.ab.default.1', hasMore: true };
    const app = await stubApp(
      { kind: 'operator', name: 'ops', by: 'basic' },
      {
        feeds: new Map([['default', someFeedSettings()]]),
        publicUrl: 'https://bridge.example:8443/defender',
        eventFeed: { read: () => Promise.resolve(page) },
      },
    );
    const answer = await app.inject({ url: `${EVENTS}?limit=1` });
    expect(answer.headers['link']).toBe(
      '<https://bridge.example:8443/defender/v1/feeds/default/events?after=1.ab.default.1&limit=1>; rel="next"',
    );
    expect(answer.json()).toEqual({ items: [{ FeedSeq: 1 }], next: '1.ab.default.1', hasMore: true });
    await app.close();
  });
});
