import type { Registry } from 'prom-client';
import type { BridgeEvent, PollCounts, SourceRef } from '../domain/bridge-event.ts';
import { createMeters, type Meters } from './meters.ts';
import { countDelivery, countFeed, countPruned, countRequest, countStore } from './metrics-serving.ts';
import { createStarter, type Starter } from './metrics-zero.ts';

/** What is rejected is counted by its reason. */
type Stored = Omit<PollCounts, 'rejected'>;

export interface EventCounts {
  /** Labels hold configured names and closed lists only. */
  readonly count: (event: BridgeEvent) => void;
  readonly start: Starter;
}

/** Counts the events of the bridge. */
export function countEvents(registry: Registry): EventCounts {
  const meters = createMeters(registry);
  const start = createStarter(meters);
  return {
    count: (event) => {
      // Of a configuration that was read again: before the first scrape that sees it.
      if ('source' in event) start.source(event);
      if (event.name === 'feedRequest' && event.feed !== null) start.feed(event.feed);
      count(meters, event);
    },
    start,
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
    case 'rescanFailed':
    case 'narrowing':
    case 'caughtUp':
      countTrouble(meters, event);
      return;
    case 'tokenAcquired':
    case 'tokenKept':
    case 'credentialSwitched':
    case 'tokenProblem':
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
    case 'storeUnwritable':
    case 'storeWritable':
    case 'upkeepFailed':
    case 'commandFailed':
      countStore(meters, event);
      return;
    case 'pageSent':
    case 'pageAcknowledged':
    case 'tryBroken':
    case 'eventPassedOver':
    case 'twoParties':
    case 'eventsRead':
      countDelivery(meters, event);
      return;
    case 'feedRequest':
    case 'loginFailed':
    case 'requestFailed':
    case 'audited':
    case 'auditFailed':
    case 'auditFileFailed':
      countRequest(meters, event);
      return;
    case 'started':
    case 'stopping':
    case 'stopped':
    case 'configReloaded':
    case 'configRefused':
    case 'certificateRenewed':
    case 'certificateRefused':
    case 'logLevelChanged':
    case 'auditFileWritten':
    case 'credentialsCreated':
    case 'certificateCreated':
    case 'catchingUp':
    case 'positionsKept':
    case 'positionsSaved':
    case 'storeUpgraded':
    case 'replayStarted':
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
  meters.pages.inc({ tenant, source }, counts.pages);
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
  {
    readonly name: 'recordSetAside' | 'setAsideSettled' | 'rescanFinished' | 'rescanFailed' | 'narrowing' | 'caughtUp';
  }
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
      meters.rescans.inc({ ...ref, result: 'ok' });
      meters.rescanAlerts.inc({ ...ref, outcome: 'new' }, event.fresh);
      meters.rescanAlerts.inc({ ...ref, outcome: 'changed' }, event.changed);
      return;
    case 'rescanFailed':
      meters.rescans.inc({ ...ref, result: event.error.kind });
      return;
    case 'narrowing':
      meters.narrowings.inc(ref);
      return;
    case 'caughtUp':
      meters.catchUps.inc(ref);
      meters.catchUpSeconds.inc(ref, event.durationMs / 1000);
  }
}

type TenantEvent = Extract<
  BridgeEvent,
  { readonly name: 'tokenAcquired' | 'tokenKept' | 'tokenProblem' | 'credentialSwitched' | 'hostGated' }
>;

function countTenant(meters: Meters, event: TenantEvent): void {
  const { tenant } = event;
  switch (event.name) {
    case 'tokenAcquired':
    case 'tokenKept':
      meters.tokenRenewals.inc({ tenant, result: event.name === 'tokenKept' ? 'kept' : 'acquired' });
      return;
    case 'tokenProblem':
      meters.tokenProblems.inc({ tenant, code: event.code });
      return;
    case 'credentialSwitched':
      meters.credentialSwitches.inc({ tenant });
      return;
    case 'hostGated':
      meters.gatedSeconds.inc({ tenant, reason: event.reason }, event.waitMs / 1000);
  }
}
