import { describe, expect, it } from 'vitest';
import { connectorTime, movesWhenProcessed } from '../../../src/domain/connector-time.ts';
import type { Position, SeenPoll } from '../../../src/domain/position.ts';
import { remember } from '../../../src/feed/seen-polls.ts';
import { aPosition } from '../../contract/detection-store.ts';

const START = Date.parse('2026-01-01T12:00:00.250Z');
const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const EVERY = 30 * SECOND;

/** What a connector sends at a poll: `own` are its polls that worked, `tries` all of them, `stamps` what it was sent. */
type Sends = (poll: {
  nowMs: number;
  own: readonly number[];
  tries: readonly number[];
  stamps: readonly number[];
}) => number | null;

interface Course {
  readonly polls?: number;
  readonly text?: (ms: number) => string;
  /** Polls that are answered with events. Default: all. */
  readonly pages?: (poll: number) => boolean;
  /** Polls whose answer breaks off. */
  readonly broken?: readonly number[];
  readonly position?: Partial<Position>;
}

const iso = (ms: number) => new Date(ms).toISOString();
const seconds = (ms: number) => `${iso(ms).slice(0, 19)}Z`;
const minutes = (ms: number) => `${iso(ms).slice(0, 16)}Z`;

/** The position of a connector after polls half a minute apart, and when the last one came. */
function course(sends: Sends, how: Course = {}): { position: Position; nowMs: number } {
  const { polls = 8, text = iso, pages = () => true, broken = [], position = {} } = how;
  let recent: readonly SeenPoll[] = [];
  const own: number[] = [];
  const tries: number[] = [];
  const stamps: number[] = [];
  let nowMs = START;
  for (let poll = 0; poll < polls; poll += 1) {
    nowMs += EVERY + (poll % 3) * 40;
    const ms = sends({ nowMs, own, tries, stamps });
    const stampMs = pages(poll) ? nowMs : null;
    const afterBroken = broken.includes(poll - 1);
    recent = remember(recent, {
      atMs: nowMs,
      since: ms === null ? null : text(ms),
      address: '10.0.0.1',
      stampMs,
      afterBroken,
    });
    // What broke off was neither a success nor received.
    tries.push(nowMs - 15);
    if (!broken.includes(poll)) own.push(nowMs - 15);
    if (stampMs !== null && !broken.includes(poll)) stamps.push(stampMs);
  }
  return { position: aPosition({ recent, ...position }), nowMs };
}

function shown(sends: Sends, how?: Course) {
  const { position, nowMs } = course(sends, how);
  return connectorTime(position, nowMs);
}

const followsStamp: Sends = ({ stamps }) => stamps.at(-1) ?? START;
const lastSuccess: Sends = ({ own }) => own.at(-1) ?? START;
const lastTry: Sends = ({ tries }) => tries.at(-1) ?? START;
const wallClock: Sends = ({ nowMs }) => nowMs - 15;
const frozen: Sends = () => START;
const missing: Sends = () => null;
/** Of events that are some minutes old when they come. */
const otherDate: Sends = ({ nowMs, own }) => nowMs - 7 * MINUTE - ((own.length * 37) % 11) * 9000;
const shifted =
  (sends: Sends, byMs: number): Sends =>
  (poll) => {
    const ms = sends(poll);
    return ms === null ? null : ms + byMs;
  };

