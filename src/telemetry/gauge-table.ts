import { DELIVERY, type MetricRow, SOURCE } from './metrics-table.ts';

const ABSENT = 'absent while the store cannot be read';

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
  connectorOldestWaiting: {
    name: 'flexbridge_connector_oldest_waiting_timestamp_seconds',
    help: `When the oldest of those events was stored; absent when nothing waits; ${ABSENT}.`,
    labels: DELIVERY,
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
