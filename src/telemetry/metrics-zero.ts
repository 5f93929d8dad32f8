import type { BridgeEvent, SourceRef } from '../domain/bridge-event.ts';
import type { ErrorKind } from '../domain/errors.ts';
import { REJECTION_CODES } from '../domain/rejection.ts';
import type { Meters } from './meters.ts';
import type { Expected } from './observe.ts';

type Acknowledged = Extract<BridgeEvent, { readonly name: 'pageAcknowledged' }>['by'];
type Gated = Extract<BridgeEvent, { readonly name: 'hostGated' }>['reason'];
type Noticed = Extract<BridgeEvent, { readonly name: 'noticeStored' }>['kind'];
type Skipped = Extract<BridgeEvent, { readonly name: 'pollSkipped' }>['reason'];

const KINDS: readonly ErrorKind[] = ['operator', 'transient', 'upstream', 'bug'];
const SKIPS: readonly Skipped[] = ['running', 'waiting'];
const GATES: readonly Gated[] = ['asked', 'limit'];
const NOTICES: readonly Noticed[] = ['heartbeat', 'test'];
export const PRUNED = ['events', 'records', 'alerts'] as const;
const STATUS_CLASSES = ['2xx', '4xx', '5xx'] as const;
/** No feed can have this name. */
export const NO_FEED = '(none)';
/** A record, so that a rule that is added cannot be forgotten here. */
const RULES: Readonly<Record<Acknowledged, true>> = { confirmed: true, progress: true, repeat: true, response: true };

/**
 * Every series that the configuration can lead to starts at 0: a rate over a series that begins with its first event
 * would miss that event.
 */
export function startAtZero(meters: Meters, { sources, feeds, connectors }: Expected): void {
  for (const { tenantName: tenant, key } of sources) startSource(meters, { tenant, source: key.source });
  const names = feeds.map(({ name }) => name);
  for (const feed of [...names, NO_FEED]) {
    for (const status of STATUS_CLASSES) meters.feedRequests.inc({ feed, status }, 0);
  }
  for (const feed of names) startFeed(meters, feed);
  for (const rows of PRUNED) meters.rowsPruned.inc({ rows }, 0);
  for (const { name: connector, feeds: own } of connectors) {
    for (const feed of own) startDelivery(meters, { connector, feed });
  }
  for (const kind of KINDS) meters.requestFailures.inc({ kind }, 0);
}

function startFeed(meters: Meters, feed: string): void {
  meters.eventsFiltered.inc({ feed }, 0);
  meters.eventsRenewed.inc({ feed }, 0);
  meters.eventsReplayed.inc({ feed }, 0);
  for (const kind of NOTICES) meters.notices.inc({ feed, kind }, 0);
}

function startSource(meters: Meters, ref: SourceRef): void {
  for (const result of ['ok', ...KINDS]) meters.polls.inc({ ...ref, result }, 0);
  for (const reason of SKIPS) meters.pollsSkipped.inc({ ...ref, reason }, 0);
  for (const reason of REJECTION_CODES) meters.recordsRejected.inc({ ...ref, reason }, 0);
  for (const outcome of ['new', 'changed']) meters.rescanAlerts.inc({ ...ref, outcome }, 0);
  for (const reason of GATES) meters.gatedSeconds.inc({ tenant: ref.tenant, reason }, 0);
  meters.credentialSwitches.inc({ tenant: ref.tenant }, 0);
  meters.recordsSettled.inc({ ...ref }, 0);
  meters.narrowings.inc({ ...ref }, 0);
  for (const result of ['acquired', 'kept']) meters.tokenRenewals.inc({ tenant: ref.tenant, result }, 0);
  meters.throttledSeconds.inc({ ...ref }, 0);
  for (const outcome of ['new', 'changed', 'duplicate', 'stale']) meters.alerts.inc({ ...ref, outcome }, 0);
  for (const stored of [meters.alertsFetched, meters.events, meters.valuesCut]) stored.inc({ ...ref }, 0);
  meters.pollDuration.zero({ ...ref });
  meters.arrivalDelay.zero({ ...ref });
}

function startDelivery(meters: Meters, ref: { readonly connector: string; readonly feed: string }): void {
  for (const sending of ['first', 'repeat']) meters.pagesSent.inc({ ...ref, sending }, 0);
  for (const rule of Object.keys(RULES)) meters.pagesAcknowledged.inc({ ...ref, rule }, 0);
  meters.triesBroken.inc(ref, 0);
  meters.eventsPassedOver.inc(ref, 0);
  meters.cursorEvents.inc(ref, 0);
}
