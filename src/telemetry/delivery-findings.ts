import { type Finding, ok } from '../domain/finding.ts';
import type { Position } from '../domain/position.ts';
import { moment, span } from '../domain/time-words.ts';
import type { Waiting } from '../store/feed-pages.ts';
import type { Observations, SeenConnector } from './observations.ts';
import { timeRow } from './time-finding.ts';
import { counted } from './wording.ts';

/** Sendings of one page without an acknowledgement that are worth a look. */
const MANY_TRIES = 5;

/** A connector that has asked. */
type Known = SeenConnector & { readonly position: Position };

/** What one connector takes, and what its time proves; nothing before its first poll. */
export function deliveryFindings(connector: SeenConnector, seen: Observations): readonly Finding[] {
  const { feed, position } = connector;
  if (position === null) return [];
  const acknowledge = seen.feeds.find(({ name }) => name === feed)?.acknowledge ?? 'progress';
  const time = timeRow(subjectOf(connector), { position, acknowledge, nowMs: seen.nowMs });
  if (acknowledge !== 'none') return [deliveryRow({ ...connector, position }, seen), time];
  const meaning = 'The feed keeps no position (acknowledge: none), so what the connector has taken is not known.';
  return [ok('connector.delivery', subjectOf(connector), meaning), time];
}

export function subjectOf({ name, feed }: SeenConnector): string {
  return `${name}/${feed}`;
}

type Trouble = Pick<Finding, 'sinceMs' | 'meaning' | 'remedy'>;

/** What the connector takes; of several troubles the one that says most. */
function deliveryRow(connector: Known, seen: Observations): Finding {
  const id = 'connector.delivery';
  const subject = subjectOf(connector);
  const { lastDeliveredMs } = connector.position;
  const told = `${waitingWords(connector.waiting)} ${deliveredWords(lastDeliveredMs)}`;
  const trouble = stuck(connector) ?? late(connector, seen) ?? idle(connector, seen);
  if (trouble === null) return ok(id, subject, told, lastDeliveredMs);
  return { id, state: 'warning', subject, ...trouble, meaning: `${trouble.meaning} ${told}` };
}

/** The same page again and again. */
function stuck({ position: { page } }: Known): Trouble | null {
  if (page === null || page.sent < MANY_TRIES) return null;
  return {
    sinceMs: page.firstTryMs,
    meaning: `A page of ${counted(page.events, 'event')} has been sent ${page.sent} times since ${moment(page.firstTryMs)} without being acknowledged.`,
    remedy:
      "Look at the connector's agent.log: it does not take the answer. An answer too large or too slow for it: lower page.maxEvents.",
  };
}

/** Events that wait for too long. */
function late({ waiting }: Known, { alarms: { undeliveredMs }, nowMs }: Observations): Trouble | null {
  const oldestMs = waiting?.oldestMs ?? null;
  if (undeliveredMs === null || oldestMs === null || nowMs - oldestMs <= undeliveredMs) return null;
  return {
    sinceMs: oldestMs,
    meaning: `Events have waited for longer than ${span(undeliveredMs)}, the oldest since ${moment(oldestMs)}.`,
    remedy:
      'If connector.poll is not ok, begin there. Otherwise it does not keep up: raise page.maxEvents, let it poll more often, or look at its agent.log. The threshold is alarms.undelivered.',
  };
}

/** It asks, and nothing comes. */
function idle({ position }: Known, { alarms, nowMs }: Observations): Trouble | null {
  const { lastPollMs, lastDeliveredMs } = position;
  const { nothingDeliveredMs, connectorSilentMs } = alarms;
  const isAsking = nowMs - lastPollMs <= connectorSilentMs;
  if (nothingDeliveredMs === null || lastDeliveredMs === null || !isAsking) return null;
  if (nowMs - lastDeliveredMs <= nothingDeliveredMs) return null;
  return {
    sinceMs: lastDeliveredMs,
    meaning: `The connector asks, but nothing has been delivered to it for longer than ${span(nothingDeliveredMs)}.`,
    remedy:
      "With events waiting: its agent.log. With none: see source.poll, the feed's filter and feed.heartbeat. The threshold is alarms.nothingDelivered.",
  };
}

function waitingWords(waiting: Waiting | null): string {
  const { events, isExact } = waiting ?? { events: 0, isExact: true };
  if (events === 0) return 'Nothing waits for it.';
  return `${isExact ? '' : 'Up to '}${counted(events, 'event')} ${events === 1 ? 'waits' : 'wait'} for its acknowledgement.`;
}

function deliveredWords(lastDeliveredMs: number | null): string {
  return lastDeliveredMs === null
    ? 'Nothing has been acknowledged yet.'
    : `The last acknowledgement was at ${moment(lastDeliveredMs)}.`;
}
