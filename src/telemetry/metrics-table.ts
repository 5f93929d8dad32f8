/** One metric: its Prometheus name, what it says, and its labels. Names end in their unit; times are seconds. */
export interface MetricRow<Label extends string = string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram, in the unit of the name. */
  readonly buckets?: readonly number[];
}

/** Labels. */
export const SOURCE = ['tenant', 'source'] as const;
export const DELIVERY = ['connector', 'feed'] as const;

/** Counted from the events of the bridge; they start at 0 with the process. */
export const COUNTERS = {
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
  eventsFiltered: {
    name: 'flexbridge_events_filtered_total',
    help: "Events that a feed's filter (minSeverity, categories) kept out.",
    labels: ['feed'],
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
  feedRequests: {
    name: 'flexbridge_feed_requests_total',
    help: 'Answers to requests for a feed, by status class; the feed is (none) when the URL names no feed of this bridge.',
    labels: ['feed', 'status'],
  },
  pagesSent: {
    name: 'flexbridge_pages_sent_total',
    help: 'Pages sent to a connector: first sendings, and repeats of a page that was not acknowledged.',
    labels: [...DELIVERY, 'sending'],
  },
  pagesAcknowledged: {
    name: 'flexbridge_pages_acknowledged_total',
    help: 'Pages acknowledged by a connector, by the rule that proved it (docs/delivery.md).',
    labels: [...DELIVERY, 'rule'],
  },
  triesBroken: {
    name: 'flexbridge_tries_broken_total',
    help: 'Sendings of a page that the connector did not take to the end.',
    labels: DELIVERY,
  },
  eventsPassedOver: {
    name: 'flexbridge_events_passed_over_total',
    help: 'Events given up after many failed tries, so that the rest of the feed could go on; they can be replayed.',
    labels: DELIVERY,
  },
  cursorEvents: {
    name: 'flexbridge_cursor_events_total',
    help: 'Events sent to a reader with a cursor of its own (/events), repeats included.',
    labels: DELIVERY,
  },
  eventsRenewed: {
    name: 'flexbridge_events_renewed_total',
    help: 'Events not sent yet that were made anew because settings or the mapping changed.',
    labels: ['feed'],
  },
  eventsReplayed: {
    name: 'flexbridge_events_replayed_total',
    help: 'Events put into the feed once more by finished replays.',
    labels: ['feed'],
  },
  notices: {
    name: 'flexbridge_notices_total',
    help: 'Events of the bridge itself put into the feed, by kind: heartbeat, test.',
    labels: ['feed', 'kind'],
  },
  commandFailures: {
    name: 'flexbridge_command_failures_total',
    help: 'Replays and test events that failed in the server.',
    labels: [],
  },
  rowsPruned: {
    name: 'flexbridge_pruned_rows_total',
    help: 'Rows that retention deleted: events, the records they were made from, alerts without either.',
    labels: ['rows'],
  },
  undeliveredPruned: {
    name: 'flexbridge_pruned_undelivered_events_total',
    help: 'Events that retention deleted although a connector had not taken them.',
    labels: [],
  },
  upkeepFailures: {
    name: 'flexbridge_upkeep_failures_total',
    help: 'Runs of retention that failed; it is tried again.',
    labels: [],
  },
  loginFailures: {
    name: 'flexbridge_login_failures_total',
    help: 'Requests with a wrong user name or password.',
    labels: [],
  },
  requestFailures: {
    name: 'flexbridge_request_failures_total',
    help: 'Requests that this bridge could not answer, by kind of the failure; the log has the reason.',
    labels: ['kind'],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export const HISTOGRAMS = {
  pollDuration: {
    name: 'flexbridge_poll_duration_seconds',
    help: 'How long a poll that succeeded took.',
    labels: SOURCE,
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  },
  arrivalDelay: {
    name: 'flexbridge_alert_arrival_delay_seconds',
    help: "From an alert's last update at Microsoft to its storing here, new alerts only. The first look back is in it.",
    labels: SOURCE,
    buckets: [15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;