describe('what the time of a connector means', () => {
  it.each<[string, Sends, string]>([
    ['the stamp of what it processed', followsStamp, 'follows-stamp'],
    ['the start of an earlier poll', lastSuccess, 'earlier-poll'],
    ['its clock', wallClock, 'wall-clock'],
    ['another date of the events', otherDate, 'other-date'],
    ['always the same', frozen, 'frozen'],
    ['none', missing, 'missing'],
  ])('%s', (_, sends, meaning) => {
    expect(shown(sends).meaning).toBe(meaning);
  });

  it('is unknown at first, whatever it is', () => {
    for (const sends of [followsStamp, lastSuccess, wallClock, otherDate, frozen])
      expect(shown(sends, { polls: 1 }).meaning).toBe('unknown');
    expect(connectorTime(aPosition(), START).meaning).toBe('unknown');
  });

  it.each([0, 2 * HOUR, -5.5 * HOUR, HOUR, 20 * SECOND, -7 * MINUTE])(
    'is known with a clock that is off by %i ms',
    (offMs) => {
      expect(shown(shifted(wallClock, offMs)).meaning).toBe('wall-clock');
      expect(shown(shifted(lastSuccess, offMs)).meaning).toBe('earlier-poll');
    },
  );

  it('is known from the third poll on where the clock is right', () => {
    expect(shown(lastSuccess, { polls: 3 }).meaning).toBe('earlier-poll');
    expect(shown(shifted(lastSuccess, 20 * SECOND), { polls: 3 }).meaning).toBe('unknown');
  });

  it('is no clock where some times happen to fit', () => {
    const sometimes: Sends = ({ nowMs, own }) =>
      nowMs - (own.length < 5 ? (own.length % 2) * 0.1 * HOUR + own.length * 9000 : 15);
    expect(shown(sometimes, { polls: 7 }).meaning).toBe('other-date');
  });

  it('is the stamp all the same where many polls bring nothing', () => {
    expect(shown(followsStamp, { polls: 12, pages: (poll) => poll % 3 === 0 }).meaning).toBe('follows-stamp');
  });

  it('is known in whole seconds, too', () => {
    expect(shown(wallClock, { text: seconds }).meaning).toBe('wall-clock');
    expect(shown(lastSuccess, { text: seconds }).meaning).toBe('earlier-poll');
    expect(shown(followsStamp, { text: seconds, position: { confirmedRun: 3 } }).meaning).toBe('follows-stamp');
  });

  it('is known with a clock that is set back every few polls', () => {
    let off = 0;
    let polls = 0;
    const stepping: Sends = ({ nowMs }) => {
      polls += 1;
      if (polls % 4 === 0) off -= 90 * SECOND;
      return nowMs + off;
    };
    expect(shown(stepping, { polls: 12 }).meaning).toBe('wall-clock');
  });

  it('is the last success once it stayed where it was after an answer broke off', () => {
    expect(shown(lastSuccess, { broken: [4] }).meaning).toBe('last-success');
    expect(shown(lastTry).meaning).toBe('earlier-poll');
    expect(shown(lastTry, { broken: [4] }).meaning).toBe('wall-clock');
  });

  it('stays known through a night of polls that fail', () => {
    const { position } = course(lastSuccess, {
      polls: 2000,
      broken: Array.from({ length: 1990 }, (_, poll) => poll + 8),
    });
    expect(connectorTime(position, START).meaning).toBe('last-success');
    expect(position.recent.length).toBeLessThan(13);
  });

  it('is not the old one any more once it stands at another date', () => {
    const until = (polls: number) =>
      shown(({ nowMs, own }) => (own.length < 8 ? nowMs - 15 : START - HOUR * 99), {
        polls,
      });
    expect(until(9).meaning).toBe('wall-clock');
    expect(until(11).meaning).toBe('frozen');
  });

  it('is that of the party which asked last, of two', () => {
    const { position } = course(wallClock);
    const there = { since: iso(START), address: '10.0.0.2', stampMs: null, afterBroken: false, atMs: START };
    expect(connectorTime({ ...position, recent: remember(position.recent, there) }, START).meaning).toBe('unknown');
  });
});

