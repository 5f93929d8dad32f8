import { beforeEach, describe, expect, it } from 'vitest';
import { GAUGES } from '../../../src/telemetry/gauge-table.ts';
import type { Metrics } from '../../../src/telemetry/metrics.ts';
import type { Observations } from '../../../src/telemetry/observations.ts';
import { readSamples } from '../../support/metrics-text.ts';
import {
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
      [`flexbridge_source_watermark_timestamp_seconds{${SOURCE}}`]: NOW / 1000 - 30,
      [`flexbridge_source_quarantine_entries{${SOURCE}}`]: 0,
      'flexbridge_credential_expiry_timestamp_seconds{credential="client secret",tenant="contoso"}':
        NOW / 1000 + 60 * 86_400,
      'flexbridge_feed_position{feed="default"}': 42,
      'flexbridge_feed_last_event_timestamp_seconds{feed="default"}': NOW / 1000 - 2.5,
      [`flexbridge_connector_last_poll_timestamp_seconds{${DELIVERY}}`]: NOW / 1000 - 5,
      [`flexbridge_connector_last_delivery_timestamp_seconds{${DELIVERY}}`]: NOW / 1000 - 35,
      [`flexbridge_connector_acknowledged_position{${DELIVERY}}`]: 30,
      [`flexbridge_connector_backlog_events{${DELIVERY}}`]: 12,
      [`flexbridge_connector_oldest_waiting_timestamp_seconds{${DELIVERY}}`]: NOW / 1000 - 20,
      [`flexbridge_connector_held_events{${DELIVERY}}`]: 0,
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
      [...samples.keys()].filter((series) =>
        /_(source_last|source_w|source_q|feed_|connector_|store_|positions_)/.test(series),
      ),
    ).toEqual([
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
