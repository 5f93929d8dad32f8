import type { Registry } from 'prom-client';
import type { BridgeEvent, PollCounts, SourceRef } from '../domain/bridge-event.ts';
import { createMeters, type Meters } from './meters.ts';
import { NO_FEED, PRUNED, startAtZero } from './metrics-zero.ts';
import type { Expected } from './observe.ts';

type Stored = Omit<PollCounts, 'pages' | 'rejected'>;

/**
 * Counts the events of the bridge. Every series that the configuration can lead to starts at 0: a rate over a series
 * that begins with its first event would miss that event. Labels hold configured names and closed lists only.
 */
export function countEvents(registry: Registry, expected: Expected): (event: BridgeEvent) => void {
  const meters = createMeters(registry);
  startAtZero(meters, expected);
  return (event) => {
    count(meters, event);
  };
}

function count(meters: Meters, event: BridgeEvent): void {
  switch (event.name) {
    case 'pollFinished':
    case 'pollFailed':
    case 'pollSkipped':
    case 'alertsArrived':
      countPoll(meters, event);
      return;
    case 'recordSetAside':
    case 'setAsideSettled':
    case 'rescanFinished':
    case 'narrowing':
      countTrouble(meters, event);
      return;
    case 'tokenAcquired':
    case 'tokenKept':
    case 'credentialSwitched':
    case 'hostGated':
      countTenant(meters, event);
      return;
    case 'eventsFiltered':
    case 'feedRenewed':
    case 'replayFinished':
    case 'noticeStored':
      countFeed(meters, event);
      return;
    case 'pruned':
      countPruned(meters, event);
      return;
    case 'upkeepFailed':
      meters.upkeepFailures.inc();
      return;
    case 'commandFailed':
      meters.commandFailures.inc();
      return;
    case 'pageSent':
    case 'pageAcknowledged':
    case 'tryBroken':
    case 'eventPassedOver':
    case 'eventsRead':
      countDelivery(meters, event);
      return;
    case 'feedRequest':
      meters.feedRequests.inc({ feed: event.feed ?? NO_FEED, status: `${Math.floor(event.status / 100)}xx` });
      return;
    case 'loginFailed':
      meters.loginFailures.inc();
      return;
    case 'requestFailed':
      meters.requestFailures.inc({ kind: event.error.kind });
      return;
    case 'started':
    case 'stopping':
    case 'stopped':
    case 'credentialsCreated':
    case 'certificateCreated':
    case 'catchingUp':
    case 'caughtUp':
    case 'rescanFailed':
    case 'tokenProblem':
    case 'twoParties':
    case 'positionsKept':
    case 'positionsSaved':
    case 'storeUnwritable':
    case 'storeWritable':
    case 'storeUpgraded':
    case 'replayStarted':
    case 'audited':
    case 'auditFailed':
      return;
    default:
      event satisfies never;
  }
}

type PollEvent = Extract<
  BridgeEvent,
  { readonly name: 'pollFinished' | 'pollFailed' | 'pollSkipped' | 'alertsArrived' }
>;

function countPoll(meters: Meters, event: PollEvent): void {
  const ref = { tenant: event.tenant, source: event.source };
  switch (event.name) {
    case 'pollFinished':
      meters.polls.inc({ ...ref, result: 'ok' });
      meters.pollDuration.observe(ref, event.durationMs / 1000);
      countStored(meters, ref, event);
      return;
    case 'pollFailed':
      meters.polls.inc({ ...ref, result: event.error.kind });
      meters.throttledSeconds.inc(ref, (event.error.retryAfterMs ?? 0) / 1000);
      if (event.stored !== undefined) countStored(meters, ref, event.stored);
      return;
    case 'pollSkipped':
      meters.pollsSkipped.inc({ ...ref, reason: event.reason });
      return;
    case 'alertsArrived':
      // Two clocks: an alert can seem to arrive before it was updated.
      for (const delayMs of event.delaysMs) meters.arrivalDelay.observe(ref, Math.max(0, delayMs / 1000));
  }
}

