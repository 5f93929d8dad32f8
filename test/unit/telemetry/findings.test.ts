import { describe, expect, it } from 'vitest';
import type { Finding, FindingId } from '../../../src/domain/finding.ts';
import { NEVER_POLLED, type SourceStatus } from '../../../src/store/detection-store.ts';
import { findings } from '../../../src/telemetry/findings.ts';
import type { Observations, SeenSource } from '../../../src/telemetry/observations.ts';
import { aPosition } from '../../contract/detection-store.ts';
import { instant } from '../../support/alerts.ts';
import { ANY_CONNECTOR, observations } from './metrics-builder.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const DAY = 86_400_000;
const SILENT = 15 * MINUTE;
const KEY = { tenantId: '11111111-2222-3333-4444-555555555555', source: 'graph-alerts' } as const;

function aStatus(overrides: Partial<SourceStatus> = {}): SourceStatus {
  return { ...NEVER_POLLED, lastTryMs: NOW - 1000, lastSuccessMs: NOW - 1000, ...overrides };
}

function anErrorStatus(code: string, kind: string): SourceStatus {
  const lastError = { code, kind, message: 'what happened', hint: 'what to do' };
  return aStatus({ lastError, failures: 2, failingSinceMs: NOW - 5 * MINUTE });
}

function aSource(overrides: Partial<SeenSource> = {}): SeenSource {
  return {
    tenantName: 'contoso',
    key: KEY,
    silentAfterMs: SILENT,
    status: aStatus(),
    watermark: instant('2026-01-01T11:59:30Z'),
    quarantine: null,
    ...overrides,
  };
}

/** A healthy bridge that has been running for a while. */
function seen(overrides: Partial<Observations> = {}): Observations {
  return observations({
    nowMs: NOW,
    sources: [aSource()],
    connectors: [{ ...ANY_CONNECTOR, position: aPosition({ lastPollMs: NOW - 1000 }) }],
    certificate: { notAfterMs: NOW + 100 * DAY, subject: '/data/tls/ca.pem' },
    credentials: [],
    ...overrides,
  });
}

function expiring(expiresMs: number | null): Observations {
  return seen({ credentials: [{ tenantName: 'contoso', what: 'client secret', expiresMs }] });
}

function reading(reached: string): Observations {
  const from = instant('2026-01-01T00:00:00Z');
  const target = instant('2026-01-01T12:00:00Z');
  return withStatus(aStatus({ catchingUp: { from, reached: instant(reached), target } }));
}

/** A wide look back that has been failing for a day. */
function lookingBack(): Observations {
  const lastError = { code: 'UPSTREAM_FAILED', kind: 'transient', message: 'Microsoft fails.', hint: 'wait' };
  const nextTryMs = NOW + 90_000;
  return withStatus(aStatus({ rescan: { failingSinceMs: NOW - DAY, failures: 3, nextTryMs, lastError } }));
}

const ROLE = { code: 'role', meaning: 'the token has no role', remedy: 'grant it' };

function withStatus(status: SourceStatus | null): Observations {
  return seen(withStatusOnly(status));
}

function withStatusOnly(status: SourceStatus | null): Pick<Observations, 'sources'> {
  return { sources: [aSource({ status })] };
}

