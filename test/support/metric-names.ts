import { GAUGES } from '../../src/telemetry/gauge-table.ts';
import type { MetricRow } from '../../src/telemetry/metric-row.ts';
import { COUNTERS, HISTOGRAMS } from '../../src/telemetry/metrics-table.ts';

/** Labels that Prometheus itself puts on everything it scrapes. */
const SCRAPED = ['job', 'instance'];

/**
 * Labels by the name of every series: those of the bridge's tables, and those of the process from a text that was scraped.
 * @param text answer of `/metrics`
 */
export function knownSeries(text: string): ReadonlyMap<string, readonly string[]> {
  const plain: readonly MetricRow[] = [...Object.values(COUNTERS), ...Object.values(GAUGES)];
  const ofProcess = [...text.matchAll(/^((?:process|nodejs)_\w+)/gm)].map(([name]) => [name, SCRAPED] as const);
  return new Map<string, readonly string[]>([
    ['up', SCRAPED],
    ...ofProcess,
    ...plain.map(({ name, labels }) => [name, [...labels, ...SCRAPED]] as const),
    ...Object.values(HISTOGRAMS).flatMap(({ name, labels }) => [
      [`${name}_bucket`, [...labels, ...SCRAPED, 'le']] as const,
      [`${name}_sum`, [...labels, ...SCRAPED]] as const,
      [`${name}_count`, [...labels, ...SCRAPED]] as const,
    ]),
  ]);
}

/** The series that a PromQL expression names, each with the labels that are matched on it. */
export function namedSeries(expr: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  const bare = withoutTexts(expr);
  return [...bare.matchAll(/\b(up|(?:flexbridge|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', matchers = '']) => ({
      name,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  );
}

/** Labels that it groups or joins by. */
export function groupedLabels(expr: string): readonly string[] {
  return [...withoutTexts(expr).matchAll(/\b(?:by|on|ignoring|without|group_left|group_right)\s*\(([^)]*)\)/g)].flatMap(
    ([, list = '']) => list.split(',').flatMap((label) => (label.trim() === '' ? [] : [label.trim()])),
  );
}

/** What in it no metric of the bridge has, one line each. */
export function unknownParts(expr: string, known: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const series = namedSeries(expr);
  const all = new Set(series.flatMap(({ name }) => known.get(name) ?? []));
  return [
    ...(series.length === 0 ? [`no metric in ${expr}`] : []),
    ...series.filter(({ name }) => !known.has(name)).map(({ name }) => name),
    ...series.flatMap(({ name, labels }) =>
      labels
        .filter((label) => known.has(name) && !known.get(name)?.includes(label))
        .map((label) => `${name}{${label}}`),
    ),
    ...groupedLabels(expr).filter((label) => !all.has(label)),
  ];
}

/** Labels that its result may have: those it is grouped by, else those of its first series. */
export function resultLabels(expr: string, known: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const grouped = /\b(?:sum|count|min|max|avg) by \(([^)]*)\)/.exec(expr)?.[1];
  if (grouped !== undefined) return grouped.split(',').map((label) => label.trim());
  const [first] = namedSeries(expr);
  return known.get(first?.name ?? '') ?? [];
}

function withoutTexts(expr: string): string {
  return expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
}