function countStored(meters: Meters, ref: SourceRef, counts: Stored): void {
  const { tenant, source } = ref;
  meters.alertsFetched.inc({ tenant, source }, counts.fetched);
  meters.events.inc({ tenant, source }, counts.events);
  meters.valuesCut.inc({ tenant, source }, counts.cut);
  meters.alerts.inc({ tenant, source, outcome: 'new' }, counts.fresh);
  meters.alerts.inc({ tenant, source, outcome: 'changed' }, counts.changed);
  meters.alerts.inc({ tenant, source, outcome: 'duplicate' }, counts.duplicate);
  meters.alerts.inc({ tenant, source, outcome: 'stale' }, counts.stale);
}

type TroubleEvent = Extract<
  BridgeEvent,
  { readonly name: 'recordSetAside' | 'setAsideSettled' | 'rescanFinished' | 'narrowing' }
>;

/** What did not go as usual, and what came of it. */
function countTrouble(meters: Meters, event: TroubleEvent): void {
  const ref = { tenant: event.tenant, source: event.source };
  switch (event.name) {
    case 'recordSetAside':
      meters.recordsRejected.inc({ ...ref, reason: event.code });
      return;
    case 'setAsideSettled':
      meters.recordsSettled.inc(ref, event.entries);
      return;
    case 'rescanFinished':
      meters.rescanAlerts.inc({ ...ref, outcome: 'new' }, event.fresh);
      meters.rescanAlerts.inc({ ...ref, outcome: 'changed' }, event.changed);
      return;
    case 'narrowing':
      meters.narrowings.inc(ref);
  }
}

type TenantEvent = Extract<
  BridgeEvent,
  { readonly name: 'tokenAcquired' | 'tokenKept' | 'credentialSwitched' | 'hostGated' }
>;

function countTenant(meters: Meters, event: TenantEvent): void {
  const { tenant } = event;
  switch (event.name) {
    case 'tokenAcquired':
    case 'tokenKept':
      meters.tokenRenewals.inc({ tenant, result: event.name === 'tokenKept' ? 'kept' : 'acquired' });
      return;
    case 'credentialSwitched':
      meters.credentialSwitches.inc({ tenant });
      return;
    case 'hostGated':
      meters.gatedSeconds.inc({ tenant, reason: event.reason }, event.waitMs / 1000);
  }
}

type FeedEvent = Extract<
  BridgeEvent,
  { readonly name: 'eventsFiltered' | 'feedRenewed' | 'replayFinished' | 'noticeStored' }
>;

function countFeed(meters: Meters, event: FeedEvent): void {
  const { feed } = event;
  switch (event.name) {
    case 'eventsFiltered':
      meters.eventsFiltered.inc({ feed }, event.events);
      return;
    case 'feedRenewed':
      meters.eventsRenewed.inc({ feed }, event.events);
      return;
    case 'replayFinished':
      meters.eventsReplayed.inc({ feed }, event.events);
      return;
    case 'noticeStored':
      meters.notices.inc({ feed, kind: event.kind });
  }
}

function countPruned(meters: Meters, event: Extract<BridgeEvent, { readonly name: 'pruned' }>): void {
  for (const rows of PRUNED) meters.rowsPruned.inc({ rows }, event[rows]);
  meters.undeliveredPruned.inc(event.undelivered);
}

type DeliveryEvent = Extract<
  BridgeEvent,
  { readonly name: 'pageSent' | 'pageAcknowledged' | 'tryBroken' | 'eventPassedOver' | 'eventsRead' }
>;

function countDelivery(meters: Meters, event: DeliveryEvent): void {
  const { feed } = event;
  if (event.name === 'eventsRead') {
    meters.cursorEvents.inc({ connector: event.reader, feed }, event.events);
    return;
  }
  const ref = { connector: event.connector, feed };
  switch (event.name) {
    case 'pageSent':
      meters.pagesSent.inc({ ...ref, sending: event.tries > 1 ? 'repeat' : 'first' });
      return;
    case 'pageAcknowledged':
      meters.pagesAcknowledged.inc({ ...ref, rule: event.by });
      return;
    case 'tryBroken':
      meters.triesBroken.inc(ref);
      return;
    case 'eventPassedOver':
      meters.eventsPassedOver.inc(ref);
  }
}