function row(found: Observations, id: FindingId): Finding {
  const rows = findings(found).filter((finding) => finding.id === id);
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
    'records set aside',
    seen({ sources: [aSource({ quarantine: { entries: 3, stretches: 1, oldestMs: NOW - DAY } })] }),
    'source.records',
    'warning',
    'contoso/graph-alerts',
  ],
  ['a wide look back that fails', lookingBack(), 'source.rescan', 'warning', 'contoso/graph-alerts'],
  ['polls that go well while it fails', lookingBack(), 'source.poll', 'ok', 'contoso/graph-alerts'],
  ['a source hours behind', reading('2026-01-01T06:00:00Z'), 'source.backlog', 'warning', 'contoso/graph-alerts'],
  ['one that has nearly caught up', reading('2026-01-01T11:50:00Z'), 'source.backlog', 'ok', 'contoso/graph-alerts'],
  [
    'a token without its role before the first answer',
    withStatus(aStatus({ lastSuccessMs: null, tokenProblem: ROLE })),
    'token.claims',
    'failed',
    'contoso/graph-alerts',
  ],
  [
    'a token that looks wrong and works',
    withStatus(aStatus({ tokenProblem: ROLE })),
    'token.claims',
    'warning',
    'contoso/graph-alerts',
  ],
  [
    'a cloud that lacks an API',
    seen({ clouds: [{ tenantName: 'contoso', state: 'warning', meaning: 'no alerts_v2', remedy: 'use another' }] }),
    'cloud',
    'warning',
    'contoso',
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
      sources: [aSource({ silentAfterMs: 3 * DAY, status: aStatus({ lastSuccessMs: NOW - 2 * DAY }) })],
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
  it.each(STATES)('for %s', (_name, found, id, state, subject) => {
    expect(row(found, id)).toMatchObject({ state, subject });
  });

  it('says for every row what it means, and for every bad one what to do', () => {
    for (const [, found] of STATES) {
      for (const { state, meaning, remedy } of findings(found)) {
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
      'store.writable',
      'store',
      'store.space',
      'token',
      'source.poll',
      'store.retention',
      'feed',
      'certificate',
      'connector.poll',
      'connector.time',
      'connector.delivery',
    ]);
    expect(findings(seen({ certificate: null })).some(({ id }) => id === 'certificate')).toBe(false);
  });

  it('shows the worst first', () => {
    const states = findings(seen({ instance: null, initialCredentials: '/data/initial-credentials' })).map(
      ({ state }) => state,
    );
    expect(states.slice(0, 3)).toEqual(['failed', 'warning', 'ok']);
  });

  it('shows the cause before what follows from it', () => {
    const rows = findings(
      seen({
        instance: null,
        store: { kind: 'failed', meaning: 'damaged', remedy: 'restore it' },
        connectors: [{ ...ANY_CONNECTOR, position: aPosition({ lastPollMs: NOW - DAY }) }],
        ...withStatusOnly(anErrorStatus('TOKEN_REFUSED', 'operator')),
      }),
    );
    expect(rows.filter(({ state }) => state === 'failed').map(({ id }) => id)).toEqual([
      'store',
      'instance',
      'token',
      'source.poll',
      'connector.poll',
    ]);
  });

  it('puts what was tried in the place of what was recorded about the same, and remembers since when it is so', () => {
    const refused = withStatusOnly(anErrorStatus('TOKEN_REFUSED', 'operator'));
    const tried = { id: 'token', subject: 'contoso', sinceMs: null, meaning: 'tried', remedy: 'do it' } as const;
    expect(row(seen({ ...refused, probed: [{ ...tried, state: 'failed' }] }), 'token')).toMatchObject({
      meaning: 'tried',
      sinceMs: NOW - 5 * MINUTE,
    });
    const other = findings(seen({ ...refused, probed: [{ ...tried, subject: 'fabrikam', state: 'failed' }] }));
    expect(other.filter(({ id }) => id === 'token').map(({ subject }) => subject)).toEqual(['contoso', 'fabrikam']);
    const well = { ...tried, state: 'ok', remedy: '' } as const;
    expect(row(seen({ ...refused, probed: [well] }), 'token')).toEqual(well);
  });

  it("repeats the error's own words and remedy, and since when", () => {
    expect(row(withStatus(anErrorStatus('UPSTREAM_429', 'transient')), 'source.poll')).toMatchObject({
      meaning: 'what happened.',
      remedy: 'what to do',
      sinceMs: NOW - 5 * MINUTE,
    });
  });

  it('says when a source that waits is tried again', () => {
    const status = { ...anErrorStatus('UPSTREAM_429', 'transient'), nextTryMs: NOW + 90_000 };
    expect(row(withStatus(status), 'source.poll').meaning).toBe('what happened. Next try at 12:01:30Z.');
  });

  it('does not tell to wait for the first poll where one has failed', () => {
    const failed = withStatus({ ...anErrorStatus('NETWORK_REFUSED', 'transient'), lastSuccessMs: null });
    expect(row(failed, 'token')).toMatchObject({
      state: 'warning',
      remedy: expect.stringContaining('source.poll') as string,
    });
  });

  it('says why the wide look back fails, since when, and when it is tried again', () => {
    expect(row(lookingBack(), 'source.rescan')).toMatchObject({
      meaning:
        'The wide look back fails, so what Microsoft shows hours late is still missing: Microsoft fails. Next try at 12:01:30Z.',
      remedy: 'wait',
      sinceMs: NOW - DAY,
    });
  });

  it('says how far a source has caught up, and what is set aside', () => {
    expect(row(reading('2026-01-01T06:00:00Z'), 'source.backlog').meaning).toContain(
      'up to 2026-01-01T06:00:00Z is read, 50 %',
    );
    const aside = seen({ sources: [aSource({ quarantine: { entries: 3, stretches: 1, oldestMs: NOW - DAY } })] });
    expect(row(aside, 'source.records')).toMatchObject({
      meaning: expect.stringMatching(/^2 records .* could not be read; .* 1 record or moment\./) as string,
      sinceMs: NOW - DAY,
    });
  });

  it('warns of a credential 30, 7 and 1 days ahead in other words each time', () => {
    const said = (days: number) => row(expiring(NOW + days * DAY), 'credential.expiry').meaning;
    expect([31, 30, 7, 0.5].map((days) => said(days))).toEqual([
      'The client secret expires on 2026-02-01, in 31 days.',
      'The client secret expires on 2026-01-31, in 30 days.',
      'The client secret expires within a week, on 2026-01-08, in 7 days.',
      'The client secret expires within a day, on 2026-01-02: collection ends with it.',
    ]);
    expect([31, 30, 7, 0.5].map((days) => row(expiring(NOW + days * DAY), 'credential.expiry').state)).toEqual([
      'ok',
      'warning',
      'warning',
      'failed',
    ]);
  });

  it('does not call it a failure when a secret ends whose successor is configured', () => {
    const credentials = [
      { tenantName: 'contoso', what: 'client secret', expiresMs: NOW - DAY },
      { tenantName: 'contoso', what: 'next client secret', expiresMs: NOW + 100 * DAY },
    ];
    const rows = findings(seen({ credentials })).filter(({ id }) => id === 'credential.expiry');
    expect(rows.map(({ state }) => state)).toEqual(['warning', 'ok']);
    expect(rows[0]?.meaning).toContain('lives on');
  });

  it('shows one token row for a tenant with several sources, the worst of them', () => {
    const rows = (status: SourceStatus) =>
      findings(seen({ sources: [aSource(), aSource({ key: { ...KEY, source: 'defender-alerts' }, status })] })).filter(
        ({ id }) => id === 'token',
      );
    expect(rows(aStatus()).map(({ subject, state }) => [subject, state])).toEqual([['contoso', 'ok']]);
    expect(rows(anErrorStatus('CREDENTIAL_FILE', 'operator')).map(({ state }) => state)).toEqual(['failed']);
  });

  it('judges every tenant and every connector by itself', () => {
    const rows = findings(
      seen({
        sources: [
          aSource({ tenantName: 'a', status: anErrorStatus('TOKEN_REFUSED', 'operator') }),
          aSource({ tenantName: 'b', key: { ...KEY, tenantId: 'b' } }),
        ],
        connectors: [
          { ...ANY_CONNECTOR, name: 'one', position: null, waiting: null },
          { ...ANY_CONNECTOR, name: 'two', position: aPosition({ lastPollMs: NOW }) },
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
