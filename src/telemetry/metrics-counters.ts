import { Counter, Histogram, type Registry } from 'prom-client';
import type { BridgeEvent, PollCounts, SourceRef } from '../domain/bridge-event.ts';
import type { ErrorKind } from '../domain/errors.ts';
import { REJECTION_CODES } from '../domain/rejection.ts';
import { COUNTERS, HISTOGRAMS, type MetricRow } from './metrics-table.ts';
import type { Expected } from './observe.ts';

type Acknowledged = Extract<BridgeEvent, { readonly name: 'pageAcknowledged' }>['by'];
type Gated = Extract<BridgeEvent, { readonly name: 'hostGated' }>['reason'];
type Skipped = Extract<BridgeEvent, { readonly name: 'pollSkipped' }>['reason'];

const KINDS: readonly ErrorKind[] = ['operator', 'transient', 'upstream', 'bug'];
const SKIPS: readonly Skipped[] = ['running', 'waiting'];
const GATES: readonly Gated[] = ['asked', 'limit'];
const STATUS_CLASSES = ['2xx', '4xx', '5xx'] as const;
/** No feed can have this name. */
const NO_FEED = '(none)';
/** A record, so that a rule that is added cannot be forgotten here. */
const RULES: Readonly<Record<Acknowledged, true>> = { confirmed: true, progress: true, repeat: true, response: true };

type Stored = Omit<PollCounts, 'pages' | 'rejected'>;
const NOTHING_STORED: Stored = { fetched: 0, fresh: 0, changed: 0, duplicate: 0, stale: 0, events: 0, cut: 0 };

type Meters = ReturnType<typeof createMeters>;

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

function createMeters(registers: Registry) {
  const counter = <Label extends string>({ name, help, labels }: MetricRow<Label>) =>
    new Counter({ name, help, labelNames: labels, registers: [registers] });
  const histogram = <Label extends string>({ name, help, labels, buckets = [] }: MetricRow<Label>) =>
    new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registers] });
  return {
    polls: counter(COUNTERS.polls),
    pollsSkipped: counter(COUNTERS.pollsSkipped),
    throttledSeconds: counter(COUNTERS.throttledSeconds),
    alertsFetched: counter(COUNTERS.alertsFetched),
    alerts: counter(COUNTERS.alerts),
    events: counter(COUNTERS.events),
    valuesCut: counter(COUNTERS.valuesCut),
    recordsRejected: counter(COUNTERS.recordsRejected),
    recordsSettled: counter(COUNTERS.recordsSettled),
    rescanAlerts: counter(COUNTERS.rescanAlerts),
    narrowings: counter(COUNTERS.narrowings),
    eventsFiltered: counter(COUNTERS.eventsFiltered),
    gatedSeconds: counter(COUNTERS.gatedSeconds),
    credentialSwitches: counter(COUNTERS.credentialSwitches),
    tokenRenewals: counter(COUNTERS.tokenRenewals),
    feedRequests: counter(COUNTERS.feedRequests),
    pagesSent: counter(COUNTERS.pagesSent),
    pagesAcknowledged: counter(COUNTERS.pagesAcknowledged),
    triesBroken: counter(COUNTERS.triesBroken),
    loginFailures: counter(COUNTERS.loginFailures),
    requestFailures: counter(COUNTERS.requestFailures),
    pollDuration: histogram(HISTOGRAMS.pollDuration),
    arrivalDelay: histogram(HISTOGRAMS.arrivalDelay),
  };
}

function startAtZero(meters: Meters, { sources, feeds, connectors }: Expected): void {
  for (const { tenantName: tenant, key } of sources) startSource(meters, { tenant, source: key.source });
  for (const feed of [...feeds, NO_FEED]) {
    for (const status of STATUS_CLASSES) meters.feedRequests.inc({ feed, status }, 0);
  }
  for (const feed of feeds) meters.eventsFiltered.inc({ feed }, 0);
  for (const { name: connector, feeds: own } of connectors) {
    for (const feed of own) startDelivery(meters, { connector, feed });
  }
  for (const kind of KINDS) meters.requestFailures.inc({ kind }, 0);
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
  countStored(meters, ref, NOTHING_STORED);
  meters.pollDuration.zero({ ...ref });
  meters.arrivalDelay.zero({ ...ref });
}

function startDelivery(meters: Meters, ref: { readonly connector: string; readonly feed: string }): void {
  for (const sending of ['first', 'repeat']) meters.pagesSent.inc({ ...ref, sending }, 0);
  for (const rule of Object.keys(RULES)) meters.pagesAcknowledged.inc({ ...ref, rule }, 0);
  meters.triesBroken.inc(ref, 0);
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
      meters.eventsFiltered.inc({ feed: event.feed }, event.events);
      return;
    case 'pageSent':
    case 'pageAcknowledged':
    case 'tryBroken':
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

type DeliveryEvent = Extract<BridgeEvent, { readonly name: 'pageSent' | 'pageAcknowledged' | 'tryBroken' }>;

function countDelivery(meters: Meters, event: DeliveryEvent): void {
  const ref = { connector: event.connector, feed: event.feed };
  switch (event.name) {
    case 'pageSent':
      meters.pagesSent.inc({ ...ref, sending: event.tries > 1 ? 'repeat' : 'first' });
      return;
    case 'pageAcknowledged':
      meters.pagesAcknowledged.inc({ ...ref, rule: event.by });
      return;
    case 'tryBroken':
      meters.triesBroken.inc(ref);
  }
}
