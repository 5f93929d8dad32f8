import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { normaliseAlerts } from '../../../src/defender/map/graph-payload.ts';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError, type ErrorKind } from '../../../src/domain/errors.ts';
import type { Position, SourceStatus } from '../../../src/store/detection-store.ts';
import type { Observations } from '../../../src/telemetry/findings.ts';
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics.ts';
import { COUNTERS, GAUGES, HISTOGRAMS, type MetricRow } from '../../../src/telemetry/metrics-table.ts';
import type { Expected } from '../../../src/telemetry/observe.ts';
import { rejectionClass } from '../../../src/telemetry/rejection-class.ts';
import { readSamples } from '../../support/metrics-text.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const KEY = { tenantId: '11111111-2222-4333-8444-555555555555', source: 'graph-alerts' } as const;
const ANY_SOURCE = { tenantName: 'contoso', key: KEY, silentAfterMs: 900_000 };
const REF = { tenant: 'contoso', source: 'graph-alerts' };
const SOURCE = 'source="graph-alerts",tenant="contoso"';
const DELIVERY = 'connector="arcsight-01",feed="default"';
const SENT = { feed: 'default', connector: 'arcsight-01', events: 3, from: 1, to: 3 };
const COUNTS = { pages: 1, fetched: 12, fresh: 5, changed: 2, duplicate: 3, stale: 1, rejected: 1, events: 9, cut: 4 };
const ANY_STATUS: SourceStatus = {
  lastTryMs: NOW,
  lastSuccessMs: NOW - 60_000,
  failingSinceMs: null,
  failures: 0,
  lastError: null,
  rejected: 0,
  lastRejectedMs: null,
};
const ANY_POSITION: Position = {
  connector: 'arcsight-01',
  feed: 'default',
  revision: 1,
  acknowledged: 30,
  page: null,
  lastStampMs: 0,
  confirmedStampMs: null,
  confirmedRun: 0,
  strayed: null,
  lastPollMs: NOW - 5_000,
  lastSince: null,
  lastDeliveredMs: null,
};

function observations(changes: Partial<Observations> = {}): Observations {
  return {
    nowMs: NOW,
    configWarnings: [],
    sources: [{ ...ANY_SOURCE, status: ANY_STATUS }],
    store: { kind: 'read', stats: { alerts: 7, detections: 11, bytes: 4096 } },
    feeds: [{ name: 'default', stats: { lastSeq: 42, lastStoredMs: NOW - 2_500 } }],
    connectors: [{ name: 'arcsight-01', feed: 'default', position: ANY_POSITION }],
    certificate: { notAfterMs: NOW + 90 * 86_400_000, subject: 'bridge.example' },
    initialCredentials: null,
    ...changes,
  };
}

const EXPECTED: Expected = {
  configWarnings: [],
  sources: [ANY_SOURCE],
  feeds: ['default'],
  connectors: [{ name: 'arcsight-01', feeds: ['default'] }],
  certificate: null,
  initialCredentials: () => null,
};

function failure(kind: ErrorKind, retryAfterMs?: number): BridgeError {
  return new BridgeError({ code: 'X', kind, message: 'm', hint: 'h', ...(retryAfterMs && { retryAfterMs }) });
}