describe('what else a connector’s time shows', () => {
  it.each([
    [iso, 'milliseconds'],
    [seconds, 'seconds'],
    [minutes, 'minutes'],
    [String, 'milliseconds'],
    [(ms: number) => String(Math.floor(ms / 1000)), 'seconds'],
  ])('its precision, %#', (text, precision) => {
    expect(shown(wallClock, { text }).precision).toBe(precision);
  });

  it('the finest precision that was seen: a zero fraction may be left out', () => {
    let polls = 0;
    const text = (ms: number) => {
      polls += 1;
      return polls === 8 ? seconds(ms) : iso(ms);
    };
    expect(shown(wallClock, { text }).precision).toBe('milliseconds');
    expect(shown(missing).precision).toBeNull();
  });

  it.each([
    [0, { kind: 'right' }],
    [1500, { kind: 'right' }],
    [20 * SECOND, { kind: 'off', aheadMs: 20 * SECOND - 15 }],
    [-7 * MINUTE, { kind: 'off', aheadMs: -7 * MINUTE - 15 }],
    [HOUR, { kind: 'zone', aheadMs: HOUR }],
    [-8 * HOUR, { kind: 'zone', aheadMs: -8 * HOUR }],
    [5.75 * HOUR + 20 * SECOND, { kind: 'zone', aheadMs: 5.75 * HOUR }],
    [20 * HOUR, { kind: 'off', aheadMs: 20 * HOUR - 15 }],
  ])('how far its clock is off: %i ms', (offMs, clock) => {
    expect(shown(shifted(wallClock, offMs)).clock).toEqual(clock);
  });

  it('the zone in which it writes stamps', () => {
    const { meaning, clock } = shown(({ stamps }) => (stamps.at(-1) ?? START) + 2 * HOUR);
    expect([meaning, clock]).toEqual(['follows-stamp', { kind: 'zone', aheadMs: 2 * HOUR }]);
  });

  it('no clock where the time is none', () => {
    for (const sends of [otherDate, frozen, missing]) expect(shown(sends).clock).toBeNull();
  });

  it('that it stepped back, for a day', () => {
    const sends: Sends = ({ nowMs, own }) => nowMs - (own.length < 5 ? 0 : HOUR);
    const { position, nowMs } = course(sends);
    expect(connectorTime(position, nowMs).steppedBack).toMatchObject({ byMs: HOUR - EVERY - 80 });
    expect(connectorTime(position, nowMs + 25 * HOUR).steppedBack).toBeNull();
    expect(shown(wallClock).steppedBack).toBeNull();
  });

  it('the two parties that use its login', () => {
    const parties = { addresses: ['10.0.0.1', '10.0.0.2'], sinceMs: 1, lastMs: 2 };
    const { guarantee, ...shows } = shown(wallClock, { position: { parties } });
    expect(shows.parties).toEqual(parties);
    expect(guarantee).toMatchObject({ kind: 'at-least-once' });
  });
});

describe('what is guaranteed', () => {
  const kind = (sends: Sends, how?: Course) => shown(sends, how).guarantee.kind;

  it('at least once where the time proves what was processed', () => {
    expect(kind(followsStamp, { position: { confirmedRun: 3 } })).toBe('at-least-once');
    expect(kind(lastSuccess, { broken: [4] })).toBe('at-least-once');
  });

  it('up to the receipt by the peer everywhere else', () => {
    for (const sends of [followsStamp, lastSuccess, wallClock, otherDate, frozen, missing])
      expect(kind(sends)).toBe('up-to-receipt');
  });

  it('up to the receipt where the feed goes by the response', () => {
    const { position, nowMs } = course(lastSuccess, { broken: [4] });
    expect(connectorTime(position, nowMs, 'response').guarantee.kind).toBe('up-to-receipt');
  });

  it('by its own time where the feed keeps no position, with a warning for a clock', () => {
    const told = (sends: Sends) => {
      const { position, nowMs } = course(sends);
      return connectorTime(position, nowMs, 'none').guarantee;
    };
    expect(told(followsStamp).kind).toBe('by-its-time');
    expect(told(followsStamp).text).toMatch(/^At least once/);
    expect(told(wallClock).text).toMatch(/^Events can be lost/);
  });
});

describe('the same time again', () => {
  it.each<[string, Sends, boolean]>([
    ['a stamp', followsStamp, true],
    ['an earlier poll', lastSuccess, true],
    ['a clock', wallClock, true],
    ['a clock in another zone', shifted(lastSuccess, -5 * HOUR), true],
    ['another date', otherDate, false],
    ['a date that keeps its distance from the clock', shifted(lastSuccess, -35 * SECOND), false],
    ['frozen', frozen, false],
    ['missing', missing, false],
  ])('says that the answer was not processed, or not: %s', (_, sends, isFailure) => {
    expect(movesWhenProcessed(course(sends).position)).toBe(isFailure);
  });
});
