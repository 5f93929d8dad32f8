import { type MetricRow, SOURCE } from './metric-row.ts';

/** What is counted on the side of Microsoft. */
export const COLLECTION_COUNTERS = {
  polls: {
    name: 'flexbridge_polls_total',
    help: 'Polls of Microsoft by result: ok, or the kind of the failure (operator, transient, upstream, bug).',
    labels: [...SOURCE, 'result'],
  },
  pollsSkipped: {
    name: 'flexbridge_polls_skipped_total',
    help: 'Polls that did not start: the one before was still running, or a wait after a failure was not over.',
    labels: [...SOURCE, 'reason'],
  },
  throttledSeconds: {
    name: 'flexbridge_throttled_seconds_total',
    help: 'Time that Microsoft asked to wait before the next request (Retry-After).',
    labels: SOURCE,
  },
  pages: {
    name: 'flexbridge_pages_read_total',
    help: 'Pages read from Microsoft.',
    labels: SOURCE,
  },
  alertsFetched: {
    name: 'flexbridge_alerts_fetched_total',
    help: 'Alerts read from Microsoft, unreadable ones included; the overlap of the polls brings many of them again.',
    labels: SOURCE,
  },
  alerts: {
    name: 'flexbridge_alerts_total',
    help: 'What became of the alerts: new, changed, duplicate (nothing new in it), stale (older than what is stored).',
    labels: [...SOURCE, 'outcome'],
  },
  events: {
    name: 'flexbridge_events_total',
    help: 'Events put into feeds, each feed counted.',
    labels: SOURCE,
  },
  valuesCut: {
    name: 'flexbridge_values_cut_total',
    help: 'Values that did not fit their ArcSight field and were cut; the store keeps them whole.',
    labels: SOURCE,
  },
  recordsRejected: {
    name: 'flexbridge_records_rejected_total',
    help: 'Records of Microsoft, or stretches of time, that could not be taken and were set aside, by reason.',
    labels: [...SOURCE, 'reason'],
  },
  recordsSettled: {
    name: 'flexbridge_records_settled_total',
    help: 'Entries of the quarantine that could be taken later.',
    labels: SOURCE,
  },
  rescans: {
    name: 'flexbridge_rescans_total',
    help: 'Wide looks back by result: ok, or the kind of the failure.',
    labels: [...SOURCE, 'result'],
  },
  rescanAlerts: {
    name: 'flexbridge_rescan_alerts_total',
    help: 'Alerts that only the wide look back found: new, or changed. Rising for long: raise the overlap.',
    labels: [...SOURCE, 'outcome'],
  },
  narrowings: {
    name: 'flexbridge_narrowings_total',
    help: 'Windows that failed again and again and were read in smaller parts.',
    labels: SOURCE,
  },
  catchUps: {
    name: 'flexbridge_catch_ups_total',
    help: 'Times that a source was behind and has caught up.',
    labels: SOURCE,
  },
  catchUpSeconds: {
    name: 'flexbridge_catch_up_seconds_total',
    help: 'How long that took.',
    labels: SOURCE,
  },
  gatedSeconds: {
    name: 'flexbridge_gated_seconds_total',
    help: 'Time in which nothing was sent to a host of Microsoft: it had asked so, or its published limit was used up.',
    labels: ['tenant', 'reason'],
  },
  credentialSwitches: {
    name: 'flexbridge_credential_switches_total',
    help: 'Times that the first secret or certificate of a tenant was refused and the next one worked.',
    labels: ['tenant'],
  },
  tokenRenewals: {
    name: 'flexbridge_token_renewals_total',
    help: 'Access tokens of a tenant: acquired, or kept (the renewal failed and the last one, still valid, is used).',
    labels: ['tenant', 'result'],
  },
  tokenProblems: {
    name: 'flexbridge_token_problems_total',
    help: 'New tokens that are wrong by their own claims: audience, tenant, role, expired.',
    labels: ['tenant', 'code'],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;