describe('the metrics', () => {
  let seen: Observations;
  let metrics: Metrics;
  const read = async () => readSamples(await metrics.render());

  beforeEach(() => {
    seen = observations();
    metrics = createMetrics({
      version: '1.2.3',
      nodeVersion: 'v20.19.0',
      expected: EXPECTED,
      observe: () => Promise.resolve(seen),
    });
  });

  it('show every counted series of the configuration as 0 before anything happened', async () => {
    const samples = await read();
    const counted = [...Object.values(COUNTERS), ...Object.values(HISTOGRAMS)].map(({ name }) => name);
    for (const name of counted) {
      const values = [...samples].filter(([series]) => series.startsWith(name)).map(([, value]) => value);
      expect(values.length, name).toBeGreaterThan(0);
      expect(new Set(values), name).toEqual(new Set([0]));
    }
    expect([...samples.keys()]).toEqual(
      expect.arrayContaining([
        `flexbridge_polls_total{result="bug",${SOURCE}}`,
        `flexbridge_alerts_total{outcome="stale",${SOURCE}}`,
        `flexbridge_pages_acknowledged_total{${DELIVERY},rule="response"}`,
        'flexbridge_feed_requests_total{feed="default",status="5xx"}',
        `flexbridge_alert_arrival_delay_seconds_count{${SOURCE}}`,
      ]),
    );
  });

  const counted: readonly (readonly [series: string, value: number, event: BridgeEvent])[] = [
    [`flexbridge_polls_total{result="ok",${SOURCE}}`, 1, { name: 'pollFinished', ...REF, ...COUNTS, durationMs: 400 }],
    [
      `flexbridge_poll_duration_seconds_bucket{le="0.5",${SOURCE}}`,
      1,
      { name: 'pollFinished', ...REF, ...COUNTS, durationMs: 400 },
    ],
    [
      `flexbridge_polls_total{result="operator",${SOURCE}}`,
      1,
      { name: 'pollFailed', ...REF, error: failure('operator'), attempt: 1 },
    ],
    [
      `flexbridge_throttled_seconds_total{${SOURCE}}`,
      7.5,
      { name: 'pollFailed', ...REF, error: failure('transient', 7500), attempt: 1 },
    ],
    [
      `flexbridge_alerts_total{outcome="new",${SOURCE}}`,
      5,
      { name: 'pollFailed', ...REF, error: failure('transient'), attempt: 1, stored: COUNTS },
    ],
    [
      `flexbridge_polls_skipped_total{reason="running",${SOURCE}}`,
      1,
      { name: 'pollSkipped', ...REF, reason: 'running' },
    ],
    [
      `flexbridge_records_rejected_total{reason="no-id",${SOURCE}}`,
      1,
      { name: 'recordRejected', ...REF, id: null, reason: 'the alert has no id' },
    ],
    [
      `flexbridge_records_rejected_total{reason="other",${SOURCE}}`,
      1,
      { name: 'recordRejected', ...REF, id: 'da1', reason: 'the word da1 is not known' },
    ],
    [
      'flexbridge_token_renewals_total{result="acquired",tenant="contoso"}',
      1,
      { name: 'tokenAcquired', tenant: 'contoso', expiresInMs: 1 },
    ],
    [
      'flexbridge_token_renewals_total{result="kept",tenant="contoso"}',
      1,
      { name: 'tokenKept', tenant: 'contoso', error: failure('transient'), expiresInMs: 1 },
    ],
    [`flexbridge_pages_sent_total{${DELIVERY},sending="first"}`, 1, { name: 'pageSent', ...SENT, tries: 1 }],
    [`flexbridge_pages_sent_total{${DELIVERY},sending="repeat"}`, 1, { name: 'pageSent', ...SENT, tries: 2 }],
    [
      `flexbridge_pages_acknowledged_total{${DELIVERY},rule="confirmed"}`,
      1,
      { name: 'pageAcknowledged', feed: 'default', connector: 'arcsight-01', by: 'confirmed', to: 3 },
    ],
    [
      `flexbridge_tries_broken_total{${DELIVERY}}`,
      1,
      { name: 'tryBroken', feed: 'default', connector: 'arcsight-01', reason: 'read ECONNRESET' },
    ],
    [
      'flexbridge_feed_requests_total{feed="default",status="2xx"}',
      1,
      { name: 'feedRequest', feed: 'default', status: 200, durationMs: 3 },
    ],
    [
      'flexbridge_feed_requests_total{feed="(none)",status="4xx"}',
      1,
      { name: 'feedRequest', feed: null, status: 404, durationMs: 3 },
    ],
    ['flexbridge_login_failures_total', 1, { name: 'loginFailed', login: 'x', address: '192.0.2.7' }],
    [
      'flexbridge_request_failures_total{kind="bug"}',
      1,
      { name: 'requestFailed', requestId: 'r', error: failure('bug') },
    ],
  ];

  it.each(counted)('count %s', async (series, value, event) => {
    const before = await read();
    expect(before.get(series)).toBe(0);
    metrics.count(event);
    const after = await read();
    expect(after.get(series)).toBe(value);
    expect([...after.keys()].filter((name) => !before.has(name))).toEqual([]);
  });

  it('count what became of the alerts of a poll', async () => {
    metrics.count({ name: 'pollFinished', ...REF, ...COUNTS, durationMs: 1 });
    metrics.count({ name: 'pollFinished', ...REF, ...COUNTS, durationMs: 1 });
    const samples = await read();
    const outcome = (name: string) => samples.get(`flexbridge_alerts_total{outcome="${name}",${SOURCE}}`);
    expect([outcome('new'), outcome('changed'), outcome('duplicate'), outcome('stale')]).toEqual([10, 4, 6, 2]);
    expect(samples.get(`flexbridge_alerts_fetched_total{${SOURCE}}`)).toBe(24);
    expect(samples.get(`flexbridge_events_total{${SOURCE}}`)).toBe(18);
    expect(samples.get(`flexbridge_values_cut_total{${SOURCE}}`)).toBe(8);
  });

  it('put the delay of every new alert into its bucket, and clocks that disagree into the first', async () => {
    metrics.count({ name: 'alertsArrived', ...REF, delaysMs: [-4_000, 20_000, 3_600_000, 90_000_000] });
    const samples = await read();
    const upTo = (le: string) => samples.get(`flexbridge_alert_arrival_delay_seconds_bucket{le="${le}",${SOURCE}}`);
    expect([upTo('15'), upTo('30'), upTo('3600'), upTo('86400'), upTo('+Inf')]).toEqual([1, 2, 3, 3, 4]);
    expect(samples.get(`flexbridge_alert_arrival_delay_seconds_sum{${SOURCE}}`)).toBe(93_620);
  });

  it('show what is observed at the scrape, times as the moment in seconds', async () => {
    const samples = await read();
    expect(Object.fromEntries([...samples].filter(([series]) => isGauge(series)))).toEqual({
      'flexbridge_build_info{node="v20.19.0",version="1.2.3"}': 1,
      ...findingRows({
        ok: ['certificate', 'config', 'connector.poll', 'connector.time', 'feed', 'source.poll', 'store', 'token'],
      }),
      [`flexbridge_source_last_try_timestamp_seconds{${SOURCE}}`]: NOW / 1000,
      [`flexbridge_source_last_success_timestamp_seconds{${SOURCE}}`]: NOW / 1000 - 60,
      'flexbridge_feed_position{feed="default"}': 42,
      'flexbridge_feed_last_event_timestamp_seconds{feed="default"}': NOW / 1000 - 2.5,
      [`flexbridge_connector_last_poll_timestamp_seconds{${DELIVERY}}`]: NOW / 1000 - 5,
      [`flexbridge_connector_acknowledged_position{${DELIVERY}}`]: 30,
      [`flexbridge_connector_backlog_events{${DELIVERY}}`]: 12,
      flexbridge_store_bytes: 4096,
      flexbridge_store_alerts: 7,
      flexbridge_store_detections: 11,
      flexbridge_certificate_expiry_timestamp_seconds: NOW / 1000 + 90 * 86_400,
    });
  });

  it('show 0 for never, and no backlog for a connector that never asked', async () => {
    seen = observations({
      sources: [{ ...ANY_SOURCE, status: null }],
      feeds: [{ name: 'default', stats: { lastSeq: 0, lastStoredMs: null } }],
      connectors: [{ name: 'arcsight-01', feed: 'default', position: null }],
      certificate: null,
    });
    const samples = await read();
    expect(samples.get(`flexbridge_source_last_success_timestamp_seconds{${SOURCE}}`)).toBe(0);
    expect(samples.get('flexbridge_feed_last_event_timestamp_seconds{feed="default"}')).toBe(0);
    expect(samples.get(`flexbridge_connector_last_poll_timestamp_seconds{${DELIVERY}}`)).toBe(0);
    expect(samples.has(`flexbridge_connector_backlog_events{${DELIVERY}}`)).toBe(false);
    expect(samples.has('flexbridge_certificate_expiry_timestamp_seconds')).toBe(false);
  });

  it('leave out what a store that cannot be read would say, and say that it failed', async () => {
    await read();
    seen = observations({
      store: { kind: 'failed', meaning: 'disk', remedy: 'replace it' },
      sources: [],
      feeds: [],
      connectors: [],
    });
    metrics.count({ name: 'loginFailed', login: 'x', address: '192.0.2.7' });
    const samples = await read();
    expect([...samples.keys()].filter((series) => /_(source_last|feed_|connector_|store_)/.test(series))).toEqual([
      'flexbridge_feed_requests_total{feed="default",status="2xx"}',
      'flexbridge_feed_requests_total{feed="default",status="4xx"}',
      'flexbridge_feed_requests_total{feed="default",status="5xx"}',
      'flexbridge_feed_requests_total{feed="(none)",status="2xx"}',
      'flexbridge_feed_requests_total{feed="(none)",status="4xx"}',
      'flexbridge_feed_requests_total{feed="(none)",status="5xx"}',
    ]);
    expect(samples.get('flexbridge_findings{id="store",state="failed"}')).toBe(1);
    expect(samples.has('flexbridge_findings{id="feed",state="ok"}')).toBe(false);
    expect(samples.get('flexbridge_login_failures_total')).toBe(1);
  });

  it('have those of the process under their usual names, the event loop among them', async () => {
    const names = new Set([...(await read()).keys()].map((series) => series.replace(/\{.*/, '')));
    expect([...names]).toEqual(
      expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds']),
    );
    const documented = [...doc().matchAll(/`((?:process|nodejs)_\w+)`/g)].map(([, name]) => name ?? '');
    const typed = new Set((await metrics.render()).split('\n').map((line) => /^# TYPE (\S+)/.exec(line)?.[1]));
    expect(documented.filter((name) => !typed.has(name))).toEqual([]);
    expect(documented.length).toBeGreaterThan(5);
  });

  it('count apart for each bridge', async () => {
    const other = createMetrics({
      version: '1.2.3',
      nodeVersion: 'v20.19.0',
      expected: EXPECTED,
      observe: () => Promise.resolve(seen),
    });
    other.count({ name: 'loginFailed', login: 'x', address: '192.0.2.7' });
    expect((await read()).get('flexbridge_login_failures_total')).toBe(0);
  });

  it('are the ones of docs/metrics.md, with the same type, labels and meaning', async () => {
    const text = await metrics.render();
    const types = new Map(
      [...text.matchAll(/^# TYPE (flexbridge_\S+) (\w+)$/gm)].map(([, name, type]) => [name, type]),
    );
    const help = new Map(
      [...text.matchAll(/^# HELP (flexbridge_\S+) (.*)$/gm)].map(([, name, words]) => [name, words]),
    );
    const labels = new Map(ROWS.map((row) => [row.name, row.labels]));
    const rows = [...types].map(
      ([name = '', type = '']) =>
        `| \`${name}\` | ${type} | ${(labels.get(name) ?? ['?']).map((label) => `\`${label}\``).join(' ')} | ${help.get(name) ?? ''} |`,
    );
    const documented = doc()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect([...documented].sort()).toEqual(rows.sort());
    expect(rows).toHaveLength(ROWS.length);
  });

  it('are what the alert rules of docs/metrics.md ask for', async () => {
    const names = new Set(ROWS.map(({ name }) => name));
    const rules = doc().slice(doc().indexOf('groups:'));
    const used = [...rules.matchAll(/flexbridge_\w+/g)].map(([name]) => name);
    expect(used.filter((name) => !names.has(name))).toEqual([]);
    expect(used.length).toBeGreaterThan(7);
    expect((await read()).size).toBeGreaterThan(0);
  });
});

describe('the class of a rejection', () => {
  it('is known for every reason that the normaliser gives', () => {
    const id = 'da1';
    const lastUpdateDateTime = '2026-03-01T12:00:00Z';
    const bad: readonly unknown[] = [
      7,
      {},
      { id },
      { id, lastUpdateDateTime, evidence: 'x' },
      { id, lastUpdateDateTime, evidence: [null, 3] },
    ];
    const classes = normaliseAlerts(bad).rejected.map(({ reason }) => rejectionClass(reason));
    expect(classes).toEqual([
      'not-an-object',
      'no-id',
      'no-update-time',
      'evidence-not-a-list',
      'evidence-not-an-object',
      'evidence-not-an-object',
    ]);
  });

  it('is other for words that nobody classified', () => {
    expect(rejectionClass('the word xyz is not known')).toBe('other');
  });
});

const ROWS: readonly MetricRow[] = [...Object.values(COUNTERS), ...Object.values(HISTOGRAMS), ...Object.values(GAUGES)];

function isGauge(series: string): boolean {
  return Object.values(GAUGES).some(({ name }) => series.replace(/\{.*/, '') === name);
}

function findingRows({ ok }: { readonly ok: readonly string[] }): object {
  return Object.fromEntries(
    ok.flatMap((id) =>
      ['ok', 'warning', 'failed'].map((state) => [
        `flexbridge_findings{id="${id}",state="${state}"}`,
        state === 'ok' ? 1 : 0,
      ]),
    ),
  );
}

function doc(): string {
  return readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
}
