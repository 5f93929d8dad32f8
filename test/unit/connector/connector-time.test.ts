import { describe, expect, it } from 'vitest';
import {
  type ConnectorTime,
  createConnectorTime,
  type SavedTime,
  TIME_MODES,
  type TimeMode,
} from '../../../src/connector/connector-time.ts';
import { steppedClock } from '../../support/clock.ts';

const START: SavedTime = { timeMs: Date.UTC(2026, 0, 1), newestMs: null };

/** What it asks with in three polls that begin at 00:01, 00:02 and 00:03. */
function threePolls(mode: TimeMode, between: (time: ConnectorTime) => void = () => undefined): readonly string[] {
  const clock = steppedClock('2026-01-01T00:00:00Z');
  const time = createConnectorTime({ mode, clock, start: START });
  return [0, 1, 2].map(() => {
    clock.step(60_000);
    const { text } = time.begin();
    between(time);
    return text;
  });
}

describe('connector time', () => {
  it('is the clock with an offset behind it in another zone', () => {
    const zone = { minutes: -330, written: true };
    expect(threePolls({ meaning: 'wall-clock', zone })[0]).toBe('2025-12-31T18:31:00.000-05:30');
  });

  it('is local time that does not say so in another zone without an offset', () => {
    expect(threePolls(TIME_MODES['other-zone'])[0]).toBe('2026-01-01T02:01:00.000');
  });

  it('is an hour ahead when the clock is', () => {
    expect(threePolls(TIME_MODES['hour-off'])[0]).toBe('2026-01-01T01:01:00.000Z');
  });

  it('steps back at every so many polls and stays back', () => {
    const stepBack = { everyPolls: 2, byMs: 90_000 };
    expect(threePolls({ meaning: 'wall-clock', stepBack }).map((text) => text.slice(11, 19))).toEqual([
      '00:01:00',
      '00:00:30',
      '00:01:30',
    ]);
  });

  it('follows its clock when somebody sets it', () => {
    const set = (time: ConnectorTime): void => {
      time.setClock(-3_600_000);
    };
    expect(threePolls(TIME_MODES['wall-clock'], set).map((text) => text.slice(0, 16))).toEqual([
      '2026-01-01T00:01',
      '2025-12-31T23:02',
      '2025-12-31T22:03',
    ]);
  });

  it.each([
    ['last-try', '2026-01-01T00:01:00.000Z'],
    ['last-success', '2026-01-01T00:00:00.000Z'],
    ['newest-event', '2026-01-01T00:00:00.000Z'],
    ['frozen', '2026-01-01T00:00:00.000Z'],
    ['missing', '$START_AT_TIME'],
  ] as const)('asks, after a poll that failed, as %s does', (name, expected) => {
    expect(threePolls(TIME_MODES[name])[1]).toBe(expected);
  });

  it('does not fall behind the newest event it has processed', () => {
    const clock = steppedClock('2026-01-01T00:00:00Z');
    const time = createConnectorTime({ mode: TIME_MODES.seconds, clock, start: START });
    const event = (ms: number) => ({ fields: { deviceReceiptTime: ms } });
    time.processed({ startedMs: 0, events: [event(START.timeMs + 5999), event(START.timeMs + 10)] });
    time.processed({ startedMs: 0, events: [event(START.timeMs + 20)] });
    expect(time.begin().text).toBe('2026-01-01T00:00:05.000Z');
    expect(time.saved()).toEqual({ timeMs: START.timeMs + 5999, newestMs: START.timeMs + 5999 });
  });
});
