import { describe, expect, it } from 'vitest';
import { newObservation, type Observation, type ObservedFeed } from '../../../src/domain/observation.ts';
import { type Advice, adviceOf, type CurrentSettings } from '../../../src/domain/observation-advice.ts';
import { noted } from '../../../src/domain/observation-note.ts';
import { answersOf } from '../../../src/domain/observation-questions.ts';
import { writtenTime } from '../../../src/domain/observation-time.ts';

type Meaning = NonNullable<ObservedFeed['time']>['meaning'];

const START = Date.UTC(2026, 0, 1);
const NOW: CurrentSettings = {
  feeds: [{ name: 'default', acknowledge: 'progress', receiptTime: 'feed', maxEvents: 1000 }],
  connectorSilentMs: 300_000,
  login: 'basic',
};

interface Sent {
  readonly events?: number;
  readonly ended?: 'sent' | 'closed' | 'broken';
  readonly connection?: number;
}

function anObservation(meaning: Meaning, sent: readonly Sent[] = [{}], everyMs = 30_000): Observation {
  const time = {
    meaning,
    says: 'What its time is.',
    precision: null,
    clock: null,
    steppedBackMs: null,
    twoParties: false,
    guarantee: 'What is guaranteed.',
  };
  const feeds: ObservedFeed[] = [{ feed: 'default', acknowledge: 'progress', polledBefore: true, time }];
  const begun = { connector: 'arcsight-01', clientId: null, startedMs: START, forMs: 3_600_000, probes: [], feeds };
  return sent.reduce(
    (seen, { events = 0, ended = 'sent', connection = 1 }, at) =>
      noted(seen, {
        atMs: START + at * everyMs,
        shape: {
          kind: 'page',
          method: 'GET',
          path: 'detections',
          login: 'basic',
          http: '1.1',
          tls: null,
          headers: [],
          values: {},
          parameters: [],
          token: null,
        },
        time: writtenTime('2026-01-01T00:00:00Z'),
        feed: 'default',
        connection,
        newConnection: null,
        status: 200,
        bytes: 10 * events,
        events,
        durationMs: 1,
        ended,
        stampMs: null,
        probe: null,
        byAddress: false,
      }),
    newObservation(begun),
  );
}

function chosen(seen: Observation, setting: string, now: CurrentSettings = NOW): Advice | undefined {
  return adviceOf(seen, now).find((advice) => advice.setting.endsWith(setting));
}

const feedWith = (changes: Partial<CurrentSettings['feeds'][number]>): CurrentSettings => ({
  ...NOW,
  feeds: NOW.feeds.map((feed) => ({ ...feed, ...changes })),
});

describe('the advice on acknowledge', () => {
  it.each<[Meaning, string, string | null]>([
    ['follows-stamp', 'progress', null],
    ['follows-stamp', 'response', 'progress'],
    ['follows-stamp', 'none', null],
    ['last-success', 'progress', null],
    ['wall-clock', 'progress', null],
    ['wall-clock', 'response', 'progress'],
    ['wall-clock', 'none', 'progress'],
    ['missing', 'response', null],
    ['unknown', 'response', null],
  ])('for a time that is %s, with %s: %s', (meaning, acknowledge, choose) => {
    expect(chosen(anObservation(meaning), 'acknowledge', feedWith({ acknowledge }))?.choose).toBe(choose);
  });

  it('is response for a frozen time only where every connection showed that a page was taken', () => {
    const pages: Sent[] = [{ events: 2 }, { events: 2 }, { events: 2 }];
    expect(chosen(anObservation('frozen', pages), 'acknowledge')?.choose).toBe('response');
    const closed = pages.map((page, at): Sent => ({ ...page, connection: at + 1, ended: 'closed' }));
    expect(chosen(anObservation('frozen', closed), 'acknowledge')?.choose).toBe('response');
    const unproved = pages.map((page, at): Sent => ({ ...page, connection: at + 1 }));
    expect(chosen(anObservation('frozen', unproved), 'acknowledge')?.choose).toBeNull();
    expect(chosen(anObservation('frozen'), 'acknowledge')?.choose).toBeNull();
  });
});

describe('the advice on the other settings', () => {
  it('names feed as receiptTime for a time that is the stamp, or moves with another date of the events', () => {
    const now = feedWith({ receiptTime: 'alert' });
    expect(chosen(anObservation('follows-stamp'), 'receiptTime', now)?.choose).toBe('feed');
    expect(chosen(anObservation('other-date'), 'receiptTime', now)?.choose).toBe('feed');
    expect(chosen(anObservation('wall-clock'), 'receiptTime', now)?.choose).toBeNull();
  });

  it('lowers page.maxEvents only where larger pages broke off and smaller ones were taken', () => {
    const seen = anObservation('wall-clock', [{ events: 800, ended: 'broken' }, { events: 400 }, { events: 10 }]);
    expect(chosen(seen, 'maxEvents')?.choose).toBe('400');
    const mixed = anObservation('wall-clock', [{ events: 400, ended: 'broken' }, { events: 400 }, {}]);
    expect(chosen(mixed, 'maxEvents')?.choose).toBeNull();
  });

  it('raises the alarm of silence to three times the longest pause, and never lowers it', () => {
    expect(chosen(anObservation('wall-clock', [{}, {}, {}], 200_000), 'connectorSilent')?.choose).toBe('10m');
    expect(chosen(anObservation('wall-clock', [{}, {}, {}], 30_000), 'connectorSilent')?.choose).toBeNull();
  });

  it('names the login that was really sent', () => {
    expect(chosen(anObservation('wall-clock'), 'login kind', { ...NOW, login: 'oauth2' })?.choose).toBe('basic');
    expect(chosen(anObservation('wall-clock'), 'login kind')?.choose).toBeNull();
  });

  it('is none where nothing was seen', () => {
    const advice = adviceOf(anObservation('unknown', []), NOW);
    expect(advice.map(({ choose }) => choose)).toEqual(advice.map(() => null));
  });
});

describe('the answers', () => {
  it('say of nothing that it was answered where nothing was seen', () => {
    expect(answersOf(anObservation('unknown', [])).filter(({ state }) => state === 'answered')).toEqual([]);
  });

  it('have a question of its own each', () => {
    const ids = answersOf(anObservation('wall-clock')).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
