import { DELIVERY, type MetricRow } from './metric-row.ts';

/** What is counted from the store to the connector. */
export const SERVING_COUNTERS = {
  eventsFiltered: {
    name: 'flexbridge_events_filtered_total',
    help: "Events that a feed's filter (minSeverity, categories) kept out.",
    labels: ['feed'],
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
  eventsSent: {
    name: 'flexbridge_events_sent_total',
    help: 'Events in the pages sent to a connector, first sendings and repeats.',
    labels: [...DELIVERY, 'sending'],
  },
  eventsDelivered: {
    name: 'flexbridge_events_delivered_total',
    help: 'Events that a connector is known to have taken.',
    labels: DELIVERY,
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
  sharedLogins: {
    name: 'flexbridge_shared_logins_total',
    help: 'Times that two parties began to use one login.',
    labels: DELIVERY,
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
  storeOutages: {
    name: 'flexbridge_store_outages_total',
    help: 'Times that the store could no longer be written.',
    labels: [],
  },
  storeOutageSeconds: {
    name: 'flexbridge_store_outage_seconds_total',
    help: 'How long such outages lasted; an outage is added at its end.',
    labels: [],
  },
  auditEntries: {
    name: 'flexbridge_audit_entries_total',
    help: 'Lines for the auditor by action; other: one that this list does not have.',
    labels: ['action'],
  },
  auditFailures: {
    name: 'flexbridge_audit_failures_total',
    help: 'Lines for the auditor that could not be written to the store; the log has them.',
    labels: [],
  },
  auditFileOutages: {
    name: 'flexbridge_audit_file_outages_total',
    help: 'Times that log.auditFile could no longer be written; its lines wait in the store.',
    labels: [],
  },
  loginFailures: {
    name: 'flexbridge_login_failures_total',
    help: 'Requests with a wrong login, by what it was tried with: basic, bearer, certificate, urlKey, clientSecret, signIn.',
    labels: ['by'],
  },
  requestFailures: {
    name: 'flexbridge_request_failures_total',
    help: 'Requests that this bridge could not answer, by kind of the failure; the log has the reason.',
    labels: ['kind'],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;
