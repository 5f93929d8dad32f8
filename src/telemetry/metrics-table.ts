/** One metric: its Prometheus name, what it says, and its labels. Names end in their unit; times are seconds. */
export interface MetricRow<Label extends string = string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram, in the unit of the name. */
  readonly buckets?: readonly number[];
}

const SOURCE = ['tenant', 'source'] as const;
const DELIVERY = ['connector', 'feed'] as const;
const ABSENT = 'absent while the store cannot be read';

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

/** Read from the store at every scrape, so they survive a restart. */
export const GAUGES = {
  buildInfo: {
    name: 'flexbridge_build_info',
    help: 'Always 1; the labels are the version of the bridge and of Node.',
    labels: ['version', 'node'],
  },
  findings: {
    name: 'flexbridge_findings',
    help: 'Rows of the table of findings (/status.json) by check and state: ok, warning, failed.',
    labels: ['id', 'state'],
  },
  sourceLastTry: {
    name: 'flexbridge_source_last_try_timestamp_seconds',
    help: `When the source was polled last, whatever came of it; 0: never; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceLastSuccess: {
    name: 'flexbridge_source_last_success_timestamp_seconds',
    help: `When a poll of the source succeeded last; 0: never; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceWatermark: {
    name: 'flexbridge_source_watermark_timestamp_seconds',
    help: `Everything updated at Microsoft before this time has been read; 0: nothing yet; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceQuarantine: {
    name: 'flexbridge_source_quarantine_entries',
    help: `Records and stretches of time that are set aside now; ${ABSENT}.`,
    labels: SOURCE,
  },
  credentialExpiry: {
    name: 'flexbridge_credential_expiry_timestamp_seconds',
    help: "When a tenant's secret or certificate expires; absent where nobody said.",
    labels: ['tenant', 'credential'],
  },
  feedPosition: {
    name: 'flexbridge_feed_position',
    help: `FeedSeq of the newest event of the feed; 0: none; ${ABSENT}.`,
    labels: ['feed'],
  },
  feedLastEvent: {
    name: 'flexbridge_feed_last_event_timestamp_seconds',
    help: `When the newest event of the feed was stored; 0: none; ${ABSENT}.`,
    labels: ['feed'],
  },
  connectorLastPoll: {
    name: 'flexbridge_connector_last_poll_timestamp_seconds',
    help: `When the connector asked for the feed last; 0: never; ${ABSENT}.`,
    labels: DELIVERY,
  },
  connectorPosition: {
    name: 'flexbridge_connector_acknowledged_position',
    help: `FeedSeq up to which the connector has acknowledged the feed; absent before its first poll; ${ABSENT}.`,
    labels: DELIVERY,
  },
  connectorBacklog: {
    name: 'flexbridge_connector_backlog_events',
    help: `Events of the feed that the connector has not acknowledged; absent before its first poll; ${ABSENT}.`,
    labels: DELIVERY,
  },
  storeBytes: {
    name: 'flexbridge_store_bytes',
    help: `Size of the event store; ${ABSENT}.`,
    labels: [],
  },
  storeAlerts: {
    name: 'flexbridge_store_alerts',
    help: `Alerts that the store knows; ${ABSENT}.`,
    labels: [],
  },
  storeDetections: {
    name: 'flexbridge_store_detections',
    help: `Detections and updates kept in the store, from which the feeds are made; ${ABSENT}.`,
    labels: [],
  },
  certificateExpiry: {
    name: 'flexbridge_certificate_expiry_timestamp_seconds',
    help: 'When the server certificate expires; absent where plain http is served.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;
