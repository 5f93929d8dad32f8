import { describe, expect, it } from 'vitest';
import { type SourceRow, type StatusSnapshot, toSnapshot } from '../../../src/cli/status-snapshot.ts';
import { clipLines, statusLines } from '../../../src/cli/status-view.ts';
import type { Finding } from '../../../src/domain/finding.ts';
import type { Observations } from '../../../src/telemetry/observations.ts';
import { aPosition } from '../../contract/detection-store.ts';

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

function observations(changes: Partial<Observations> = {}): Observations {
  return {
    nowMs: NOW,
    configWarnings: [],
    store: { kind: 'read', stats: { alerts: 3, detections: 9, bytes: 1 } },
    sources: [],
    feeds: [],
    connectors: [],
    certificate: null,
    credentials: [],
    clouds: [],
    initialCredentials: null,
    instance: 77,
    ...changes,
  };
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
    failures: 0,
    setAside: 0,
    ...changes,
  };
}

describe('toSnapshot', () => {
  it('gives each connector what its feed has beyond the position that it acknowledged', () => {
    const { connectors, feeds } = toSnapshot(
      observations({
        feeds: [
          { name: 'default', stats: { lastSeq: 40, lastStoredMs: NOW - MINUTE } },
          { name: 'other', stats: { lastSeq: 7, lastStoredMs: null } },
        ],
        connectors: [
          {
            name: 'a',
            feed: 'default',
            position: aPosition({ acknowledged: 28, lastPollMs: NOW, lastDeliveredMs: NOW - HOUR }),
          },
          {
            name: 'b',
            feed: 'other',
            position: aPosition({ acknowledged: 7, lastPollMs: NOW, lastDeliveredMs: null }),
          },
          { name: 'c', feed: 'default', position: null },
        ],
      }),
    );
    expect(connectors).toEqual([
      { connector: 'a', feed: 'default', lastPollMs: NOW, backlog: 12, lastDeliveredMs: NOW - HOUR },
      { connector: 'b', feed: 'other', lastPollMs: NOW, backlog: 0, lastDeliveredMs: null },
      { connector: 'c', feed: 'default', lastPollMs: null, backlog: null, lastDeliveredMs: null },
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

  it('shows last poll, backlog and last delivery of a connector, and "-" for a backlog that is not known', () => {
    const connector = { connector: 'arcsight-01', feed: 'default' };
    const lines = statusLines(
      snapshot({
        connectors: [
          { ...connector, lastPollMs: NOW - SECOND, backlog: 12, lastDeliveredMs: NOW - MINUTE },
          { ...connector, connector: 'new', lastPollMs: null, backlog: null, lastDeliveredMs: null },
        ],
      }),
      Infinity,
    );
    expect(lines.slice(-2).map((line) => line.split(/ {2,}/))).toEqual([
      ['arcsight-01/default', '1 s ago', '12', '1 min ago'],
      ['new/default', 'never', '-', 'never'],
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
        connectors: [{ connector: hostile, feed: hostile, lastPollMs: null, backlog: 0, lastDeliveredMs: null }],
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
