import type { AuditEntry } from '../domain/audit.ts';
import type { BridgeEvent, LoginWay, SourceRef } from '../domain/bridge-event.ts';
import type { ErrorKind } from '../domain/errors.ts';
import { REJECTION_CODES } from '../domain/rejection.ts';
import type { Meters } from './meters.ts';

type Acknowledged = Extract<BridgeEvent, { readonly name: 'pageAcknowledged' }>['by'];
type Gated = Extract<BridgeEvent, { readonly name: 'hostGated' }>['reason'];
type Noticed = Extract<BridgeEvent, { readonly name: 'noticeStored' }>['kind'];
type Skipped = Extract<BridgeEvent, { readonly name: 'pollSkipped' }>['reason'];

// Records, so that a value that is added cannot be forgotten here.
const RULES: Readonly<Record<Acknowledged, true>> = { confirmed: true, progress: true, repeat: true, response: true };
const GATES: Readonly<Record<Gated, true>> = { asked: true, limit: true };
const NOTICES: Readonly<Record<Noticed, true>> = { heartbeat: true, test: true };
const SKIPS: Readonly<Record<Skipped, true>> = { running: true, waiting: true };
const KINDS: Readonly<Record<ErrorKind, true>> = { operator: true, transient: true, upstream: true, bug: true };
const WAYS: Readonly<Record<LoginWay, true>> = {
  basic: true,
  bearer: true,
  certificate: true,
  urlKey: true,
  clientSecret: true,
  signIn: true,
};
const RESULTS = ['ok', ...Object.keys(KINDS)];
export const PRUNED = ['events', 'records', 'alerts'] as const;
const STATUS_CLASSES = ['2xx', '4xx', '5xx'] as const;
/** What is wrong with a token by its own claims (defender/token-claims.ts). */
const TOKEN_PROBLEMS = ['audience', 'tenant', 'role', 'expired'];
/** What the server writes for the auditor while it runs; commands write theirs themselves. */
const AUDITED = [
  'sign-in',
  'sign-in-refused',
  'sign-out',
  'consent',
  'consent-refused',
  'token-issued',
  'token-refused',
  'config-reload',
  'config-refused',
];
const OTHER_ACTION = 'other';
/** No feed can have this name. */
export const NO_FEED = '(none)';

/** An action as a label: the list stays closed. */
export function auditLabel(action: AuditEntry['action']): string {
  return AUDITED.includes(action) ? action : OTHER_ACTION;
}

/** What is counted for; each of them can be told of again and again. */
export interface Starter {
  source(ref: SourceRef): void;
  feed(name: string): void;
  delivery(ref: { readonly connector: string; readonly feed: string }): void;
}

/**
 * Every series that the configuration can lead to starts at 0: a rate over a series that begins with its first event
 * would miss that event. What joins while the bridge runs (a login that was created) begins when it is seen first.
 */
export function createStarter(meters: Meters): Starter {
  const started = new Set<string>();
  const once = (key: readonly string[], start: () => void): void => {
    const text = JSON.stringify(key);
    if (started.has(text)) return;
    started.add(text);
    start();
  };
  startProcess(meters);
  startRequests(meters, NO_FEED);
  return {
    source: ({ tenant, source }) => {
      once(['source', tenant, source], () => {
        startTenant(meters, tenant);
        startSource(meters, { tenant, source });
      });
    },
    feed: (name) => {
      once(['feed', name], () => {
        startRequests(meters, name);
        startFeed(meters, name);
      });
    },
    delivery: ({ connector, feed }) => {
      once(['delivery', connector, feed], () => {
        startDelivery(meters, { connector, feed });
      });
    },
  };
}

function startProcess(meters: Meters): void {
  for (const rows of PRUNED) meters.rowsPruned.inc({ rows }, 0);
  for (const kind of Object.keys(KINDS)) meters.requestFailures.inc({ kind }, 0);
  for (const by of Object.keys(WAYS)) meters.loginFailures.inc({ by }, 0);
  for (const action of [...AUDITED, OTHER_ACTION]) meters.auditEntries.inc({ action }, 0);
}

function startRequests(meters: Meters, feed: string): void {
  for (const status of STATUS_CLASSES) meters.feedRequests.inc({ feed, status }, 0);
  meters.feedRequestDuration.zero({ feed });
}

function startFeed(meters: Meters, feed: string): void {
  for (const counted of [meters.eventsFiltered, meters.eventsRenewed, meters.eventsReplayed]) counted.inc({ feed }, 0);
  for (const kind of Object.keys(NOTICES)) meters.notices.inc({ feed, kind }, 0);
}

function startTenant(meters: Meters, tenant: string): void {
  for (const reason of Object.keys(GATES)) meters.gatedSeconds.inc({ tenant, reason }, 0);
  for (const result of ['acquired', 'kept']) meters.tokenRenewals.inc({ tenant, result }, 0);
  for (const code of TOKEN_PROBLEMS) meters.tokenProblems.inc({ tenant, code }, 0);
  meters.credentialSwitches.inc({ tenant }, 0);
}

function startSource(meters: Meters, { tenant, source }: SourceRef): void {
  const ref = { tenant, source };
  for (const result of RESULTS) meters.polls.inc({ ...ref, result }, 0);
  for (const result of RESULTS) meters.rescans.inc({ ...ref, result }, 0);
  for (const reason of Object.keys(SKIPS)) meters.pollsSkipped.inc({ ...ref, reason }, 0);
  for (const reason of REJECTION_CODES) meters.recordsRejected.inc({ ...ref, reason }, 0);
  for (const outcome of ['new', 'changed']) meters.rescanAlerts.inc({ ...ref, outcome }, 0);
  for (const outcome of ['new', 'changed', 'duplicate', 'stale']) meters.alerts.inc({ ...ref, outcome }, 0);
  for (const plain of [
    ...[meters.pages, meters.alertsFetched, meters.events, meters.valuesCut],
    ...[meters.recordsSettled, meters.narrowings, meters.throttledSeconds, meters.catchUps, meters.catchUpSeconds],
  ])
    plain.inc(ref, 0);
  meters.pollDuration.zero(ref);
  meters.arrivalDelay.zero(ref);
}

function startDelivery(meters: Meters, ref: { readonly connector: string; readonly feed: string }): void {
  for (const sending of ['first', 'repeat']) {
    meters.pagesSent.inc({ ...ref, sending }, 0);
    meters.eventsSent.inc({ ...ref, sending }, 0);
  }
  for (const rule of Object.keys(RULES)) meters.pagesAcknowledged.inc({ ...ref, rule }, 0);
  for (const plain of [
    meters.eventsDelivered,
    meters.triesBroken,
    meters.eventsPassedOver,
    meters.cursorEvents,
    meters.sharedLogins,
  ])
    plain.inc(ref, 0);
}
