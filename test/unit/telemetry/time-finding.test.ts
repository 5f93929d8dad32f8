import { describe, expect, it } from 'vitest';
import type { AcknowledgeMode, Position, SeenPoll } from '../../../src/domain/position.ts';
import { timeRow } from '../../../src/telemetry/time-finding.ts';
import { aPosition, aSeenPoll } from '../../contract/detection-store.ts';
import { NOW } from './metrics-builder.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function row(position: Partial<Position>, acknowledge: AcknowledgeMode = 'progress') {
  return timeRow('arcsight-01/default', { position: aPosition(position), acknowledge, nowMs: NOW });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Seven requests at uneven distances, the time in each as `since` makes it of when it and the one before came. */
function requests(since: (atMs: number, beforeMs: number) => string | null, more: Partial<SeenPoll> = {}): SeenPoll[] {
  const times = [9, 7, 6, 4.5, 3.2, 2, 0.5, 0.1].map((minutes) => NOW - minutes * MINUTE);
  return times.slice(1).map((atMs, index) => aSeenPoll({ atMs, since: since(atMs, times[index] ?? 0), ...more }));
}

const FOLLOWING = { recent: requests((_at, before) => iso(before - 1234)), confirmedRun: 3 };
const WALL = { recent: requests((at) => iso(at)) };
const clockOff = (ms: number) => ({ recent: requests((at) => iso(at + ms)) });
const OTHER_ZONE = { recent: requests((at) => iso(at + 2 * HOUR).slice(0, -1)) };
const LAST_SUCCESS = { recent: requests((_at, before) => iso(before), { heldAfterBroken: true }) };
const FROZEN = { recent: [aSeenPoll({ since: '2026-01-01T00:00:00Z', polls: 8, pages: 4 })] };
const MISSING = { recent: [aSeenPoll({ since: null })] };
const STEPPED = [...requests((at) => iso(at)), aSeenPoll({ atMs: NOW, since: iso(NOW - HOUR) })];

describe('the finding of what a connector shows by its time', () => {
  it.each([
    [
      'that follows the stamp',
      FOLLOWING,
      'progress',
      'ok',
      /newest event that it has processed\. At least once: every/,
    ],
    ['of its last success', LAST_SUCCESS, 'progress', 'ok', /last poll that worked\. At least once: every/],
    ['of its clock', WALL, 'progress', 'ok', /goes on with its clock, .* At least once up to receipt by the peer/],
    ['a little off', clockOff(-59 * SECOND), 'progress', 'ok', /Its clock is 59 s behind the bridge's\./],
    ['far off', clockOff(-7 * MINUTE), 'progress', 'warning', /Its clock is 7 min behind the bridge's\./],
    ['far ahead', clockOff(7 * MINUTE), 'progress', 'warning', /Its clock is 7 min ahead of the bridge's\./],
    ['in another zone', OTHER_ZONE, 'progress', 'ok', /It is 2 h ahead of the bridge's: another time zone/],
    ['that went back', { recent: STEPPED }, 'progress', 'ok', /It went back by 59 min at 2026-03-01T12:00:00Z\./],
    ['that never moves', FROZEN, 'progress', 'warning', /^Its time is always the same\./],
    ['that need not move', FROZEN, 'response', 'ok', /^Its time is always the same\./],
    ['that is missing', MISSING, 'progress', 'warning', /^Its requests carry no time\./],
    ['that need not be there', MISSING, 'response', 'ok', /^Its requests carry no time\./],
    ['not known yet', {}, 'progress', 'ok', /^Too little has been seen/],
    ['that alone decides, by the newest event', FOLLOWING, 'none', 'ok', /The bridge keeps no position\.$/],
    ['that alone decides, by a clock', WALL, 'none', 'warning', /Events can be lost/],
    ['that alone decides, not known yet', {}, 'none', 'ok', /The bridge keeps no position/],
  ] as const)('a time %s: %o with %s is %s', (_name, position, acknowledge, state, meaning) => {
    const found = row(position, acknowledge);
    expect(found).toMatchObject({ id: 'connector.time', state, subject: 'arcsight-01/default' });
    expect(found.meaning).toMatch(meaning);
    expect(found.remedy === '').toBe(state === 'ok');
  });

  it.each([
    [FROZEN, 'progress', 'acknowledge: response'],
    [MISSING, 'progress', 'since=$START_AT_TIME'],
    [WALL, 'none', 'acknowledge: progress'],
    [clockOff(HOUR / 6), 'progress', 'NTP'],
  ] as const)('names the setting for it: %o with %s', (position, acknowledge, words) => {
    expect(row(position, acknowledge).remedy).toContain(words);
  });
});
