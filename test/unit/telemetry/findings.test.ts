import { describe, expect, it } from 'vitest';
import type { Finding, FindingId } from '../../../src/domain/finding.ts';
import type { PageTry, Position, SourceStatus } from '../../../src/store/detection-store.ts';
import { findings } from '../../../src/telemetry/findings.ts';
import type { Observations } from '../../../src/telemetry/observations.ts';
import { aPosition } from '../../contract/detection-store.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const DAY = 86_400_000;
const SILENT = 15 * MINUTE;
const KEY = { tenantId: '11111111-2222-3333-4444-555555555555', source: 'graph-alerts' } as const;

function aStatus(overrides: Partial<SourceStatus> = {}): SourceStatus {
  return {
    lastTryMs: NOW - 1000,
    lastSuccessMs: NOW - 1000,
    failingSinceMs: null,
    failures: 0,
    lastError: null,
    rejected: 0,
    lastRejectedMs: null,
    ...overrides,
  };
}

function anErrorStatus(code: string, kind: string): SourceStatus {
  const lastError = { code, kind, message: 'what happened', hint: 'what to do' };
  return aStatus({ lastError, failures: 2, failingSinceMs: NOW - 5 * MINUTE });
}

/** A healthy bridge that has been running for a while. */
function seen(overrides: Partial<Observations> = {}): Observations {
  return {
    nowMs: NOW,
    configWarnings: [],
    sources: [{ tenantName: 'contoso', key: KEY, silentAfterMs: SILENT, status: aStatus() }],
    store: { kind: 'read', stats: { alerts: 3, detections: 7, bytes: 4_100_000 } },
    feeds: [{ name: 'default', stats: { lastSeq: 7, lastStoredMs: NOW - MINUTE } }],
    connectors: [
      {
        name: 'arcsight-01',
        feed: 'default',
        position: aPosition({ acknowledged: 7, lastPollMs: NOW - 1000, confirmedRun: 3 }),
      },
    ],
    certificate: { notAfterMs: NOW + 100 * DAY, subject: '/data/tls/ca.pem' },
    credentials: [],
    initialCredentials: null,
    ...overrides,
  };
}

function expiring(expiresMs: number | null): Observations {
  return seen({ credentials: [{ tenantName: 'contoso', expiresMs }] });
}

function withStatus(status: SourceStatus | null): Observations {
  return seen({ sources: [{ tenantName: 'contoso', key: KEY, silentAfterMs: SILENT, status }] });
}

function withPosition(position: Partial<Position> | null): Observations {
  const row = position && aPosition({ acknowledged: 7, lastPollMs: NOW - 1000, ...position });
  return seen({ connectors: [{ name: 'arcsight-01', feed: 'default', position: row }] });
}

function withTries(count: number): Observations {
  const tries = Array.from(
    { length: count },
    (_, index): PageTry => ({
      stampMs: index,
      to: 9,
      since: null,
      outcome: 'sent',
      atMs: NOW - (count - index) * MINUTE,
    }),
  );
  return withPosition({ page: { from: 8, to: 9, tries } });
}

function row(observations: Observations, id: FindingId): Finding {
  const rows = findings(observations).filter((finding) => finding.id === id);
  const [only] = rows;
  if (only === undefined || rows.length > 1) throw new Error(`${rows.length} rows ${id}`);
  return only;
}

