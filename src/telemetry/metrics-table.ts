import { COLLECTION_COUNTERS } from './collection-counters.ts';
import { type MetricRow, SOURCE } from './metric-row.ts';
import { SERVING_COUNTERS } from './serving-counters.ts';

/** Counted from the events of the bridge; they start at 0 with the process. */
export const COUNTERS = { ...COLLECTION_COUNTERS, ...SERVING_COUNTERS };

export const HISTOGRAMS = {
  pollDuration: {
    name: 'flexbridge_poll_duration_seconds',
    help: 'How long a poll that succeeded took.',
    labels: SOURCE,
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  },
  feedRequestDuration: {
    name: 'flexbridge_feed_request_duration_seconds',
    help: 'How long a request for a feed took, until its answer was handed over.',
    labels: ['feed'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  arrivalDelay: {
    name: 'flexbridge_alert_arrival_delay_seconds',
    help: "From an alert's last update at Microsoft to its storing here, new alerts only. The first look back is in it.",
    labels: SOURCE,
    buckets: [15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;
