import { describe, expect, it } from 'vitest';
import { clipLines, statusLines } from '../../../src/cli/status-view.ts';
import type { Finding } from '../../../src/domain/finding.ts';
import type { ConnectorRow, SourceRow, StatusSnapshot } from '../../../src/domain/status-snapshot.ts';
import { toSnapshot } from '../../../src/telemetry/status-snapshot.ts';
import { aPosition, aSeenPoll } from '../../contract/detection-store.ts';
import { ANY_CONNECTOR, ANY_FEED, observations } from '../telemetry/metrics-builder.ts';

const NOW = Date.parse('2026-02-01T10:00:00Z');
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function snapshot(changes: Partial<StatusSnapshot> = {}): StatusSnapshot {
  return { atMs: NOW, pid: 77, findings: [], sources: [], feeds: [], connectors: [], ...changes };
}

function finding(changes: Partial<Finding>): Finding {
  return { id: 'store', state: 'ok', subject: 'store', sinceMs: null, meaning: 'Readable.', remedy: '', ...changes };
}

function aSource(changes: Partial<SourceRow> = {}): SourceRow {
  return {
    tenant: 'contoso',
    source: 'graph-alerts',
    state: 'starting',
    lastSuccessMs: null,
    lastTryMs: null,
    nextTryMs: null,
    watermarkMs: null,
    catchingUp: null,
    failures: 0,
    setAside: 0,
    ...changes,
  };
}

/** One that never asked. */
function aConnector(changes: Partial<ConnectorRow> = {}): ConnectorRow {
  return {
    connector: 'arcsight-01',
    feed: 'default',
    lastPollMs: null,
    lastDeliveredMs: null,
    backlog: null,
    backlogIsExact: true,
    oldestWaitingMs: null,
    time: null,
    guarantee: null,
    ...changes,
  };
}

describe('toSnapshot', () => {
  it('gives each connector its last poll and delivery, and what waits for it', () => {
    const recent = [aSeenPoll({ atMs: NOW, since: '2026-02-01T09:59:00.000Z' })];
    const position = aPosition({ lastPollMs: NOW, lastDeliveredMs: NOW - HOUR, confirmedRun: 3, recent });
    const waiting = { events: 12, isExact: false, oldestMs: NOW - MINUTE };
    const { connectors, feeds } = toSnapshot(
      observations({
        feeds: [{ ...ANY_FEED, stats: { lastSeq: 40, lastStoredMs: NOW - MINUTE } }],
        connectors: [
          { ...ANY_CONNECTOR, name: 'a', position, waiting },
          { ...ANY_CONNECTOR, name: 'b', position: null, waiting: null },
        ],
      }),
    );
    expect(connectors).toEqual([
      aConnector({
        connector: 'a',
        lastPollMs: NOW,
        lastDeliveredMs: NOW - HOUR,
        backlog: 12,
        backlogIsExact: false,
        oldestWaitingMs: NOW - MINUTE,
        time: 'follows-stamp',
        guarantee: 'at-least-once',
      }),
      aConnector({ connector: 'b' }),
    ]);
    expect(feeds[0]).toEqual({ feed: 'default', lastSeq: 40, lastEventMs: NOW - MINUTE });
  });

  it('knows a source that was never asked', () => {
    const key = { tenantId: '1', source: 'graph-alerts' } as const;
    expect(
      toSnapshot(
        observations({
          sources: [
            {
              tenantName: 'contoso',
              key,
              silentAfterMs: 15 * MINUTE,
              status: null,
              watermark: null,
              quarantine: null,
            },
          ],
        }),
      ).sources,
    ).toEqual([aSource()]);
  });

  it('reports health by the table of findings, worst first', () => {
    const { findings, pid } = toSnapshot(observations({ instance: null }));
    expect(pid).toBeNull();
    expect(findings[0]).toMatchObject({ id: 'instance', state: 'failed' });
  });
});

