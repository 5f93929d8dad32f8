import { describe, expect, it } from 'vitest';
import { newObservation, type Observation, readObservation } from '../../../src/domain/observation.ts';
import { bounded, MOST_BYTES, MOST_REQUESTS, noted, type RequestFacts } from '../../../src/domain/observation-note.ts';
import { writtenTime } from '../../../src/domain/observation-time.ts';

const START = Date.UTC(2026, 0, 1);
const NEW = newObservation({
  connector: 'arcsight-01',
  clientId: null,
  startedMs: START,
  forMs: 3_600_000,
  probes: ['error-500'],
  feeds: [],
});

function aPoll(atSeconds: number, changes: Partial<RequestFacts> = {}): RequestFacts {
  return {
    atMs: START + atSeconds * 1000,
    shape: {
      kind: 'page',
      method: 'GET',
      path: 'detections',
      login: 'basic',
      http: '1.1',
      tls: null,
      headers: ['Host'],
      values: {},
      parameters: ['since'],
      token: null,
    },
    time: writtenTime(new Date(START + atSeconds * 1000).toISOString()),
    feed: 'default',
    connection: 1,
    newConnection: false,
    status: 200,
    bytes: 2,
    events: 0,
    durationMs: 3,
    ended: 'sent',
    stampMs: null,
    probe: null,
    byAddress: false,
    ...changes,
  };
}

const recordOf = (...polls: readonly RequestFacts[]): Observation => polls.reduce(noted, NEW);

describe('a record', () => {
  it('counts alike requests under one shape and one form of the time', () => {
    const seen = recordOf(aPoll(0), aPoll(30), aPoll(60, { time: writtenTime('1767225660') }));
    expect(seen.shapes.map(({ count }) => count)).toEqual([3]);
    expect(seen.timeForms.map(({ pattern, count }) => [pattern, count])).toEqual([
      ["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", 2],
      ['epoch seconds', 1],
    ]);
  });

  it('tells the interval after an empty answer from that after events', () => {
    const seen = recordOf(aPoll(0), aPoll(30, { events: 5, bytes: 900 }), aPoll(31), aPoll(61));
    expect(seen.afterEmpty).toEqual({ count: 2, minMs: 30_000, maxMs: 30_000, sumMs: 60_000 });
    expect(seen.afterEvents).toEqual({ count: 1, minMs: 1000, maxMs: 1000, sumMs: 1000 });
    expect(seen.sums).toMatchObject({ polls: 4, pages: 1, empty: 3, largestBytes: 900, largestEvents: 5 });
  });

  it('leaves what follows a probe or a refusal out of the intervals', () => {
    const probed = aPoll(30, { probe: 'error-500', status: 500, events: null });
    const refused = aPoll(35, { status: 401, events: null });
    const seen = recordOf(aPoll(0), refused, probed, aPoll(90), aPoll(120));
    expect(seen.afterEmpty).toEqual({ count: 2, minMs: 30_000, maxMs: 30_000, sumMs: 60_000 });
    expect(seen.sums).toMatchObject({ refused: 1, failed: 0 });
  });

  it('tells what followed a probe, with the tokens that were asked for in between', () => {
    const { shape } = aPoll(0);
    const probed = aPoll(30, { probe: 'error-401', status: 401, events: null });
    const token = aPoll(31, { shape: { ...shape, kind: 'token' }, time: null, feed: null, events: null });
    const other = aPoll(32, { feed: 'other' });
    const seen = recordOf(
      aPoll(0),
      probed,
      token,
      other,
      aPoll(33, { status: 401, events: null }),
      aPoll(40),
      aPoll(70),
    );
    expect(seen.reactions).toEqual([
      expect.objectContaining({
        probe: 'error-401',
        tokens: 1,
        next: expect.objectContaining({ afterMs: 9997 }) as object,
      }),
    ]);
  });

  it('keeps as many requests as it may, and the sums and answers to probes of all', () => {
    const probed = aPoll(30, { probe: 'error-500', status: 500, events: null });
    const polls = Array.from({ length: 2000 }, (_, index) => aPoll(60 + index * 30));
    const seen = bounded(recordOf(probed, ...polls));
    expect(seen.requests.length).toBeLessThanOrEqual(MOST_REQUESTS);
    expect(Buffer.byteLength(JSON.stringify(seen.requests))).toBeLessThanOrEqual(MOST_BYTES + 2);
    expect(seen.sums).toMatchObject({ requests: 2001, polls: 2001, dropped: 2001 - seen.requests.length });
    expect(seen.requests.at(-1)?.atMs).toBe(START + (60 + 1999 * 30) * 1000);
    expect(seen.reactions[0]?.next?.afterMs).toBe(29_997);
  });

  it('is small whatever a connector sends, and is read back as it was written', () => {
    const { shape } = aPoll(0);
    const polls = Array.from({ length: 3000 }, (_, index) =>
      aPoll(index, {
        time: writtenTime(`${index}\u0000\u202e${'\ud800'.repeat(500)}`),
        shape: {
          ...shape,
          headers: Array.from({ length: 30 }, () => 'x'.repeat(40)),
          values: { 'user-agent': `${index}` },
        },
      }),
    );
    const seen = bounded(polls.reduce((all, poll) => bounded(noted(all, poll)), NEW));
    const text = JSON.stringify(seen);
    expect(Buffer.byteLength(text)).toBeLessThan(72 * 1024);
    expect(readObservation(JSON.parse(text))).toEqual(seen);
    expect(seen.shapes.reduce((sum, { count }) => sum + count, 0)).toBe(3000);
  });

  it.each([null, {}, { version: 1 }, { ...NEW, version: 2 }, { ...NEW, probes: ['fire'] }])(
    'is not read where it is none: %#',
    (thing) => {
      expect(readObservation(thing)).toBeNull();
    },
  );
});
