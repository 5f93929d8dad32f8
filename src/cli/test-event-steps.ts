import type { FeedConfig } from '../config/config.ts';
import { followsStamp, type Position } from '../domain/position.ts';
import { moment, span } from '../domain/time-words.ts';
import { counted } from '../telemetry/wording.ts';

/** How far the event has got with one connector. */
export interface ConnectorStep {
  readonly connector: string;
  /** `waiting`: not sent yet. `sent`: no acknowledgement yet. `passed-over`: given up after many failed tries. */
  readonly state: 'waiting' | 'sent' | 'acknowledged' | 'passed-over';
  /** What that means, and how sure it is. */
  readonly meaning: string;
  /** What to do while it stays so; empty once it has arrived. */
  readonly remedy: string;
}

export interface Seen {
  readonly feed: Pick<FeedConfig, 'name' | 'acknowledge'>;
  readonly seq: number;
  /** When the event was asked for. */
  readonly askedMs: number;
  readonly position: Position | null;
  readonly nowMs: number;
}

type Step = Omit<ConnectorStep, 'connector'>;

const LOG = "Look at the connector's agent.log";

export function isArrived({ state }: ConnectorStep): boolean {
  return state === 'acknowledged';
}

export function stepOf(connector: string, seen: Seen): ConnectorStep {
  return { connector, ...step(seen) };
}

function step(seen: Seen): Step {
  const { position, seq, askedMs, feed } = seen;
  if (position === null || position.lastPollMs === 0) return never();
  if (feed.acknowledge === 'none') return withoutPosition(position, seen);
  if (position.passedOver?.lastSeq === seq) return passedOver();
  if (position.acknowledged >= seq) return acknowledged(position, seen);
  const sent = position.page?.tries.findLast(({ to }) => to >= seq);
  if (position.page !== null && position.page.from <= seq && sent !== undefined) {
    return unacknowledged(position.page.sent, sent.atMs, sent.outcome === 'broken');
  }
  return position.lastPollMs < askedMs ? silent(position, seen) : behind(position, seen);
}

function never(): Step {
  return {
    state: 'waiting',
    meaning: 'It has never asked this feed for events.',
    remedy: 'Set the connector up as INSTALL.md says; check address, certificate and login. Then: flexbridge doctor',
  };
}

function silent({ lastPollMs }: Position, { nowMs }: Seen): Step {
  return {
    state: 'waiting',
    meaning: `It has not asked since ${moment(lastPollMs)}, ${span(nowMs - lastPollMs)} ago.`,
    remedy: `Check that the connector runs and reaches this bridge. ${LOG}.`,
  };
}

function behind({ acknowledged: position, page }: Position, { seq }: Seen): Step {
  const pending = page === null ? '' : `, and takes FeedSeq ${page.from} to ${page.to} first`;
  return {
    state: 'waiting',
    meaning: `It asks, but ${counted(seq - position - 1, 'event')} may wait before this one${pending}.`,
    remedy: 'Wait for the backlog to drain, with a longer --timeout. flexbridge status shows how it goes.',
  };
}

function unacknowledged(tries: number, atMs: number, isBroken: boolean): Step {
  const times = tries === 1 ? '' : `, ${tries} times by now`;
  return {
    state: 'sent',
    meaning: isBroken
      ? `Sent at ${moment(atMs)}${times}; the connection broke before the answer was taken.`
      : `Sent at ${moment(atMs)}${times}; no later request has shown yet that it was taken.`,
    remedy: `${LOG}: it polls too seldom, does not get the whole answer, or cannot parse it. The finding connector.time of flexbridge doctor says what its requests show.`,
  };
}

function acknowledged(position: Position, { feed }: Seen): Step {
  return { state: 'acknowledged', meaning: proof(position, feed), remedy: '' };
}

/** The run of confirmed pages is ended by every other acknowledgement: what it says is true of the last one. */
function proof(position: Position, { acknowledge }: Seen['feed']): string {
  if (position.confirmedRun > 0 || followsStamp(position)) {
    return 'Acknowledged: its time repeated the stamp of the page, so it has processed the event.';
  }
  return acknowledge === 'response'
    ? 'Acknowledged: the connection went on, or ended, in order after the answer. It was received; whether it was processed does not show.'
    : 'Acknowledged: it asked on with another time. The answer was received by the connector, or by a proxy before it.';
}

function passedOver(): Step {
  return {
    state: 'passed-over',
    meaning: 'Given up: it was sent alone several times and never taken, so that it does not hold up the others.',
    remedy: `${LOG}: this connector cannot take any event, or its parser file is another. flexbridge generate --check compares it.`,
  };
}

/** `acknowledge: none`: the connector says itself from when on it wants events. */
function withoutPosition(position: Position, seen: Seen): Step {
  if (position.lastPollMs < seen.askedMs) return silent(position, seen);
  return {
    state: 'sent',
    meaning: `It asked at ${moment(position.lastPollMs)}. This feed keeps no positions (acknowledge: none): what became of the answer does not show.`,
    remedy: 'Look for the event in ArcSight: deviceEventClassId is bridge:test.',
  };
}

/** One line of the report. */
export function stepText({ state, meaning }: ConnectorStep): string {
  return state === 'waiting' ? `not sent: ${meaning}` : meaning;
}
