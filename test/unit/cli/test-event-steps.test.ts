import { describe, expect, it } from 'vitest';
import { isArrived, type Seen, stepOf } from '../../../src/cli/test-event-steps.ts';
import type { PageTry, PendingPage, Position } from '../../../src/domain/position.ts';
import { aPosition } from '../../contract/detection-store.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const ASKED = NOW - 60_000;
const SEQ = 7;

function seen(position: Partial<Position> | null, acknowledge: Seen['feed']['acknowledge'] = 'progress') {
  return stepOf('arcsight-01', {
    feed: { name: 'default', acknowledge },
    seq: SEQ,
    askedMs: ASKED,
    position: position && aPosition({ lastPollMs: NOW - 1000, ...position }),
    nowMs: NOW,
  });
}

function aPage(from: number, tries: readonly Partial<PageTry>[]): PendingPage {
  const whole = tries.map((attempt) => ({
    stampMs: 1,
    to: 9,
    since: null,
    outcome: 'sent' as const,
    atMs: NOW - 2000,
    ...attempt,
  }));
  return { from, to: 9, events: 3, firstTryMs: NOW - 2000, sent: whole.length, alone: false, tries: whole };
}

describe('how far a test event has got', () => {
  it.each<[string, ReturnType<typeof seen>, string, string]>([
    ['a connector that has never asked', seen(null), 'waiting', 'never asked'],
    ['one that was only prepared by a cut-over', seen({ lastPollMs: 0 }), 'waiting', 'never asked'],
    ['one that stopped asking', seen({ lastPollMs: ASKED - 1 }), 'waiting', 'has not asked since 2026-01-01T11:58:59Z'],
    ['one with a backlog', seen({ acknowledged: 2 }), 'waiting', '4 events may wait before this one'],
    [
      'one that has to take another page first',
      seen({ acknowledged: 2, page: { ...aPage(3, [{ to: 5 }]), to: 5 } }),
      'waiting',
      'takes FeedSeq 3 to 5 first',
    ],
    [
      'one that got it and has not asked again',
      seen({ acknowledged: 5, page: aPage(6, [{}]) }),
      'sent',
      'no later request has shown yet',
    ],
    [
      'one whose connection breaks again and again',
      seen({ acknowledged: 5, page: aPage(6, [{}, { outcome: 'broken' }]) }),
      'sent',
      '2 times by now; the connection broke',
    ],
    [
      'one whose page has become too small for it',
      seen({ acknowledged: 5, page: aPage(6, [{ to: 6, outcome: 'broken' }]) }),
      'waiting',
      'may wait before this one',
    ],
    [
      'one that cannot take it',
      seen({ acknowledged: 7, passedOver: { events: 1, lastSeq: 7, lastMs: NOW } }),
      'passed-over',
      'Given up',
    ],
    ['one on a feed without positions', seen({}, 'none'), 'sent', 'keeps no positions'],
    ['one on such a feed that does not ask', seen({ lastPollMs: ASKED - 1 }, 'none'), 'waiting', 'has not asked'],
  ])('is told of %s, with what to do', (_who, step, state, meaning) => {
    expect([step.state, isArrived(step)]).toEqual([state, false]);
    expect(step.meaning).toContain(meaning);
    expect(step.remedy).not.toBe('');
  });

  it.each<[string, Partial<Position>, Seen['feed']['acknowledge'], string]>([
    ['its time repeated the stamp', { confirmedRun: 1 }, 'progress', 'it has processed the event'],
    ['its time moved on', {}, 'progress', 'or by a proxy before it'],
    ['its connection ended in order', {}, 'response', 'whether it was processed does not show'],
  ])('is at its end when %s, and says how sure that is', (_how, position, acknowledge, meaning) => {
    const step = seen({ acknowledged: SEQ, ...position }, acknowledge);
    expect([step.state, step.remedy, isArrived(step)]).toEqual(['acknowledged', '', true]);
    expect(step.meaning).toContain(meaning);
  });
});
