import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type BridgeRig, createBridgeRig } from '../support/bridge-rig.ts';
import { dashboardQueries, readDashboard } from '../support/dashboard.ts';
import { reportNotRun } from '../support/java.ts';
import { findPromtool, runPromtool } from '../support/promtool.ts';

const FOLDER = fileURLToPath(new URL('../../docs/prometheus', import.meta.url));
const found = findPromtool();

if (found.kind === 'missing') reportNotRun("the checks by Prometheus' promtool", found.reason);
else suite();

function suite(): void {
  describe('promtool', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flexbridge-promtool-'));
    let rig: BridgeRig;

    beforeAll(async () => {
      rig = await createBridgeRig({ feed: 'heartbeat: 60s' });
      await rig.startBridge();
      await rig.seen('pollFinished');
      await rig.poll('2026-01-01T00:00:00Z');
    });
    afterAll(async () => {
      await rig.close();
      rmSync(folder, { recursive: true });
    });

    it('takes the alert rules', () => {
      const { status, text } = runPromtool(['check', 'rules', join(FOLDER, 'flexbridge.rules.yml')]);
      expect(text).toMatch(/SUCCESS: \d\d rules found/);
      expect(status).toBe(0);
    });

    it('sees each of them fire where it should, and nowhere else', () => {
      const { status, text } = runPromtool(['test', 'rules', join(FOLDER, 'flexbridge.rules.test.yml')]);
      expect(text).toContain('SUCCESS');
      expect(status).toBe(0);
    });

    it('has nothing to say against the metrics of a running bridge', async () => {
      const { body } = await rig.ask('/metrics');
      expect(runPromtool(['check', 'metrics'], body)).toEqual({ status: 0, text: '' });
      expect(body).toContain('flexbridge_connector_time{');
    });

    it('takes every query of the dashboard', () => {
      const rules = dashboardQueries(readDashboard()).map(({ expr }, at) => ({
        record: `query:${at}`,
        expr: expr.replaceAll('$__rate_interval', '5m'),
      }));
      const file = join(folder, 'queries.yml');
      writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
      const { status, text } = runPromtool(['check', 'rules', file]);
      expect(text).toContain(`SUCCESS: ${rules.length} rules found`);
      expect(status).toBe(0);
    });

    it('takes the example of a configuration with the files that it names', () => {
      const example = readFileSync(join(FOLDER, 'scrape.yml'), 'utf8');
      writeFileSync(join(folder, 'flexbridge-ca.pem'), readFileSync(join(rig.folder, 'data', 'tls', 'ca.pem')));
      writeFileSync(join(folder, 'flexbridge-password'), 'x');
      const adapted = example
        .replace('/etc/prometheus/rules/', `${FOLDER}/`)
        .replaceAll('/etc/prometheus/', `${folder}/`);
      writeFileSync(join(folder, 'prometheus.yml'), adapted);
      const { status, text } = runPromtool(['check', 'config', join(folder, 'prometheus.yml')]);
      expect(text).toContain('SUCCESS');
      expect(status).toBe(0);
      const { scrape_configs: jobs } = parse(example) as { scrape_configs: readonly { job_name: string }[] };
      expect(jobs.map(({ job_name: name }) => name)).toEqual(['flexbridge']);
    });
  });
}

describe('looking for promtool', () => {
  it('says why the checks are left out where there is none', () => {
    expect(findPromtool('/nowhere')).toEqual({ kind: 'missing', reason: 'there is no promtool on the path' });
  });
});
