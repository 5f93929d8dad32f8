import { beforeAll, describe, expect, it } from 'vitest';
import { dashboardQueries, type Panel, readDashboard } from '../../support/dashboard.ts';
import { knownSeries, resultLabels, unknownParts } from '../../support/metric-names.ts';
import { someMetrics } from './metrics-builder.ts';

const dashboard = readDashboard();
const rows = dashboard.panels.filter(({ type }) => type === 'row');
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
/** A reference of Grafana's, which fills it in. */
const CHOSEN = `$\{datasource}`;

describe('docs/grafana/flexbridge.json', () => {
  let known: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    known = knownSeries(await someMetrics().render());
  });

  it('asks for metrics and labels that the bridge has, and for no others', () => {
    const queries = dashboardQueries(dashboard);
    for (const { title, expr } of queries) expect(unknownParts(expr, known), title).toEqual([]);
    expect(queries.length).toBeGreaterThan(50);
  });

  it('writes only labels into legends that the result has', () => {
    for (const { title, expr, legend } of dashboardQueries(dashboard)) {
      const labels = resultLabels(expr, known);
      const used = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect(
        used.filter((label) => !labels.includes(label)),
        `${title}: ${legend}`,
      ).toEqual([]);
    }
  });

  it('can be imported: no id of an installation, a uid, and a schema that Grafana 10 knows', () => {
    expect(dashboard).toMatchObject({ id: null, uid: 'flexbridge', title: 'FlexBridge' });
    expect(dashboard.schemaVersion).toBeLessThanOrEqual(38);
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const known10 = ['row', 'stat', 'timeseries', 'table'];
    expect(dashboard.panels.filter(({ type }) => !known10.includes(type))).toEqual([]);
  });

  it('goes by the data source that is chosen, in every panel, query and variable', () => {
    const sources = dataSources(dashboard);
    for (const source of sources) expect(source).toEqual({ type: 'prometheus', uid: CHOSEN });
    const queries = dashboardQueries(dashboard).length + dashboard.templating.list.length - 1;
    expect(sources).toHaveLength(panels.length + queries);
  });

  it('chooses by data source, bridge, tenant, feed and connector, and each choice is used', () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual([
      'datasource',
      'instance',
      'tenant',
      'feed',
      'connector',
    ]);
    const names = new Set(dashboard.templating.list.map(({ name }) => name));
    const used = dashboardQueries(dashboard).flatMap(({ expr }) =>
      [...expr.matchAll(/\$(\w+)/g)].map(([, name = '']) => name).filter((name) => !name.startsWith('__')),
    );
    expect(used.filter((name) => !names.has(name))).toEqual([]);
    expect(new Set(used)).toEqual(new Set(['instance', 'tenant', 'feed', 'connector']));
    for (const { type, definition } of dashboard.templating.list.filter((variable) => variable.type === 'query')) {
      const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(definition ?? '') ?? [];
      expect(known.get(metric), `${type} ${definition}`).toContain(label);
    }
  });

  it('has its rows in the order of the chain, the first of which says whether it is well', () => {
    expect(rows.map(({ title }) => title)).toEqual([
      'Is it well?',
      'Microsoft',
      'Store',
      'Feed and connectors',
      'Process',
    ]);
    expect(panels.slice(0, 8).map(({ type }) => type)).toEqual(Array.from({ length: 8 }, () => 'stat'));
  });

  it('gives every panel a title of its own, words on what it shows, a unit and a place', () => {
    const titles = panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { title, description, fieldConfig } of panels) {
      expect(description?.length, title).toBeGreaterThan(10);
      expect(fieldConfig?.defaults.unit, title).toMatch(/^(none|short|s|bytes|percentunit|cps|reqps)$/);
    }
    const overlaps = dashboard.panels.flatMap((one, at) =>
      dashboard.panels.slice(at + 1).filter((other) => overlap(one, other)),
    );
    expect(overlaps).toEqual([]);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  it('tells the age of something by its timestamp, on the clock of Prometheus', () => {
    for (const { title, expr } of dashboardQueries(dashboard)) {
      const stamps = expr.match(/\w+_timestamp_seconds/g) ?? [];
      const ages = expr.match(/time\(\)/g) ?? [];
      expect(ages.length, title).toBe(stamps.length + (expr.includes('process_start_time_seconds') ? 1 : 0));
    }
  });
});

/** Every value of a member `datasource`, wherever it stands. */
function dataSources(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => (key === 'datasource' ? [member] : dataSources(member)));
}

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