describe('statusLines', () => {
  it('shows what is not well in full and above all else, and one line for each finding that is ok', () => {
    const lines = statusLines(
      snapshot({
        findings: [
          finding({
            id: 'connector.poll',
            state: 'failed',
            subject: 'arcsight-01/default',
            sinceMs: NOW - 3 * HOUR,
            meaning: 'It has stopped asking; 12 wait for it.',
            remedy: 'Look at its agent.log.',
          }),
          finding({}),
        ],
        feeds: [{ feed: 'default', lastSeq: 40, lastEventMs: NOW - 61 * SECOND }],
      }),
      Infinity,
    );
    expect(lines).toEqual([
      'FlexBridge running (pid 77), 2026-02-01T10:00:00Z',
      'findings: 1 failed, 0 warning, 1 ok',
      '',
      'FAILED  connector.poll  arcsight-01/default  since 3 h ago',
      '        It has stopped asking; 12 wait for it.',
      '        -> Look at its agent.log.',
      '',
      'feed     last event  events',
      'default  1 min ago   40',
      '',
      'ok      store  store  Readable.',
    ]);
  });

  it.each([
    ['never', null],
    ['0 s ago', NOW],
    ['0 s ago', NOW + MINUTE],
    ['59 s ago', NOW - 59_999],
    ['1 min ago', NOW - MINUTE],
    ['23 h ago', NOW - 24 * HOUR + 1],
    ['2 d ago', NOW - 48 * HOUR],
  ])('says "%s" for the last success of a source', (words, lastSuccessMs) => {
    const source = aSource({ failures: 4, setAside: 2 });
    const lines = statusLines(snapshot({ sources: [{ ...source, lastSuccessMs }] }), Infinity);
    expect(lines.at(-1)?.split(/ {2,}/)).toEqual([
      'contoso/graph-alerts',
      'starting',
      words,
      'never',
      'never',
      '4',
      '-',
      '2',
    ]);
  });

  it('says how far a source has read, and when one that waits is tried again', () => {
    const source = aSource({ state: 'degraded', watermarkMs: NOW - 3 * HOUR, nextTryMs: NOW + 90 * SECOND });
    const line = statusLines(snapshot({ sources: [source] }), Infinity).at(-1);
    expect(line?.split(/ {2,}/).slice(1)).toEqual(['degraded', 'never', 'never', '3 h ago', '0', '10:01:30', '0']);
  });

  it('shows last poll, last delivery and backlog of a connector, and "-" for a backlog that is not known', () => {
    const asked = { lastPollMs: NOW - SECOND, lastDeliveredMs: NOW - MINUTE, backlog: 12 };
    const told = { oldestWaitingMs: NOW - HOUR, time: 'wall-clock', guarantee: 'up-to-receipt' } as const;
    const lines = statusLines(
      snapshot({
        connectors: [
          aConnector({ ...asked, ...told }),
          aConnector({ ...asked, ...told, connector: 'late', backlog: 12_000, backlogIsExact: false }),
          aConnector({ connector: 'new' }),
        ],
      }),
      Infinity,
    );
    expect(lines.slice(-3).map((line) => line.split(/ {2,}/))).toEqual([
      ['arcsight-01/default', '1 s ago', '1 min ago', '12', '1 h ago', 'wall-clock', 'up-to-receipt'],
      ['late/default', '1 s ago', '1 min ago', '<= 12000', '1 h ago', 'wall-clock', 'up-to-receipt'],
      ['new/default', 'never', 'never', '-', '-', '-', '-'],
    ]);
  });

  it('loses no word of a remedy in a narrow window', () => {
    const remedy = 'Check that the connector runs and reaches this bridge, and that its login still works.';
    const lines = statusLines(snapshot({ findings: [finding({ state: 'failed', remedy })] }), 40);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
    expect(
      lines
        .slice(lines.findIndex((line) => line.includes('->')))
        .join(' ')
        .replaceAll(/ +/g, ' '),
    ).toContain(remedy);
  });

  it('lets no text from outside reach the terminal as a control sequence', () => {
    const hostile = 'a\u001b[2J\u0007\u009b31m\nb';
    const lines = statusLines(
      snapshot({
        findings: [
          finding({ state: 'failed', subject: hostile, meaning: hostile, remedy: hostile }),
          finding({ subject: hostile, meaning: hostile }),
        ],
        sources: [aSource({ tenant: hostile, source: hostile })],
        feeds: [{ feed: hostile, lastSeq: 0, lastEventMs: null }],
        connectors: [aConnector({ connector: hostile, feed: hostile })],
      }),
      Infinity,
    );
    for (const line of lines)
      for (const hidden of ['\u001b', '\u0007', '\u009b', '\n']) expect(line).not.toContain(hidden);
    expect(lines.join('\n')).toContain('a\ufffd[2J\ufffd\ufffd31m\ufffdb');
  });
});

describe('clipLines', () => {
  it('says on the last line how many lines the window is too small for', () => {
    expect(clipLines(['a', 'b', 'c'], 3)).toEqual(['a', 'b', 'c']);
    expect(clipLines(['a', 'b', 'c', 'd'], 3)).toEqual(['a', 'b', '... 2 more lines in a higher window']);
  });

  it('keeps one line in a window without room', () => {
    expect(clipLines(['a', 'b'], 0)).toEqual(['... 2 more lines in a higher window']);
  });
});
