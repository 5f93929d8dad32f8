import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BridgeEvent } from '../domain/bridge-event.ts';
import { GAUGES } from './gauge-table.ts';
import { countEvents } from './metrics-counters.ts';
import { showObservations } from './metrics-gauges.ts';
import type { Observations } from './observations.ts';
import type { Expected } from './observe.ts';

export interface MetricsDeps {
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
export function createMetrics({ version, nodeVersion, expected, observe }: MetricsDeps): Metrics {
  const registry = new Registry();
  const { name, help, labels } = GAUGES.buildInfo;
  new Gauge({ name, help, labelNames: labels, registers: [registry] }).set({ version, node: nodeVersion }, 1);
  const show = showObservations(registry);
  const count = countEvents(registry, expected);
  collectDefaultMetrics({ register: registry });
  for (const misnamed of MISNAMED) registry.removeSingleMetric(misnamed);
  return {
    contentType: registry.contentType,
    count,
    async render() {
      show(await observe());
      return registry.metrics();
    },
  };
}
