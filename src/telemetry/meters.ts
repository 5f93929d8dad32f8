import { Counter, Histogram, type Registry } from 'prom-client';
import type { MetricRow } from './metric-row.ts';
import { COUNTERS, HISTOGRAMS } from './metrics-table.ts';

export type Meters = ReturnType<typeof createMeters>;

/** What the events of the bridge are counted with, in the given registry. */
export function createMeters(registers: Registry) {
  const counter = <Label extends string>({ name, help, labels }: MetricRow<Label>) =>
    new Counter({ name, help, labelNames: labels, registers: [registers] });
  const histogram = <Label extends string>({ name, help, labels, buckets = [] }: MetricRow<Label>) =>
    new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registers] });
  return {
    polls: counter(COUNTERS.polls),
    pollsSkipped: counter(COUNTERS.pollsSkipped),
    throttledSeconds: counter(COUNTERS.throttledSeconds),
    pages: counter(COUNTERS.pages),
    alertsFetched: counter(COUNTERS.alertsFetched),
    alerts: counter(COUNTERS.alerts),
    events: counter(COUNTERS.events),
    valuesCut: counter(COUNTERS.valuesCut),
    recordsRejected: counter(COUNTERS.recordsRejected),
    recordsSettled: counter(COUNTERS.recordsSettled),
    rescans: counter(COUNTERS.rescans),
    rescanAlerts: counter(COUNTERS.rescanAlerts),
    narrowings: counter(COUNTERS.narrowings),
    catchUps: counter(COUNTERS.catchUps),
    catchUpSeconds: counter(COUNTERS.catchUpSeconds),
    gatedSeconds: counter(COUNTERS.gatedSeconds),
    credentialSwitches: counter(COUNTERS.credentialSwitches),
    tokenRenewals: counter(COUNTERS.tokenRenewals),
    tokenProblems: counter(COUNTERS.tokenProblems),
    eventsFiltered: counter(COUNTERS.eventsFiltered),
    eventsRenewed: counter(COUNTERS.eventsRenewed),
    eventsReplayed: counter(COUNTERS.eventsReplayed),
    notices: counter(COUNTERS.notices),
    feedRequests: counter(COUNTERS.feedRequests),
    pagesSent: counter(COUNTERS.pagesSent),
    eventsSent: counter(COUNTERS.eventsSent),
    eventsDelivered: counter(COUNTERS.eventsDelivered),
    pagesAcknowledged: counter(COUNTERS.pagesAcknowledged),
    triesBroken: counter(COUNTERS.triesBroken),
    eventsPassedOver: counter(COUNTERS.eventsPassedOver),
    cursorEvents: counter(COUNTERS.cursorEvents),
    sharedLogins: counter(COUNTERS.sharedLogins),
    commandFailures: counter(COUNTERS.commandFailures),
    rowsPruned: counter(COUNTERS.rowsPruned),
    undeliveredPruned: counter(COUNTERS.undeliveredPruned),
    upkeepFailures: counter(COUNTERS.upkeepFailures),
    storeOutages: counter(COUNTERS.storeOutages),
    storeOutageSeconds: counter(COUNTERS.storeOutageSeconds),
    auditEntries: counter(COUNTERS.auditEntries),
    auditFailures: counter(COUNTERS.auditFailures),
    auditFileOutages: counter(COUNTERS.auditFileOutages),
    loginFailures: counter(COUNTERS.loginFailures),
    requestFailures: counter(COUNTERS.requestFailures),
    pollDuration: histogram(HISTOGRAMS.pollDuration),
    feedRequestDuration: histogram(HISTOGRAMS.feedRequestDuration),
    arrivalDelay: histogram(HISTOGRAMS.arrivalDelay),
  };
}
