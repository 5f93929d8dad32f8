import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/http/access.ts';
import { type BridgeRig, createBridgeRig, SECRETS, TENANT } from '../support/bridge-rig.ts';
import { readSamples } from '../support/metrics-text.ts';
import { stubApp } from '../support/stub-app.ts';

const OPS = { user: 'ops', password: SECRETS.operator };
const CONNECTOR = { user: 'arcsight-01', password: SECRETS.connector };
const SOURCE = 'source="graph-alerts",tenant="contoso"';
const DELIVERY = 'connector="arcsight-01",feed="default"';

async function scrape(rig: BridgeRig): Promise<ReadonlyMap<string, number>> {
  return readSamples((await rig.ask('/metrics')).body);
}

describe('GET /metrics', () => {
  let rig: BridgeRig;

  beforeAll(async () => {
    rig = await createBridgeRig({ feed: 'page: { maxEvents: 5 }' });
    await rig.startBridge();
    await rig.seen('pollFinished');
  });
  afterAll(async () => {
    await rig.close();
  });

  it('answers in the text format of Prometheus', async () => {
    const answer = await rig.ask('/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain('\n# TYPE flexbridge_polls_total counter\n');
    expect(answer.body.endsWith('\n')).toBe(true);
  });

  it('tells what a poll of Microsoft brought', async () => {
    const samples = await scrape(rig);
    const had = rig.simulator.world.visible(TENANT, Date.now()).length;
    expect(samples.get(`flexbridge_alerts_total{outcome="new",${SOURCE}}`)).toBe(had);
    expect(samples.get(`flexbridge_alerts_fetched_total{${SOURCE}}`)).toBeGreaterThanOrEqual(had);
    expect(samples.get(`flexbridge_polls_total{result="ok",${SOURCE}}`)).toBeGreaterThanOrEqual(1);
    expect(samples.get('flexbridge_token_renewals_total{result="acquired",tenant="contoso"}')).toBe(1);
    const age = Date.now() / 1000 - (samples.get(`flexbridge_source_last_success_timestamp_seconds{${SOURCE}}`) ?? 0);
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(60);
    expect(samples.get(`flexbridge_alert_arrival_delay_seconds_count{${SOURCE}}`)).toBe(had);
    expect(samples.get('flexbridge_store_alerts')).toBe(had);
    expect(samples.get(`flexbridge_build_info{node="${process.version}",version="0.0.0-test"}`)).toBe(1);
  });

  it('tells what a connector took and what waits for it', async () => {
    await rig.poll('2026-01-01T00:00:00Z');
    await rig.poll('2026-01-01T00:00:00Z');
    const before = await scrape(rig);
    const stored = before.get('flexbridge_feed_position{feed="default"}') ?? 0;
    expect(before.get(`flexbridge_connector_backlog_events{${DELIVERY}}`)).toBe(stored);
    expect(before.get(`flexbridge_pages_sent_total{${DELIVERY},sending="first"}`)).toBe(1);
    expect(before.get(`flexbridge_pages_sent_total{${DELIVERY},sending="repeat"}`)).toBe(1);
    const page = JSON.parse((await rig.poll('2026-01-01T00:00:00Z')).body) as { FeedTime: number }[];
    await rig.poll(String(page[0]?.FeedTime));
    const after = await scrape(rig);
    expect(after.get(`flexbridge_connector_acknowledged_position{${DELIVERY}}`)).toBeGreaterThanOrEqual(5);
    expect(after.get(`flexbridge_connector_backlog_events{${DELIVERY}}`)).toBe(
      stored - (after.get(`flexbridge_connector_acknowledged_position{${DELIVERY}}`) ?? 0),
    );
    const rules = [...after].filter(([series]) => series.startsWith(`flexbridge_pages_acknowledged_total{${DELIVERY}`));
    expect(rules.reduce((sum, [, value]) => sum + value, 0)).toBe(
      rig.events.filter(({ name }) => name === 'pageAcknowledged').length,
    );
  });

  it('shows the findings that /status.json shows', async () => {
    const { findings } = JSON.parse((await rig.ask('/status.json', OPS)).body) as {
      findings: { id: string; state: string }[];
    };
    const samples = await scrape(rig);
    for (const { id, state } of findings) {
      const same = findings.filter((row) => row.id === id && row.state === state).length;
      expect(samples.get(`flexbridge_findings{id="${id}",state="${state}"}`), id).toBe(same);
    }
  });

  it('makes no label of what a request says', async () => {
    const before = await scrape(rig);
    await rig.ask('/v1/feeds/made-up/detections', CONNECTOR);
    await rig.ask('/v1/feeds/default/detections', { user: 'made-up', password: 'wrong-password-text' });
    await rig.ask('/v1/feeds/default/detections?since=made-up', CONNECTOR);
    const text = (await rig.ask('/metrics')).body;
    const after = readSamples(text);
    const rose = (series: string) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
    expect(rose('flexbridge_feed_requests_total{feed="(none)",status="4xx"}')).toBe(1);
    expect(rose('flexbridge_feed_requests_total{feed="default",status="4xx"}')).toBe(2);
    expect(rose('flexbridge_login_failures_total{by="basic"}')).toBe(1);
    for (const word of ['made-up', ...Object.values(SECRETS), TENANT]) expect(text).not.toContain(word);
    expect([...after.keys()].filter((series) => !before.has(series) && series.startsWith('flexbridge_'))).toEqual([]);
  });

  it('wants the login of an operator from a client that a proxy speaks for', async () => {
    for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      expect((await rig.ask('/metrics', { headers: { [name]: '192.0.2.7' } })).status, name).toBe(401);
    }
    const headers = { 'x-forwarded-for': '127.0.0.1' };
    expect((await rig.ask('/metrics', { headers, ...CONNECTOR })).status).toBe(403);
    expect((await rig.ask('/metrics', { headers, ...OPS })).status).toBe(200);
  });
});