/** Every state a row can be in, and what it is about. */
const STATES: readonly (readonly [string, Observations, FindingId, Finding['state'], string])[] = [
  ['a valid configuration', seen(), 'config', 'ok', 'configuration'],
  [
    'a doubtful one',
    seen({ configWarnings: [{ path: 'feeds[0].page', message: 'large', remedy: 'lower it' }] }),
    'config',
    'warning',
    'feeds[0].page',
  ],
  ['a token that works', seen(), 'token', 'ok', 'contoso'],
  ['no token yet', withStatus(null), 'token', 'warning', 'contoso'],
  ['a refused credential', withStatus(anErrorStatus('TOKEN_REFUSED', 'operator')), 'token', 'failed', 'contoso'],
  ['a busy login', withStatus(anErrorStatus('TOKEN_THROTTLED', 'transient')), 'token', 'warning', 'contoso'],
  ['a failure after the login', withStatus(anErrorStatus('UPSTREAM_403', 'operator')), 'token', 'ok', 'contoso'],
  ['a source that answers', seen(), 'source.poll', 'ok', 'contoso/graph-alerts'],
  ['no poll yet', withStatus(null), 'source.poll', 'warning', 'contoso/graph-alerts'],
  [
    'a missing right',
    withStatus(anErrorStatus('UPSTREAM_403', 'operator')),
    'source.poll',
    'failed',
    'contoso/graph-alerts',
  ],
  ['a defect', withStatus(anErrorStatus('UNEXPECTED', 'bug')), 'source.poll', 'failed', 'contoso/graph-alerts'],
  [
    'a throttled source',
    withStatus(anErrorStatus('UPSTREAM_429', 'transient')),
    'source.poll',
    'warning',
    'contoso/graph-alerts',
  ],
  [
    'a source that is silent without a failure',
    withStatus(aStatus({ lastSuccessMs: NOW - 16 * MINUTE })),
    'source.poll',
    'warning',
    'contoso/graph-alerts',
  ],
  [
    'records set aside today',
    withStatus(aStatus({ rejected: 2, lastRejectedMs: NOW - MINUTE })),
    'source.records',
    'warning',
    'contoso/graph-alerts',
  ],
  [
    'records set aside long ago',
    withStatus(aStatus({ rejected: 2, lastRejectedMs: NOW - 2 * DAY })),
    'source.records',
    'ok',
    'contoso/graph-alerts',
  ],
  [
    'a token that was issued before Graph refused',
    withStatus(anErrorStatus('UPSTREAM_FORBIDDEN', 'operator')),
    'token',
    'ok',
    'contoso',
  ],
  [
    'a schedule slower than the silence',
    seen({
      sources: [
        { tenantName: 'contoso', key: KEY, silentAfterMs: 3 * DAY, status: aStatus({ lastSuccessMs: NOW - 2 * DAY }) },
      ],
    }),
    'source.poll',
    'ok',
    'contoso/graph-alerts',
  ],
  ['a credential whose end nobody said', expiring(null), 'credential.expiry', 'ok', 'contoso'],
  ['a credential that is good for long', expiring(NOW + 200 * DAY), 'credential.expiry', 'ok', 'contoso'],
  ['a credential that ends within 30 days', expiring(NOW + 29 * DAY), 'credential.expiry', 'warning', 'contoso'],
  ['a credential that ends today', expiring(NOW + DAY / 2), 'credential.expiry', 'failed', 'contoso'],
  ['a credential that has ended', expiring(NOW - DAY), 'credential.expiry', 'failed', 'contoso'],
  ['a readable store', seen(), 'store', 'ok', 'store'],
  ['no store yet', seen({ store: { kind: 'absent' } }), 'store', 'ok', 'store'],
  [
    'a broken store',
    seen({ store: { kind: 'failed', meaning: 'damaged', remedy: 'restore' } }),
    'store',
    'failed',
    'store',
  ],
  ['a feed', seen(), 'feed', 'ok', 'default'],
  ['a connector that polls', seen(), 'connector.poll', 'ok', 'arcsight-01/default'],
  ['one that never did', withPosition(null), 'connector.poll', 'warning', 'arcsight-01/default'],
  [
    'one that stopped',
    withPosition({ lastPollMs: NOW - 16 * MINUTE }),
    'connector.poll',
    'failed',
    'arcsight-01/default',
  ],
  ['a connector that follows the stamp', seen(), 'connector.time', 'ok', 'arcsight-01/default'],
  ['a page tried four times', withTries(4), 'connector.time', 'ok', 'arcsight-01/default'],
  ['a page tried five times', withTries(5), 'connector.time', 'warning', 'arcsight-01/default'],
  ['a certificate', seen(), 'certificate', 'ok', '/data/tls/ca.pem'],
  [
    'one that ends within two weeks',
    seen({ certificate: { notAfterMs: NOW + 13 * DAY, subject: 'c.pem' } }),
    'certificate',
    'warning',
    'c.pem',
  ],
  [
    'one that has ended',
    seen({ certificate: { notAfterMs: NOW, subject: 'c.pem' } }),
    'certificate',
    'failed',
    'c.pem',
  ],
  [
    'passwords left on the disk',
    seen({ initialCredentials: '/data/initial-credentials' }),
    'credentials.initial',
    'warning',
    '/data/initial-credentials',
  ],
  ['a bridge that runs', seen({ instance: 4711 }), 'instance', 'ok', 'serve'],
  ['none that runs', seen({ instance: null }), 'instance', 'failed', 'serve'],
];

