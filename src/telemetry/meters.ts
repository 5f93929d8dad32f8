import { Counter, Histogram, type Registry } from 'prom-client';
import { COUNTERS, HISTOGRAMS, type MetricRow } from './metrics-table.ts';

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
    eventsPassedOver: counter(COUNTERS.eventsPassedOver),
    cursorEvents: counter(COUNTERS.cursorEvents),
    eventsRenewed: counter(COUNTERS.eventsRenewed),
    eventsReplayed: counter(COUNTERS.eventsReplayed),
    notices: counter(COUNTERS.notices),
    commandFailures: counter(COUNTERS.commandFailures),
    rowsPruned: counter(COUNTERS.rowsPruned),
    undeliveredPruned: counter(COUNTERS.undeliveredPruned),
    upkeepFailures: counter(COUNTERS.upkeepFailures),
    loginFailures: counter(COUNTERS.loginFailures),
    requestFailures: counter(COUNTERS.requestFailures),
    pollDuration: histogram(HISTOGRAMS.pollDuration),
    arrivalDelay: histogram(HISTOGRAMS.arrivalDelay),
  };
}
