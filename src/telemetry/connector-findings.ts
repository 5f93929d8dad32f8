import { type Finding, ok } from '../domain/finding.ts';
import { moment } from '../domain/time-words.ts';
import { deliveryFindings, subjectOf } from './delivery-findings.ts';
import type { Observations, SeenConnector } from './observations.ts';
import { counted } from './wording.ts';

/** How long an event that was passed over is told, counted from the last. */
const TOLD_MS = 7 * 86_400_000;
/** Where so many in a row were passed over, the fault is hardly theirs. */
const SUSPECT_EVENTS = 3;

/** The rows of one connector on one feed: whether it asks, what it takes, and what its time proves. */
export function connectorFindings(connector: SeenConnector, seen: Observations): readonly Finding[] {
  return [
    pollRow(connector, seen),
    ...deliveryFindings(connector, seen),
    ...partiesRow(connector),
    ...passedOverRow(connector, seen.nowMs),
    ...keptRow(connector),
  ];
}

function pollRow(connector: SeenConnector, { alarms, nowMs }: Observations): Finding {
  const { position } = connector;
  const row = { id: 'connector.poll', subject: subjectOf(connector) } as const;
  // One whose start was set by hand has a position before it asks.
  if (position === null || position.lastPollMs === 0) {
    if (connector.cursorReadMs !== null) return cursorRow(connector.cursorReadMs, row, { alarms, nowMs });
    return {
      ...row,
      state: 'warning',
      sinceMs: null,
      meaning: 'This connector has never asked for events.',
      remedy: 'Set the connector up as INSTALL.md says; check address, certificate and login.',
    };
  }
  const { lastPollMs, lastDeliveredMs } = position;
  const silentMs = nowMs - lastPollMs;
  const delivery =
    lastDeliveredMs === null
      ? 'nothing was ever delivered to it'
      : `the last delivery was at ${moment(lastDeliveredMs)}`;
  if (silentMs <= alarms.connectorSilentMs)
    return ok(row.id, row.subject, `It asks for events, last at ${moment(lastPollMs)}; ${delivery}.`, lastPollMs);
  return {
    ...row,
    state: silentMs > alarms.connectorFailedMs ? 'failed' : 'warning',
    sinceMs: lastPollMs,
    meaning: `The connector has stopped asking for events: the last time was ${moment(lastPollMs)}; ${delivery}.`,
    remedy:
      'Check that the connector runs and reaches this bridge (its agent.log), and that its login still works. What waits for it is kept. The thresholds are alarms.connectorSilent and alarms.connectorFailed.',
  };
}

/** It keeps its place itself: whether it has processed what it read, nobody here knows. */
function cursorRow(
  readMs: number,
  row: Pick<Finding, 'id' | 'subject'>,
  { alarms, nowMs }: Pick<Observations, 'alarms' | 'nowMs'>,
): Finding {
  const meaning = `It reads /events with a cursor of its own, last at ${moment(readMs)}.`;
  if (nowMs - readMs <= alarms.connectorFailedMs) return ok(row.id, row.subject, meaning, readMs);
  return {
    ...row,
    state: 'warning',
    sinceMs: readMs,
    meaning,
    remedy:
      'Check that it still runs. Its cursor is good for as long as the events behind it are kept (store.retention).',
  };
}

function partiesRow(connector: SeenConnector): readonly Finding[] {
  const parties = connector.position?.parties ?? null;
  if (parties === null) return [];
  return [
    {
      id: 'connector.parties',
      state: 'warning',
      subject: subjectOf(connector),
      sinceMs: parties.sinceMs,
      meaning: `Two parties seem to use this login, from ${parties.addresses.join(' and ')}, last at ${moment(parties.lastMs)}. While they do, each gets some events twice; none is lost.`,
      remedy: 'Give each connector a login of its own, and stop the one that should not run.',
    },
  ];
}

function passedOverRow(connector: SeenConnector, nowMs: number): readonly Finding[] {
  const { position } = connector;
  if (position?.passedOver == null) return [];
  const { events, lastSeq, lastMs } = position.passedOver;
  const id = 'connector.passed-over';
  const subject = subjectOf(connector);
  const told = `${counted(events, 'event')} ${events === 1 ? 'was' : 'were'} passed over after many failed tries, the last, FeedSeq ${lastSeq}, at ${moment(lastMs)}`;
  const inARow = position.passedInARow >= SUSPECT_EVENTS;
  if (nowMs - lastMs >= TOLD_MS && !inARow) return [ok(id, subject, `${told}; none in the seven days since.`, lastMs)];
  const command = `flexbridge replay --feed ${connector.feed} --connector ${connector.name} --position ${lastSeq}`;
  const others = events === 1 ? '' : ' (the log names the others)';
  return [
    {
      id,
      state: inARow ? 'failed' : 'warning',
      subject,
      sinceMs: lastMs,
      meaning: inARow
        ? `${told}. ${position.passedInARow} of them in a row: the connector takes nothing at all.`
        : `${told}, so that the rest could go on.`,
      remedy: `Find out in the connector's agent.log why it did not take it, then send it again: ${command}${others}. This row is ok again seven days after the last one.`,
    },
  ];
}

function keptRow(connector: SeenConnector): readonly Finding[] {
  if (!connector.isKept) return [];
  return [
    {
      id: 'connector.position',
      state: 'warning',
      subject: subjectOf(connector),
      sinceMs: null,
      meaning:
        'How far the connector has got is kept in memory, because the store cannot be written. A restart now would send it again what it took since then.',
      remedy: 'See store.writable, and do not restart the bridge before that is ok again.',
    },
  ];
}