describe('the table of findings', () => {
  it.each(STATES)('for %s', (_name, observations, id, state, subject) => {
    expect(row(observations, id)).toMatchObject({ state, subject });
  });

  it('says for every row what it means, and for every bad one what to do', () => {
    for (const [, observations] of STATES) {
      for (const { state, meaning, remedy } of findings(observations)) {
        expect(meaning).not.toBe('');
        expect(remedy === '').toBe(state === 'ok');
      }
    }
  });

  it('of a healthy bridge is ok throughout, and has no row for what is not there', () => {
    const rows = findings(seen());
    expect(rows.map(({ state }) => state)).toEqual(rows.map(() => 'ok'));
    expect(rows.map(({ id }) => id)).toEqual([
      'config',
      'token',
      'source.poll',
      'store',
      'feed',
      'connector.poll',
      'connector.time',
      'certificate',
    ]);
    expect(findings(seen({ certificate: null })).some(({ id }) => id === 'certificate')).toBe(false);
  });

  it('shows the worst first', () => {
    const states = findings(seen({ instance: null, initialCredentials: '/data/initial-credentials' })).map(
      ({ state }) => state,
    );
    expect(states.slice(0, 3)).toEqual(['failed', 'warning', 'ok']);
  });

  it("repeats the error's own words and remedy, and since when", () => {
    expect(row(withStatus(anErrorStatus('UPSTREAM_429', 'transient')), 'source.poll')).toMatchObject({
      meaning: 'what happened',
      remedy: 'what to do',
      sinceMs: NOW - 5 * MINUTE,
    });
  });

  it('counts what waits for a connector, and what is stored', () => {
    expect(row(withPosition({ acknowledged: 2 }), 'connector.poll').meaning).toContain('5 wait');
    expect(row(withPosition({ acknowledged: 2, lastPollMs: NOW - DAY }), 'connector.poll').meaning).toContain('5 wait');
    expect(row(seen(), 'store').meaning).toContain('3 alerts, 7 events, 5 MB');
    expect(row(seen({ feeds: [{ name: 'f', stats: { lastSeq: 0, lastStoredMs: null } }] }), 'feed')).toMatchObject({
      meaning: 'No event has been stored yet.',
      sinceMs: null,
    });
  });

  it("says what each connector's time guarantees", () => {
    expect(row(withPosition({ confirmedRun: 3 }), 'connector.time').meaning).toContain('also when it crashes');
    expect(row(withPosition({ confirmedRun: 2 }), 'connector.time').meaning).toContain('up to its receipt');
    expect(row(withTries(6), 'connector.time')).toMatchObject({
      meaning: expect.stringContaining('6 times') as string,
      sinceMs: NOW - 6 * MINUTE,
    });
  });

  it('judges every tenant and every connector by itself', () => {
    const rows = findings(
      seen({
        sources: [
          { tenantName: 'a', key: KEY, silentAfterMs: SILENT, status: anErrorStatus('TOKEN_REFUSED', 'operator') },
          { tenantName: 'b', key: { ...KEY, tenantId: 'b' }, silentAfterMs: SILENT, status: aStatus() },
        ],
        connectors: [
          { name: 'one', feed: 'default', position: null },
          { name: 'two', feed: 'default', position: aPosition({ lastPollMs: NOW }) },
        ],
      }),
    );
    const states = (id: FindingId) =>
      rows.filter((found) => found.id === id).map(({ subject, state }) => [subject, state]);
    expect(states('token')).toEqual([
      ['a', 'failed'],
      ['b', 'ok'],
    ]);
    expect(states('connector.poll')).toEqual([
      ['one/default', 'warning'],
      ['two/default', 'ok'],
    ]);
  });
});
