import { beforeEach, describe, expect, it } from 'vitest';
import { NEVER_POLLED } from '../../../src/store/detection-store.ts';
import { GAUGES } from '../../../src/telemetry/gauge-table.ts';
import type { Metrics } from '../../../src/telemetry/metrics.ts';
import type { Observations } from '../../../src/telemetry/observations.ts';
import { aPosition } from '../../contract/detection-store.ts';
import { instant } from '../../support/alerts.ts';
import { readSamples } from '../../support/metrics-text.ts';
import {
  ALARMS,
  ANY_CONNECTOR,
  ANY_FEED,
  ANY_SOURCE,
  DELIVERY,
  NOW,
  observations,
  SOURCE,
  someMetrics,
} from './metrics-builder.ts';

describe('the gauges', () => {
  let seen: Observations;
  let metrics: Metrics;
  const read = async () => readSamples(await metrics.render());

  beforeEach(() => {
    seen = observations();
    metrics = someMetrics(() => seen);
  });

  it('show what is observed at the scrape, times as the moment in seconds', async () => {
    const samples = await read();
    expect(Object.fromEntries([...samples].filter(([series]) => isGauge(series)))).toEqual({
      'flexbridge_build_info{node="v20.19.0",version="1.2.3"}': 1,
      flexbridge_config_loaded_timestamp_seconds: NOW / 1000,
      ...findingRows({
        ok: [
          'certificate',
          'config',
          'connector.delivery',
          'connector.poll',
          'credential.expiry',
          'connector.time',
          'feed',
          'source.poll',
          'store',
          'store.retention',
          'store.space',
          'store.writable',
          'token',
        ],
      }),
      [`flexbridge_source_last_try_timestamp_seconds{${SOURCE}}`]: NOW / 1000,
      [`flexbridge_source_last_success_timestamp_seconds{${SOURCE}}`]: NOW / 1000 - 60,
      [`flexbridge_source_silent_after_seconds{${SOURCE}}`]: 900,
      [`flexbridge_source_state{source="graph-alerts",state="running",tenant="contoso"}`]: 1,
      [`flexbridge_source_failed_polls{${SOURCE}}`]: 0,
      [`flexbridge_source_watermark_timestamp_seconds{${SOURCE}}`]: NOW / 1000 - 30,
      [`flexbridge_source_catch_up_ratio{${SOURCE}}`]: 1,
      [`flexbridge_source_failed_rescans{${SOURCE}}`]: 0,
      [`flexbridge_source_quarantine_entries{${SOURCE}}`]: 0,
      'flexbridge_credential_expiry_timestamp_seconds{credential="client secret",tenant="contoso"}':
        NOW / 1000 + 60 * 86_400,
      'flexbridge_feed_position{feed="default"}': 42,
      'flexbridge_feed_last_event_timestamp_seconds{feed="default"}': NOW / 1000 - 2.5,
      [`flexbridge_connector_last_poll_timestamp_seconds{${DELIVERY}}`]: NOW / 1000 - 5,
      [`flexbridge_connector_last_delivery_timestamp_seconds{${DELIVERY}}`]: NOW / 1000 - 35,
      [`flexbridge_connector_acknowledged_position{${DELIVERY}}`]: 30,
      [`flexbridge_connector_backlog_events{${DELIVERY}}`]: 12,
      [`flexbridge_connector_backlog_exact{${DELIVERY}}`]: 1,
      [`flexbridge_connector_page_sendings{${DELIVERY}}`]: 0,
      [`flexbridge_connector_time{${DELIVERY},guarantee="up-to-receipt",meaning="unknown"}`]: 1,
      [`flexbridge_connector_oldest_waiting_timestamp_seconds{${DELIVERY}}`]: NOW / 1000 - 20,
      [`flexbridge_connector_held_events{${DELIVERY}}`]: 0,
      'flexbridge_alarm_seconds{alarm="connectorSilent"}': 300,
      'flexbridge_alarm_seconds{alarm="connectorFailed"}': 900,
      'flexbridge_alarm_seconds{alarm="undelivered"}': 3600,
      flexbridge_alarm_free_space_bytes: 1e9,
      flexbridge_positions_kept: 0,
      flexbridge_store_writable: 1,
      flexbridge_store_free_bytes: 5e9,
      flexbridge_store_used_bytes: 2048,
      flexbridge_store_bytes: 4096,
      flexbridge_store_alerts: 7,
      flexbridge_store_detections: 11,
      flexbridge_certificate_expiry_timestamp_seconds: NOW / 1000 + 90 * 86_400,
    });
  });

  it('show 0 for never, and no backlog for a connector that never asked', async () => {
    seen = observations({
      sources: [{ ...ANY_SOURCE, status: null, watermark: null, quarantine: null }],
      feeds: [{ ...ANY_FEED, heartbeatMs: 60_000, stats: { lastSeq: 0, lastStoredMs: null } }],
      connectors: [{ ...ANY_CONNECTOR, position: null, waiting: null }],
      certificate: null,
    });
    const samples = await read();
    expect(samples.get(`flexbridge_source_last_success_timestamp_seconds{${SOURCE}}`)).toBe(0);
    expect(samples.get('flexbridge_feed_last_event_timestamp_seconds{feed="default"}')).toBe(0);
    expect(samples.get(`flexbridge_connector_last_poll_timestamp_seconds{${DELIVERY}}`)).toBe(0);
    expect(samples.get(`flexbridge_connector_last_delivery_timestamp_seconds{${DELIVERY}}`)).toBe(0);
    expect(samples.get('flexbridge_feed_last_heartbeat_timestamp_seconds{feed="default"}')).toBe(0);
    expect(samples.has(`flexbridge_connector_backlog_events{${DELIVERY}}`)).toBe(false);
    expect(samples.has(`flexbridge_connector_oldest_waiting_timestamp_seconds{${DELIVERY}}`)).toBe(false);
    expect(samples.has('flexbridge_certificate_expiry_timestamp_seconds')).toBe(false);
  });

  it('show a store that cannot be written, positions in memory, a heartbeat, and what is held back', async () => {
    const { store, retention } = observations();
    if (store.kind !== 'read' || retention === null) throw new Error('no store');
    const unwritable = { code: 'STORE_FULL', message: 'full', hint: 'free space', sinceMs: NOW - 1 };
    const held = [{ feed: 'default', connector: 'arcsight-01', events: 3, oldestMs: 1 }];
    seen = observations({
      store: { ...store, unwritable, space: { usedBytes: 1, freeBytes: null } },
      feeds: [{ ...ANY_FEED, heartbeatMs: 60_000, lastHeartbeat: { storedMs: NOW - 30_000, taken: true } }],
      connectors: [{ ...ANY_CONNECTOR, isKept: true }],
      retention: { ...retention, held },
    });
    const samples = await read();
    expect(samples.get('flexbridge_store_writable')).toBe(0);
    expect(samples.has('flexbridge_store_free_bytes')).toBe(false);
    expect(samples.get('flexbridge_positions_kept')).toBe(1);
    expect(samples.get(`flexbridge_connector_held_events{${DELIVERY}}`)).toBe(3);
    expect(samples.get('flexbridge_feed_last_heartbeat_timestamp_seconds{feed="default"}')).toBe(NOW / 1000 - 30);
    expect(samples.get('flexbridge_feed_heartbeat_interval_seconds{feed="default"}')).toBe(60);
    expect(samples.get('flexbridge_store_unwritable_since_timestamp_seconds')).toBe((NOW - 1) / 1000);
  });

  it('show a source that fails, waits, is behind and has records set aside', async () => {
    const lastError = { code: 'X', kind: 'upstream', message: 'm', hint: 'h' };
    const rescan = { failingSinceMs: NOW - 1, failures: 3, lastError, nextTryMs: NOW + 1 };
    const status = {
      ...NEVER_POLLED,
      ...{ lastTryMs: NOW, failures: 4, failingSinceMs: NOW - 60_000, nextTryMs: NOW + 30_000, lastError, rescan },
      catchingUp: {
        from: instant('2026-02-27T00:00:00Z'),
        reached: instant('2026-02-27T12:00:00Z'),
        target: instant('2026-03-01T00:00:00Z'),
      },
    };
    const quarantine = { entries: 2, stretches: 1, oldestMs: NOW - 9_000 };
    seen = observations({ sources: [{ ...ANY_SOURCE, status, watermark: null, quarantine }] });
    const samples = await read();
    const told = (name: string) => samples.get(`flexbridge_source_${name}{${SOURCE}}`);
    expect(samples.get('flexbridge_source_state{source="graph-alerts",state="degraded",tenant="contoso"}')).toBe(1);
    expect([told('failed_polls'), told('failed_rescans')]).toEqual([4, 3]);
    expect(told('failing_since_timestamp_seconds')).toBe(NOW / 1000 - 60);
    expect(told('next_try_timestamp_seconds')).toBe(NOW / 1000 + 30);
    expect(told('catch_up_ratio')).toBe(0.25);
    expect(told('catch_up_target_timestamp_seconds')).toBe(Date.parse('2026-03-01T00:00:00Z') / 1000);
    expect([told('quarantine_entries'), told('quarantine_oldest_timestamp_seconds')]).toEqual([2, NOW / 1000 - 9]);
  });

  it('show the state of a source as one series, which moves', async () => {
    await read();
    seen = observations({ sources: [{ ...ANY_SOURCE, status: null, watermark: null, quarantine: null }] });
    const states = [...(await read()).keys()].filter((series) => series.startsWith('flexbridge_source_state'));
    expect(states).toEqual(['flexbridge_source_state{source="graph-alerts",state="starting",tenant="contoso"}']);
  });

  it('show a page that is sent again and again, a reader with a cursor, and a backlog that is not exact', async () => {
    const page = { from: 31, to: 40, events: 10, firstTryMs: NOW, sent: 6, alone: false, tries: [] };
    const position = aPosition({ page });
    const waiting = { events: 2000, isExact: false, oldestMs: NOW };
    seen = observations({ connectors: [{ ...ANY_CONNECTOR, position, waiting, cursorReadMs: NOW - 7_000 }] });
    const samples = await read();
    expect(samples.get(`flexbridge_connector_page_sendings{${DELIVERY}}`)).toBe(6);
    expect(samples.get(`flexbridge_connector_backlog_exact{${DELIVERY}}`)).toBe(0);
    expect(samples.get(`flexbridge_connector_last_cursor_read_timestamp_seconds{${DELIVERY}}`)).toBe(NOW / 1000 - 7);
  });

  it('show wrong logins by connector, and those of nobody together', async () => {
    const row = { address: '192.0.2.7', by: 'basic', firstMs: 1, lastMs: 2 } as const;
    seen = observations({
      loginFailures: [
        { ...row, connector: 'arcsight-01', failures: 3 },
        { ...row, connector: '', failures: 9 },
      ],
    });
    const samples = await read();
    expect(samples.get('flexbridge_connector_login_failures{connector="arcsight-01"}')).toBe(3);
    expect(samples.get('flexbridge_connector_login_failures{connector="(other)"}')).toBe(9);
  });

  it('show a configuration on the disk that cannot be used, and since when', async () => {
    seen = observations({ reload: { pid: 1, sinceMs: NOW - 5_000, meaning: 'm', remedy: 'r' } });
    const refused = await read();
    expect(refused.get('flexbridge_config_current')).toBe(0);
    expect(refused.get('flexbridge_config_refused_since_timestamp_seconds')).toBe(NOW / 1000 - 5);
    seen = observations({ reload: null });
    const used = await read();
    expect(used.get('flexbridge_config_current')).toBe(1);
    expect(used.has('flexbridge_config_refused_since_timestamp_seconds')).toBe(false);
  });

  it('show the limits of the configuration, and none that is off', async () => {
    const policy = { ageMs: 1, sizeBytes: 20e9, undeliveredMs: 1 };
    const alarms = { ...ALARMS, nothingDeliveredMs: 900_000, undeliveredMs: null, freeBytes: null };
    seen = observations({ alarms, retention: { policy, held: [], deleted: [] } });
    const samples = await read();
    expect(samples.get('flexbridge_alarm_seconds{alarm="nothingDelivered"}')).toBe(900);
    expect(samples.has('flexbridge_alarm_seconds{alarm="undelivered"}')).toBe(false);
    expect(samples.has('flexbridge_alarm_free_space_bytes')).toBe(false);
    expect(samples.get('flexbridge_store_size_limit_bytes')).toBe(20e9);
  });

  it('leave out the age of what waits when nothing does', async () => {
    const waiting = { events: 0, isExact: true, oldestMs: null };
    seen = observations({ connectors: [{ ...ANY_CONNECTOR, waiting }] });
    const samples = await read();
    expect(samples.get(`flexbridge_connector_backlog_events{${DELIVERY}}`)).toBe(0);
    expect(samples.has(`flexbridge_connector_oldest_waiting_timestamp_seconds{${DELIVERY}}`)).toBe(false);
  });

  it('leave out what a store that cannot be read would say, and say that it failed', async () => {
    await read();
    seen = observations({
      store: { kind: 'failed', meaning: 'disk', remedy: 'replace it' },
      sources: [],
      feeds: [],
      connectors: [],
      retention: null,
    });
    metrics.count({ name: 'loginFailed', login: 'x', address: '192.0.2.7', by: 'basic' });
    const samples = await read();
    expect(
      [...samples.keys()].filter((series) => isGauge(series)).filter((series) => !series.includes('_findings{')),
    ).toEqual([
      'flexbridge_build_info{node="v20.19.0",version="1.2.3"}',
      'flexbridge_config_loaded_timestamp_seconds',
      'flexbridge_credential_expiry_timestamp_seconds{credential="client secret",tenant="contoso"}',
      'flexbridge_alarm_seconds{alarm="connectorSilent"}',
      'flexbridge_alarm_seconds{alarm="connectorFailed"}',
      'flexbridge_alarm_seconds{alarm="undelivered"}',
      'flexbridge_alarm_free_space_bytes',
      'flexbridge_certificate_expiry_timestamp_seconds',
    ]);
    expect(samples.get('flexbridge_findings{id="store",state="failed"}')).toBe(1);
    expect(samples.has('flexbridge_findings{id="feed",state="ok"}')).toBe(false);
    expect(samples.get('flexbridge_login_failures_total{by="basic"}')).toBe(1);
  });
});

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
