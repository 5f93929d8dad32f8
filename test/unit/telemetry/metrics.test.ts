import { beforeEach, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError, type ErrorKind } from '../../../src/domain/errors.ts';
import type { Metrics } from '../../../src/telemetry/metrics.ts';
import { COUNTERS, HISTOGRAMS } from '../../../src/telemetry/metrics-table.ts';
import { readSamples } from '../../support/metrics-text.ts';
import { ANY_CONNECTOR, ANY_SOURCE, DELIVERY, observations, SOURCE, someMetrics } from './metrics-builder.ts';

const REF = { tenant: 'contoso', source: 'graph-alerts' };
const SENT = { feed: 'default', connector: 'arcsight-01', events: 3, from: 1, to: 3 };
const COUNTS = { pages: 1, fetched: 12, fresh: 5, changed: 2, duplicate: 3, stale: 1, rejected: 1, events: 9, cut: 4 };
function failure(kind: ErrorKind, retryAfterMs?: number): BridgeError {
  return new BridgeError({ code: 'X', kind, message: 'm', hint: 'h', ...(retryAfterMs && { retryAfterMs }) });
}

describe('the metrics', () => {
  let metrics: Metrics;
  const read = async () => readSamples(await metrics.render());

  beforeEach(() => {
    metrics = someMetrics();
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
      { name: 'recordSetAside', ...REF, id: null, code: 'no-id', reason: 'the alert has no id', stretch: null },
    ],
    [`flexbridge_records_settled_total{${SOURCE}}`, 2, { name: 'setAsideSettled', ...REF, entries: 2 }],
    [
      `flexbridge_rescan_alerts_total{outcome="changed",${SOURCE}}`,
      3,
      { name: 'rescanFinished', ...REF, fresh: 1, changed: 3 },
    ],
    [
      `flexbridge_narrowings_total{${SOURCE}}`,
      1,
      { name: 'narrowing', ...REF, from: 'a', to: 'b', error: failure('upstream') },
    ],
    ['flexbridge_events_filtered_total{feed="default"}', 4, { name: 'eventsFiltered', feed: 'default', events: 4 }],
    [
      'flexbridge_gated_seconds_total{reason="limit",tenant="contoso"}',
      2.5,
      { name: 'hostGated', tenant: 'contoso', host: 'graph.microsoft.com', waitMs: 2500, reason: 'limit' },
    ],
    [
      'flexbridge_credential_switches_total{tenant="contoso"}',
      1,
      { name: 'credentialSwitched', tenant: 'contoso', reason: 'expired' },
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
      { name: 'pageAcknowledged', feed: 'default', connector: 'arcsight-01', by: 'confirmed', to: 3, events: 3 },
    ],
    [
      `flexbridge_tries_broken_total{${DELIVERY}}`,
      1,
      { name: 'tryBroken', feed: 'default', connector: 'arcsight-01', reason: 'read ECONNRESET' },
    ],
    [
      `flexbridge_events_passed_over_total{${DELIVERY}}`,
      1,
      { name: 'eventPassedOver', feed: 'default', connector: 'arcsight-01', seq: 7, tries: 6 },
    ],
    [
      `flexbridge_cursor_events_total{${DELIVERY}}`,
      3,
      { name: 'eventsRead', feed: 'default', reader: 'arcsight-01', events: 3 },
    ],
    ['flexbridge_events_renewed_total{feed="default"}', 12, { name: 'feedRenewed', feed: 'default', events: 12 }],
    [
      'flexbridge_events_replayed_total{feed="default"}',
      40,
      { name: 'replayFinished', command: 1, feed: 'default', events: 40 },
    ],
    [
      'flexbridge_notices_total{feed="default",kind="heartbeat"}',
      1,
      { name: 'noticeStored', feed: 'default', kind: 'heartbeat', seq: 8 },
    ],
    ['flexbridge_command_failures_total', 1, { name: 'commandFailed', command: 1, error: failure('operator') }],
    [
      'flexbridge_pruned_rows_total{rows="records"}',
      4,
      { name: 'pruned', events: 5, records: 4, alerts: 1, undelivered: 2 },
    ],
    [
      'flexbridge_pruned_undelivered_events_total',
      2,
      { name: 'pruned', events: 5, records: 4, alerts: 1, undelivered: 2 },
    ],
    ['flexbridge_upkeep_failures_total', 1, { name: 'upkeepFailed', error: failure('transient') }],
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
    [
      `flexbridge_pages_read_total{${SOURCE}}`,
      1,
      { name: 'pollFailed', ...REF, error: failure('upstream'), attempt: 1, stored: COUNTS },
    ],
    [`flexbridge_rescans_total{result="ok",${SOURCE}}`, 1, { name: 'rescanFinished', ...REF, fresh: 0, changed: 0 }],
    [
      `flexbridge_rescans_total{result="transient",${SOURCE}}`,
      1,
      { name: 'rescanFailed', ...REF, error: failure('transient'), attempt: 2 },
    ],
    [`flexbridge_catch_ups_total{${SOURCE}}`, 1, { name: 'caughtUp', ...REF, durationMs: 90_500 }],
    [`flexbridge_catch_up_seconds_total{${SOURCE}}`, 90.5, { name: 'caughtUp', ...REF, durationMs: 90_500 }],
    [
      'flexbridge_token_problems_total{code="role",tenant="contoso"}',
      1,
      { name: 'tokenProblem', tenant: 'contoso', scope: 's', code: 'role', meaning: 'm' },
    ],
    [`flexbridge_events_sent_total{${DELIVERY},sending="repeat"}`, 3, { name: 'pageSent', ...SENT, tries: 2 }],
    [
      `flexbridge_shared_logins_total{${DELIVERY}}`,
      1,
      { name: 'twoParties', feed: 'default', connector: 'arcsight-01', addresses: ['192.0.2.7', '192.0.2.8'] },
    ],
    ['flexbridge_store_outages_total', 1, { name: 'storeUnwritable', error: failure('operator') }],
    ['flexbridge_store_outage_seconds_total', 61, { name: 'storeWritable', durationMs: 61_000 }],
    [
      'flexbridge_audit_entries_total{action="token-refused"}',
      1,
      { name: 'audited', who: 'x', action: 'token-refused', details: {} },
    ],
    [
      'flexbridge_audit_entries_total{action="other"}',
      1,
      { name: 'audited', who: 'x', action: 'made up by somebody', details: {} },
    ],
    ['flexbridge_audit_file_outages_total', 1, { name: 'auditFileFailed', error: failure('operator') }],
    [
      `flexbridge_events_delivered_total{${DELIVERY}}`,
      7,
      { name: 'pageAcknowledged', feed: 'default', connector: 'arcsight-01', by: 'progress', to: 9, events: 7 },
    ],
    ['flexbridge_audit_failures_total', 1, { name: 'auditFailed', action: 'sign-in', error: failure('transient') }],
    [
      'flexbridge_feed_request_duration_seconds_bucket{feed="default",le="0.005"}',
      1,
      { name: 'feedRequest', feed: 'default', status: 200, durationMs: 3 },
    ],
    [
      'flexbridge_login_failures_total{by="bearer"}',
      1,
      { name: 'loginFailed', login: 'x', address: '192.0.2.7', by: 'bearer' },
    ],
    [
      'flexbridge_login_failures_total{by="basic"}',
      1,
      { name: 'loginFailed', login: 'x', address: '192.0.2.7', by: 'basic' },
    ],
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

  it('start at 0 for a login that was created while the bridge runs, once it is seen', async () => {
    const late = { ...ANY_CONNECTOR, name: 'arcsight-02', position: null, waiting: null };
    const grown = someMetrics(() => observations({ connectors: [ANY_CONNECTOR, late] }));
    const samples = readSamples(await grown.render());
    expect(samples.get('flexbridge_pages_sent_total{connector="arcsight-02",feed="default",sending="first"}')).toBe(0);
    grown.count({ name: 'tryBroken', feed: 'default', connector: 'arcsight-02', reason: 'x' });
    const again = readSamples(await grown.render());
    expect(again.get('flexbridge_tries_broken_total{connector="arcsight-02",feed="default"}')).toBe(1);
  });

  it('keep what was counted of a source before the first scrape that sees it', async () => {
    const added = { ...ANY_SOURCE, tenantName: 'fabrikam', status: null, watermark: null, quarantine: null };
    const grown = someMetrics(() => observations({ sources: [added] }));
    const ref = { tenant: 'fabrikam', source: 'graph-alerts' };
    grown.count({ name: 'alertsArrived', ...ref, delaysMs: [1000] });
    const samples = readSamples(await grown.render());
    const series = 'source="graph-alerts",tenant="fabrikam"';
    expect(samples.get(`flexbridge_alert_arrival_delay_seconds_count{${series}}`)).toBe(1);
    expect(samples.get(`flexbridge_polls_total{result="ok",${series}}`)).toBe(0);
  });

  it('count apart for each bridge', async () => {
    const other = someMetrics();
    other.count({ name: 'loginFailed', login: 'x', address: '192.0.2.7', by: 'basic' });
    expect((await read()).get('flexbridge_login_failures_total{by="basic"}')).toBe(0);
  });
});
