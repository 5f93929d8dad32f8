import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BridgeEvent } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { GAUGES } from './gauge-table.ts';
import type { MetricRow } from './metric-row.ts';
import { countEvents } from './metrics-counters.ts';
import { showObservations } from './metrics-gauges.ts';
import type { Starter } from './metrics-zero.ts';
import type { Observations } from './observations.ts';
import type { Expected } from './observe.ts';

export interface MetricsDeps {
  readonly clock: Pick<Clock, 'now'>;
  /** Version of the bridge. */
  readonly version: string;
  /** Version of Node, for example `v20.19.0`. */
  readonly nodeVersion: string;
  readonly expected: Expected;
  readonly observe: () => Promise<Observations>;
}

export interface Metrics {
  readonly contentType: string;
  readonly count: (event: BridgeEvent) => void;
  /** Everything in Prometheus' text format 0.0.4, observed now. */
  render(): Promise<string>;
}

/** Gauges with the suffix of a counter, each the sum of a series that stays. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/**
 * The metrics of one bridge, in a registry of their own. Besides the table's, those of the process under the names that
 * every exporter gives them (`process_`, `nodejs_`): dashboards know these without a prefix.
 */
export function createMetrics({ clock, version, nodeVersion, expected, observe }: MetricsDeps): Metrics {
  const registry = new Registry();
  const gauge = <Label extends string>({ name, help, labels }: MetricRow<Label>) =>
    new Gauge({ name, help, labelNames: labels, registers: [registry] });
  gauge(GAUGES.buildInfo).set({ version, node: nodeVersion }, 1);
  const loaded = gauge(GAUGES.configLoaded);
  loaded.set(clock.now() / 1000);
  const show = showObservations(registry);
  const { count, start } = countEvents(registry);
  startAll(start, {
    ...expected,
    connectors: expected.connectors.flatMap(({ name, feeds }) => feeds.map((feed) => ({ name, feed }))),
  });
  collectDefaultMetrics({ register: registry });
  for (const misnamed of MISNAMED) registry.removeSingleMetric(misnamed);
  return {
    contentType: registry.contentType,
    count: (event) => {
      // A reload that changes parts of this bridge in place; any other makes a new bridge, and so new metrics.
      if (event.name === 'audited' && event.action === 'config-reload') loaded.set(clock.now() / 1000);
      count(event);
    },
    async render() {
      const seen = await observe();
      // A login may have been created meanwhile, or the configuration been read again.
      startAll(start, seen);
      show(seen);
      return registry.metrics();
    },
  };
}

interface Names {
  readonly sources: Expected['sources'];
  readonly feeds: readonly { readonly name: string }[];
  readonly connectors: readonly { readonly name: string; readonly feed: string }[];
}

function startAll(start: Starter, { sources, feeds, connectors }: Names): void {
  for (const { tenantName: tenant, key } of sources) start.source({ tenant, source: key.source });
  for (const { name } of feeds) start.feed(name);
  for (const { name: connector, feed } of connectors) start.delivery({ connector, feed });
}
