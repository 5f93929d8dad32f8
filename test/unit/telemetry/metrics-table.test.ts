import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GAUGES } from '../../../src/telemetry/gauge-table.ts';
import type { MetricRow } from '../../../src/telemetry/metric-row.ts';
import { COUNTERS, HISTOGRAMS } from '../../../src/telemetry/metrics-table.ts';
import { readSamples } from '../../support/metrics-text.ts';
import { someMetrics } from './metrics-builder.ts';

describe('the metrics and docs/metrics.md', () => {
  const metrics = someMetrics();
  const read = async () => readSamples(await metrics.render());

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
});

const ROWS: readonly MetricRow[] = [...Object.values(COUNTERS), ...Object.values(HISTOGRAMS), ...Object.values(GAUGES)];

function doc(): string {
  return readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
}
