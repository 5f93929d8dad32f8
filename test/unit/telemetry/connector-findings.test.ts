import { describe, expect, it } from 'vitest';
import type { Finding, FindingId } from '../../../src/domain/finding.ts';
import type { Position } from '../../../src/domain/position.ts';
import { findings } from '../../../src/telemetry/findings.ts';
import type { Alarms, SeenConnector, SeenFeed } from '../../../src/telemetry/observations.ts';
import { aPage, aPosition, aTry } from '../../contract/detection-store.ts';
import { ALARMS, ANY_CONNECTOR, ANY_FEED, NOW, observations } from './metrics-builder.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Case {
  readonly position?: Partial<Position> | null;
  readonly connector?: Partial<SeenConnector>;
  readonly feed?: Partial<SeenFeed>;
  readonly alarms?: Partial<Alarms>;
}

/** The rows of a connector that asked a second ago, took everything a minute ago, and of what the case says. */
function rows({ position = {}, connector = {}, feed = {}, alarms = {} }: Case): readonly Finding[] {
  const usual = { lastPollMs: NOW - SECOND, lastDeliveredMs: NOW - MINUTE };
  const waiting = { events: 0, isExact: true, oldestMs: null };
  const seen: SeenConnector = {
    ...ANY_CONNECTOR,
    position: position && aPosition({ ...usual, ...position }),
    waiting: position && waiting,
    ...connector,
  };
  const alarmed = { ...ALARMS, ...alarms };
  return findings(observations({ connectors: [seen], feeds: [{ ...ANY_FEED, ...feed }], alarms: alarmed }));
}

function row(id: FindingId, found: Case): Finding {
  const [only, ...more] = rows(found).filter((finding) => finding.id === id);
  if (only === undefined || more.length > 0) throw new Error(`not one row ${id}`);
  return only;
}

function waitingSince(oldestMs: number, events = 3): Case {
  return { connector: { waiting: { events, isExact: true, oldestMs } } };
}

function sentTimes(sent: number): Case {
  return { position: { page: aPage({ from: 8, to: 9, tries: [aTry({ atMs: NOW - 9 * MINUTE })], sent }) } };
}

const PASSED = { events: 1, lastSeq: 4711, lastMs: NOW - DAY };
const PARTIES = { addresses: ['192.0.2.7', '192.0.2.8'], sinceMs: NOW - HOUR, lastMs: NOW - MINUTE };
const IDLE = { alarms: { nothingDeliveredMs: 30 * MINUTE } };

const STATES: readonly (readonly [string, FindingId, Finding['state'], Case])[] = [
  ['that never asked', 'connector.poll', 'warning', { position: null }],
  ['whose start was set and that never asked', 'connector.poll', 'warning', { position: { lastPollMs: 0 } }],
  ['that reads with a cursor', 'connector.poll', 'ok', { position: null, connector: { cursorReadMs: NOW - HOUR / 6 } }],
  ['that stopped doing so', 'connector.poll', 'warning', { position: null, connector: { cursorReadMs: NOW - HOUR } }],
  ['that asks', 'connector.poll', 'ok', {}],
  ['silent for 5 minutes', 'connector.poll', 'ok', { position: { lastPollMs: NOW - 5 * MINUTE } }],
  ['silent for longer', 'connector.poll', 'warning', { position: { lastPollMs: NOW - 5 * MINUTE - 1 } }],
  ['silent for 15 minutes', 'connector.poll', 'warning', { position: { lastPollMs: NOW - 15 * MINUTE } }],
  ['silent for longer than that', 'connector.poll', 'failed', { position: { lastPollMs: NOW - 15 * MINUTE - 1 } }],
  [
    'that may be silent for an hour',
    'connector.poll',
    'ok',
    {
      position: { lastPollMs: NOW - HOUR },
      alarms: { connectorSilentMs: HOUR, connectorFailedMs: HOUR },
    },
  ],
  ['that took everything', 'connector.delivery', 'ok', {}],
  ['for which an event has waited an hour', 'connector.delivery', 'ok', waitingSince(NOW - HOUR)],
  ['for which one has waited longer', 'connector.delivery', 'warning', waitingSince(NOW - HOUR - 1)],
  [
    'for which one has waited, where nobody wants to know',
    'connector.delivery',
    'ok',
    { ...waitingSince(NOW - DAY), alarms: { undeliveredMs: null } },
  ],
  ['to which a page was sent four times', 'connector.delivery', 'ok', sentTimes(4)],
  ['to which it was sent five times', 'connector.delivery', 'warning', sentTimes(5)],
  [
    'that took nothing for half an hour',
    'connector.delivery',
    'ok',
    { ...IDLE, position: { lastDeliveredMs: NOW - 30 * MINUTE } },
  ],
  [
    'that took nothing for longer',
    'connector.delivery',
    'warning',
    { ...IDLE, position: { lastDeliveredMs: NOW - 30 * MINUTE - 1 } },
  ],
  [
    'that took nothing for longer, in a quiet feed',
    'connector.delivery',
    'ok',
    { position: { lastDeliveredMs: NOW - DAY } },
  ],
  [
    'that took nothing because it does not ask',
    'connector.delivery',
    'ok',
    { ...IDLE, position: { lastPollMs: NOW - HOUR, lastDeliveredMs: NOW - HOUR } },
  ],
  ['that never took anything yet', 'connector.delivery', 'ok', { ...IDLE, position: { lastDeliveredMs: null } }],
  ['of a feed without positions', 'connector.delivery', 'ok', { ...waitingSince(1), feed: { acknowledge: 'none' } }],
  ['that shares its login', 'connector.parties', 'warning', { position: { parties: PARTIES } }],
  ['with an event passed over yesterday', 'connector.passed-over', 'warning', { position: { passedOver: PASSED } }],
  [
    'with one passed over a week ago',
    'connector.passed-over',
    'ok',
    { position: { passedOver: { ...PASSED, lastMs: NOW - 7 * DAY } } },
  ],
  [
    'with three passed over in a row, a month ago',
    'connector.passed-over',
    'failed',
    { position: { passedOver: { events: 3, lastSeq: 9, lastMs: NOW - 30 * DAY }, passedInARow: 3 } },
  ],
  ['whose position is in memory', 'connector.position', 'warning', { connector: { isKept: true } }],
];