describe('GET /metrics by the address of the client', () => {
  const ask = async (remoteAddress: string, caller: Caller | null): Promise<number> => {
    const metrics = { contentType: 'text/plain', render: () => Promise.resolve('up 1\n') };
    const app = await stubApp(caller, { metrics });
    const { statusCode } = await app.inject({ url: '/metrics', remoteAddress });
    await app.close();
    return statusCode;
  };

  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('needs no login from %s', async (address) => {
    expect(await ask(address, null)).toBe(200);
  });

  it.each(['192.0.2.7', '10.127.0.1', '::ffff:192.0.2.7', '2001:db8::1'])(
    'needs the login of an operator from %s',
    async (address) => {
      expect(await ask(address, null)).toBe(401);
      expect(
        await ask(address, { kind: 'connector', name: 'arcsight-01', feeds: new Set(['default']), by: 'basic' }),
      ).toBe(403);
      expect(await ask(address, { kind: 'operator', name: 'ops', by: 'basic' })).toBe(200);
    },
  );
});

describe('the metrics of a bridge that Microsoft refuses', () => {
  it('count the poll by the kind of its failure', async () => {
    const rig = await createBridgeRig({ clientSecret: 'not-the-secret' });
    try {
      await rig.startBridge();
      await rig.seen('pollFailed');
      const samples = await scrape(rig);
      expect(samples.get(`flexbridge_polls_total{result="operator",${SOURCE}}`)).toBe(1);
      expect(samples.get(`flexbridge_polls_total{result="ok",${SOURCE}}`)).toBe(0);
      expect(samples.get(`flexbridge_source_last_success_timestamp_seconds{${SOURCE}}`)).toBe(0);
    } finally {
      await rig.close();
    }
  });
});

describe('the metrics after a restart', () => {
  it('count from 0, and know where every connector stands', async () => {
    const rig = await createBridgeRig({ feed: 'page: { maxEvents: 5 }' });
    try {
      await rig.startBridge();
      await rig.seen('pollFinished');
      const page = JSON.parse((await rig.poll()).body) as { FeedTime: number }[];
      await rig.poll(String(page[0]?.FeedTime));
      await rig.stopBridge();
      await rig.startBridge();
      const samples = await scrape(rig);
      expect(samples.get(`flexbridge_connector_acknowledged_position{${DELIVERY}}`)).toBe(5);
      expect(samples.get(`flexbridge_pages_sent_total{${DELIVERY},sending="first"}`)).toBe(0);
    } finally {
      await rig.close();
    }
  });
});
