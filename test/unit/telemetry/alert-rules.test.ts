import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { knownSeries, namedSeries, resultLabels, unknownParts } from '../../support/metric-names.ts';
import { someMetrics } from './metrics-builder.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface RuleTest {
  readonly name: string;
  readonly input_series: readonly { readonly series: string }[];
  readonly promql_expr_test?: readonly { readonly exp_samples: readonly { readonly labels: string }[] }[];
}

const ROOT = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const { groups } = parse(read('docs/prometheus/flexbridge.rules.yml')) as {
  groups: readonly { rules: readonly Rule[] }[];
};
const { tests } = parse(read('docs/prometheus/flexbridge.rules.test.yml')) as { tests: readonly RuleTest[] };
const RULES = groups.flatMap(({ rules }) => rules);

describe('docs/prometheus/flexbridge.rules.yml', () => {
  let known: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    known = knownSeries(await someMetrics().render());
  });

  it('asks for metrics and labels that the bridge has, and for no others', () => {
    for (const { alert, expr } of RULES) expect(unknownParts(expr, known), alert).toEqual([]);
    expect(RULES.length).toBeGreaterThan(25);
  });

  it('would be found to ask for a metric or a label that is gone', () => {
    expect(unknownParts('sum by (made) (flexbridge_findings{state="x", maker="y"}) > flexbridge_gone', known)).toEqual([
      'flexbridge_gone',
      'flexbridge_findings{maker}',
      'made',
    ]);
  });

  it('names in its words only labels that the alert has', () => {
    for (const { alert, expr, annotations } of RULES) {
      const words = `${annotations.summary} ${annotations.description}`;
      const used = [...words.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
      const labels = resultLabels(expr, known);
      expect(
        used.filter((label) => !labels.includes(label)),
        alert,
      ).toEqual([]);
      expect(used.length, alert).toBeGreaterThan(0);
    }
  });

  it('says of each alert how bad it is, what it means and what to do, on pages that exist', () => {
    for (const { alert, labels, annotations } of RULES) {
      expect(alert).toMatch(/^FlexBridge[A-Z]/);
      expect(['critical', 'warning', 'info'], alert).toContain(labels.severity);
      expect(annotations.description.length, alert).toBeGreaterThan(60);
      expect(annotations.description, alert).toMatch(/docs\/[\w-]+\.md|flexbridge [a-z-]+|the log /i);
      for (const [page] of annotations.description.matchAll(/docs\/[\w-]+\.md/g))
        expect(existsSync(new URL(page, ROOT)), `${alert}: ${page}`).toBe(true);
    }
  });

  it('quotes only headings and findings of docs/troubleshooting.md that are there', () => {
    const page = read('docs/troubleshooting.md');
    for (const { alert, annotations } of RULES) {
      const [quoted = ''] = /docs\/troubleshooting\.md,[^)]*/.exec(annotations.description) ?? [];
      for (const [, heading = ''] of quoted.matchAll(/"([^"]+)"/g))
        expect(page, `${alert}: ${heading}`).toMatch(new RegExp(`^#+ ${heading}`, 'm'));
      for (const [, id = ''] of quoted.matchAll(/, ([a-z]+\.[a-z-]+|[A-Z]+_[A-Z_]+|certificate)\b/g))
        expect(page, `${alert}: ${id}`).toContain(`\`${id}\``);
    }
  });

  it('is proved to fire with each severity by its own tests, and to be silent about a bridge that is well', () => {
    const fired = tests.flatMap(({ promql_expr_test: moments = [] }) =>
      moments.flatMap(({ exp_samples: samples }) => samples.map(({ labels }) => labels)),
    );
    const wanted = RULES.map(({ alert, labels }) => `{alertname="${alert}", severity="${labels.severity}"}`);
    expect([...new Set(fired)].sort()).toEqual([...new Set(wanted)].sort());
    const [well] = tests;
    expect(well?.promql_expr_test?.flatMap(({ exp_samples: samples }) => samples)).toEqual([]);
    const healthy = new Set(well?.input_series.map(({ series }) => series.replace(/\{.*/, '')));
    const asked = RULES.flatMap(({ expr }) => namedSeries(expr).map(({ name }) => name));
    expect(asked.filter((name) => !healthy.has(name))).toEqual([]);
  });

  it('is the list of alerts of docs/monitoring.md', () => {
    const listed = [...read('docs/monitoring.md').matchAll(/`(FlexBridge[A-Z]\w+)`/g)].map(([, alert]) => alert);
    expect([...new Set(listed)].sort()).toEqual([...new Set(RULES.map(({ alert }) => alert))].sort());
  });

  it('has a rule for every way in which the chain can break', () => {
    const alerts = new Set(RULES.map(({ alert }) => alert.replace('FlexBridge', '')));
    for (const alert of [
      ...['Down', 'Restarts', 'FindingFailed', 'SourceSilent', 'SourceBehind', 'ArrivalDelay', 'ConnectorSilent'],
      ...['ConnectorNotDelivering', 'EventPassedOver', 'UndeliveredPruned', 'StoreUnwritable', 'DiskSpace'],
      ...['CertificateExpires', 'CredentialExpires', 'LoginFailures', 'HeartbeatMissing'],
    ])
      expect([...alerts]).toContain(alert);
  });
});