describe('the findings of a connector', () => {
  it.each(STATES)('%s: %s is %s', (_name, id, state, found) => {
    expect(row(id, found)).toMatchObject({ state, subject: 'arcsight-01/default' });
  });

  it('say what each means, and of each that is not ok what to do', () => {
    for (const [, , , found] of STATES) {
      for (const { state, meaning, remedy } of rows(found)) {
        expect(meaning).toMatch(/^[A-Z0-9].*[.)]$/);
        expect(remedy === '').toBe(state === 'ok');
      }
    }
  });

  it('are three of one that asks, and one of one that never did', () => {
    const ids = (found: Case) =>
      rows(found)
        .filter(({ subject }) => subject === 'arcsight-01/default')
        .map(({ id }) => id);
    expect(ids({})).toEqual(['connector.poll', 'connector.time', 'connector.delivery']);
    expect(ids({ position: null })).toEqual(['connector.poll']);
    expect(ids({ feed: { acknowledge: 'none' } })).toEqual(['connector.poll', 'connector.time', 'connector.delivery']);
  });

  it('tell when it asked last and when it took something last', () => {
    const position = { lastPollMs: NOW - HOUR, lastDeliveredMs: NOW - DAY };
    expect(row('connector.poll', { position })).toMatchObject({
      meaning:
        'The connector has stopped asking for events: the last time was 2026-03-01T11:00:00Z; the last delivery was at 2026-02-28T12:00:00Z.',
      sinceMs: NOW - HOUR,
    });
    expect(row('connector.poll', { position: { lastDeliveredMs: null } }).meaning).toBe(
      'It asks for events, last at 2026-03-01T11:59:59Z; nothing was ever delivered to it.',
    );
  });

  it('tell what waits, and since when', () => {
    expect(row('connector.delivery', {}).meaning).toBe(
      'Nothing waits for it. The last acknowledgement was at 2026-03-01T11:59:00Z.',
    );
    expect(row('connector.delivery', waitingSince(NOW, 1)).meaning).toContain('1 event waits for');
    const many = { connector: { waiting: { events: 12_000, isExact: false, oldestMs: NOW - 2 * HOUR } } };
    expect(row('connector.delivery', many)).toMatchObject({
      meaning:
        'Events have waited for longer than 1 h, the oldest since 2026-03-01T10:00:00Z. Up to 12000 events wait for its acknowledgement. The last acknowledgement was at 2026-03-01T11:59:00Z.',
      sinceMs: NOW - 2 * HOUR,
    });
  });

  it('tell first of a page that it does not take', () => {
    const stuck = { ...waitingSince(NOW - DAY), ...sentTimes(6) };
    expect(row('connector.delivery', stuck)).toMatchObject({
      meaning: expect.stringMatching(/^A page of 2 events has been sent 6 times since 2026-03-01T11:51:00Z /) as string,
      sinceMs: NOW - 9 * MINUTE,
    });
  });

  it('name both parties of a login', () => {
    expect(row('connector.parties', { position: { parties: PARTIES } })).toMatchObject({
      meaning: expect.stringContaining('192.0.2.7 and 192.0.2.8') as string,
      remedy: expect.stringContaining('a login of its own') as string,
      sinceMs: NOW - HOUR,
    });
  });

  it('give the command that sends an event again that was passed over', () => {
    const { remedy, meaning } = row('connector.passed-over', { position: { passedOver: PASSED } });
    expect(meaning).toContain('1 event was passed over');
    expect(remedy).toContain('flexbridge replay --feed default --connector arcsight-01 --position 4711.');
    const three = row('connector.passed-over', { position: { passedOver: { ...PASSED, events: 3 } } });
    expect(three.meaning).toContain('3 events were passed over');
    expect(three.remedy).toContain('--position 4711 (the log names the others).');
  });
});
