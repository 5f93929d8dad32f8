import { describe, expect, it } from 'vitest';
import type { Checked, PollFailed, PollResult } from '../../../src/connector/poll-result.ts';
import { cursorFeedUrl, judgeLook, type Look, refusedByStatus } from '../../../src/connector/rehearsal-look.ts';

const LOGIN = { kind: 'basic', connector: 'arcsight-01' } as const;
const TIMING = { sinceText: '', startedMs: 0, answeredMs: 1 };
const CHECKED: Checked = { kind: 'checked', announcedBytes: 2, ...TIMING };

function refused(status: number): PollFailed {
  const message = `answered ${status}`;
  return { kind: 'failed', reason: 'status', status, message, bytes: 0, announcedBytes: 0, ...TIMING };
}

function read(rawCount: number): PollResult {
  return { kind: 'received', status: 200, events: [], warnings: [], rawCount, bytes: 2, ...TIMING };
}

describe('cursorFeedUrl', () => {
  it.each([
    [
      'https://bridge.example:8443/v1/feeds/default/detections?key=K&since=$START_AT_TIME',
      'https://bridge.example:8443/v1/feeds/default/events?format=array&limit=20&look=true',
    ],
    [
      'https://proxy.example/siem/v1/feeds/default/detections?since=$START_AT_TIME',
      'https://proxy.example/siem/v1/feeds/default/events?format=array&limit=20&look=true',
    ],
    [
      'https://bridge.example/api/alerts?sinceTimeUtc=$START_AT_TIME',
      'https://bridge.example/v1/feeds/default/events?format=array&limit=20&look=true',
    ],
  ])('is on the host and below the path of %s', (eventsUrl, expected) => {
    expect(cursorFeedUrl({ eventsUrl, feed: 'default' })).toBe(expected);
  });

  it('keeps to that host whatever the name of the feed is', () => {
    const url = cursorFeedUrl({ eventsUrl: 'https://bridge.example/x', feed: '../@evil.example/?' });
    expect(new URL(url).host).toBe('bridge.example');
    expect(url).toContain('/v1/feeds/..%2F%40evil.example%2F%3F/events?format=array');
  });
});

function judged(check: Look['check'], events: Look['events']): { readonly state: string; readonly text: string } {
  const { state, found, faults } = judgeLook({ check, events }, LOGIN);
  return { state, text: [...found, ...faults.flatMap(({ message, remedy }) => [message, remedy])].join('\n') };
}

describe('judgeLook', () => {
  it('says that the bridge takes URL and login, and how many events it read', () => {
    const { state, text } = judged(CHECKED, read(1));
    expect(state).toBe('ok');
    expect(text).toContain('HEAD on the Events URL answered 200');
    expect(text).toContain('/events answered 200 with 1 event');
  });

  it('says how to get an event where none was stored lately', () => {
    expect(judged(CHECKED, read(0)).text).toContain('flexbridge test-event');
  });

  it.each([403, 404, 405, 501])('blames a server in front for a HEAD that got %i where GET works', (status) => {
    const { state, text } = judged(refused(status), read(1));
    expect(state).toBe('warning');
    expect(text).toContain('a server in front of it refuses it');
  });

  it('fails where a server in front refuses HEAD, and GET brings nothing either', () => {
    const { state, text } = judged(refused(405), refused(401));
    expect(state).toBe('failed');
    expect(text).toContain('refuses it');
    expect(text).toContain('GET on /events of the same feed: answered 401');
  });

  it('says that the feed is not of this login where both are refused', () => {
    const { state, text } = judged(refused(403), refused(403));
    expect(state).toBe('failed');
    expect(text).toContain('may not read this feed');
  });

  it('only warns where a server in front passes the Events URL alone', () => {
    const { state, text } = judged(CHECKED, refused(404));
    expect(state).toBe('warning');
    expect(text).toContain('no event was read');
  });

  it('fails where the Events URL is taken and the store cannot be read then', () => {
    expect(judged(CHECKED, refused(503)).state).toBe('failed');
  });
});

describe('refusedByStatus', () => {
  it('asks no further with a login that is wrong', () => {
    expect([401, 429, 503].map((status) => refusedByStatus(refused(status)))).toEqual([false, false, false]);
  });
});
