import { DELIVERY, type MetricRow, SOURCE } from './metric-row.ts';

const ABSENT = 'absent while the store cannot be read';

/** Read from the store at every scrape, so they survive a restart. */
export const GAUGES = {
  buildInfo: {
    name: 'flexbridge_build_info',
    help: 'Always 1; the labels are the version of the bridge and of Node.',
    labels: ['version', 'node'],
  },
  configLoaded: {
    name: 'flexbridge_config_loaded_timestamp_seconds',
    help: 'When the configuration that serves was taken into use: at the start, or by the last reload.',
    labels: [],
  },
  configCurrent: {
    name: 'flexbridge_config_current',
    help: '1 while the configuration on the disk is the one that serves; 0: it cannot be used, the one before serves.',
    labels: [],
  },
  configRefusedSince: {
    name: 'flexbridge_config_refused_since_timestamp_seconds',
    help: 'Since when it cannot be used; absent while it is the one that serves.',
    labels: [],
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
  sourceSilentAfter: {
    name: 'flexbridge_source_silent_after_seconds',
    help: `Without a success for so long the source is worth a look: 15 minutes, or three turns of its schedule; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceState: {
    name: 'flexbridge_source_state',
    help: `Always 1; the label is the state now: starting, running, degraded (it heals itself), failed (a person has to act); ${ABSENT}.`,
    labels: [...SOURCE, 'state'],
  },
  sourceFailedPolls: {
    name: 'flexbridge_source_failed_polls',
    help: `Polls that failed since the last success; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceFailingSince: {
    name: 'flexbridge_source_failing_since_timestamp_seconds',
    help: `When the first of them failed; absent when none has; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceNextTry: {
    name: 'flexbridge_source_next_try_timestamp_seconds',
    help: `When the source is tried again; absent while it does not wait after a failure; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceWatermark: {
    name: 'flexbridge_source_watermark_timestamp_seconds',
    help: `Everything updated at Microsoft before this time has been read; 0: nothing yet; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceCatchUp: {
    name: 'flexbridge_source_catch_up_ratio',
    help: `How much of the way is read while the source is behind, 0 to 1; 1 while it is not; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceCatchUpTarget: {
    name: 'flexbridge_source_catch_up_target_timestamp_seconds',
    help: `Up to where it has to read to have caught up; absent while it is not behind; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceFailedRescans: {
    name: 'flexbridge_source_failed_rescans',
    help: `Wide looks back that failed since the last success; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceQuarantine: {
    name: 'flexbridge_source_quarantine_entries',
    help: `Records and stretches of time that are set aside now; ${ABSENT}.`,
    labels: SOURCE,
  },
  sourceQuarantineOldest: {
    name: 'flexbridge_source_quarantine_oldest_timestamp_seconds',
    help: `When the first of them was set aside; absent when there is none; ${ABSENT}.`,
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
  connectorLastCursorRead: {
    name: 'flexbridge_connector_last_cursor_read_timestamp_seconds',
    help: `When it read /events with a cursor last; absent when it never did; ${ABSENT}.`,
    labels: DELIVERY,
  },
  connectorLastDelivery: {
    name: 'flexbridge_connector_last_delivery_timestamp_seconds',
    help: `When the connector acknowledged a page last; 0: never; ${ABSENT}.`,
    labels: DELIVERY,
  },
  connectorPosition: {
    name: 'flexbridge_connector_acknowledged_position',
    help: `FeedSeq up to which the connector has acknowledged the feed; absent before its first poll; ${ABSENT}.`,
    labels: DELIVERY,
  },
  connectorBacklog: {
    name: 'flexbridge_connector_backlog_events',
    help: `Events that wait for the connector's acknowledgement, of a long backlog at most so many; absent before its first poll; ${ABSENT}.`,
    labels: DELIVERY,
  },
  connectorBacklogExact: {
    name: 'flexbridge_connector_backlog_exact',
    help: `1 when that number is exact, 0 when it is at most so many; absent where it is; ${ABSENT}.`,
    labels: DELIVERY,
  },
  connectorOldestWaiting: {
    name: 'flexbridge_connector_oldest_waiting_timestamp_seconds',
    help: `When the oldest of those events was stored; absent when nothing waits; ${ABSENT}.`,
    labels: DELIVERY,
  },
  connectorPageSendings: {
    name: 'flexbridge_connector_page_sendings',
    help: `How often the page that waits for its acknowledgement was sent; 0: no page waits; absent before its first poll; ${ABSENT}.`,
    labels: DELIVERY,
  },
  connectorTime: {
    name: 'flexbridge_connector_time',
    help: `Always 1; the labels are what the time of the connector means and what that guarantees (docs/delivery.md); absent before its first poll; ${ABSENT}.`,
    labels: [...DELIVERY, 'meaning', 'guarantee'],
  },
  connectorLoginFailures: {
    name: 'flexbridge_connector_login_failures',
    help: "Wrong logins under the connector's name since its last right one; absent where nobody looks.",
    labels: ['connector'],
  },
  connectorHeld: {
    name: 'flexbridge_connector_held_events',
    help: `Events past store.retention.age that are kept because the connector has not taken them; ${ABSENT}.`,
    labels: DELIVERY,
  },
  feedLastHeartbeat: {
    name: 'flexbridge_feed_last_heartbeat_timestamp_seconds',
    help: `When the last heartbeat was put into the feed; 0: never; absent where none is configured; ${ABSENT}.`,
    labels: ['feed'],
  },
  feedHeartbeatInterval: {
    name: 'flexbridge_feed_heartbeat_interval_seconds',
    help: `Time between two heartbeats; absent where none is configured; ${ABSENT}.`,
    labels: ['feed'],
  },
  alarmSeconds: {
    name: 'flexbridge_alarm_seconds',
    help: 'A threshold of the configuration (alarms): connectorSilent, connectorFailed, nothingDelivered, undelivered; absent where it is off.',
    labels: ['alarm'],
  },
  alarmFreeSpace: {
    name: 'flexbridge_alarm_free_space_bytes',
    help: 'The threshold alarms.freeSpace; absent where it is off.',
    labels: [],
  },
  positionsKept: {
    name: 'flexbridge_positions_kept',
    help: `Positions of connectors that are in memory only, because the store cannot be written; ${ABSENT}.`,
    labels: [],
  },
  storeWritable: {
    name: 'flexbridge_store_writable',
    help: `1 while the last write succeeded, else 0; ${ABSENT}.`,
    labels: [],
  },
  storeUnwritableSince: {
    name: 'flexbridge_store_unwritable_since_timestamp_seconds',
    help: `Since when it cannot be written; absent while it can; ${ABSENT}.`,
    labels: [],
  },
  storeFreeBytes: {
    name: 'flexbridge_store_free_bytes',
    help: `Free space on the disk of the event store; absent where nobody can tell; ${ABSENT}.`,
    labels: [],
  },
  storeUsedBytes: {
    name: 'flexbridge_store_used_bytes',
    help: `Of the size of the event store what is in use: store.retention.size is compared with this; ${ABSENT}.`,
    labels: [],
  },
  storeSizeLimit: {
    name: 'flexbridge_store_size_limit_bytes',
    help: `store.retention.size; absent where it is not set; ${ABSENT}.`,
    labels: [],
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
