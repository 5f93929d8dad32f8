import { type ClockOff, clockOff, fitClock } from './clock-fit.ts';
import { type AcknowledgeMode, followsStamp, type Parties, type Position, type SeenPoll } from './position.ts';
import { parseSince } from './since.ts';
import { stepsOf, type TimeStep, zoneOfStamps } from './time-steps.ts';

/**
 * What the time in a connector's requests is, as far as they show it.
 * follows-stamp: the stamp of the newest event it has processed. last-success: when it began its last poll that worked.
 * earlier-poll: when it began an earlier poll; whether the last or the last that worked has not been seen yet.
 * wall-clock: its clock, whatever became of the answer before. other-date: it moves, but is none of these.
 * frozen: always the same. missing: none. unknown: too little has been seen.
 */
export type TimeMeaning =
  | 'follows-stamp'
  | 'last-success'
  | 'earlier-poll'
  | 'wall-clock'
  | 'other-date'
  | 'frozen'
  | 'missing'
  | 'unknown';

/**
 * at-least-once: nothing is lost, whatever happens to the connector. up-to-receipt: nothing is lost up to the receipt by
 * the peer, which behind a buffering proxy is the proxy. by-its-time: the bridge keeps no position, so it depends on the
 * connector.
 */
export type GuaranteeKind = 'at-least-once' | 'up-to-receipt' | 'by-its-time';

export interface ConnectorTime {
  readonly meaning: TimeMeaning;
  /** Its meaning as a sentence. */
  readonly says: string;
  /** Null when it sends no time. */
  readonly precision: 'milliseconds' | 'seconds' | 'minutes' | null;
  /** How its clock, or the zone it writes in, differs from the bridge's; null where the time is no clock. */
  readonly clock: ClockOff | null;
  /** The last time that its time went back, within a day. */
  readonly steppedBack: { readonly atMs: number; readonly byMs: number } | null;
  /** While two parties seem to use the login. */
  readonly parties: Parties | null;
  readonly guarantee: { readonly kind: GuaranteeKind; readonly text: string };
}

const DAY_MS = 86_400_000;
/** Pages that were sent for one and the same time before that is called frozen. */
const FROZEN_PAGES = 3;
/** Different times before a time that fits nothing is called another date. */
const ENOUGH_STEPS = 3;

/** What a connector's requests show, and so what is guaranteed (design: Feed). Pure; read from `position.recent`. */
export function connectorTime(position: Position, nowMs: number, mode: AcknowledgeMode = 'progress'): ConnectorTime {
  const polls = ofLastParty(position.recent);
  const steps = stepsOf(polls);
  const { meaning, offMs } = meaningOf(position, polls, steps);
  const precision = precisionOf(polls);
  return {
    meaning,
    says: SAYS[meaning],
    precision,
    clock: offMs === null ? null : clockOff(offMs, UNITS_MS[precision ?? 'milliseconds']),
    steppedBack: lastStepBack(steps, nowMs),
    parties: position.parties,
    guarantee: guaranteeOf(meaning, position, mode),
  };
}

/**
 * True when the same time again says that the answer before was not processed: the connector has shown that its time
 * moves with what it processes or with its clock. Otherwise the time may be one that never moves, or a date of the events
 * that happens to keep a distance from the clock.
 */
export function movesWhenProcessed(position: Position): boolean {
  const polls = ofLastParty(position.recent);
  const steps = stepsOf(polls);
  const { meaning, offMs } = meaningOf(position, polls, steps);
  if (meaning === 'follows-stamp' || isStamp(steps.at(-1)) || isOnlyRequest(steps)) return true;
  const isClock = meaning === 'last-success' || meaning === 'earlier-poll' || meaning === 'wall-clock';
  return isClock && offMs !== null && clockOff(offMs, UNITS_MS[precisionOf(polls) ?? 'milliseconds']).kind !== 'off';
}

/** It has moved once, to the time of the request before: by a clock that is right, no later step has to show that. */
function isOnlyRequest(steps: readonly TimeStep[]): boolean {
  const [only, ...more] = steps;
  return only !== undefined && more.length === 0 && clockOff(only.ms - only.beforeMs, only.unitMs).kind === 'right';
}

interface Meaning {
  readonly meaning: TimeMeaning;
  /** How far its times are from what they would be by the bridge's clock; null where they are no clock. */
  readonly offMs: number | null;
}

function meaningOf(position: Position, polls: readonly SeenPoll[], steps: readonly TimeStep[]): Meaning {
  const last = polls.at(-1);
  if (last === undefined) return { meaning: 'unknown', offMs: null };
  if (last.since === null) return { meaning: 'missing', offMs: null };
  if (followsStamp(position) || repeatsStamps(steps)) return { meaning: 'follows-stamp', offMs: zoneOfStamps(polls) };
  const fit = fitClock(steps);
  if (fit?.kind === 'asking') return { meaning: 'wall-clock', offMs: fit.offMs };
  if (fit?.kind === 'earlier') return { meaning: earlierPoll(polls), offMs: fit.offMs };
  if (last.pages >= FROZEN_PAGES) return { meaning: 'frozen', offMs: null };
  return { meaning: steps.length >= ENOUGH_STEPS ? 'other-date' : 'unknown', offMs: null };
}

function repeatsStamps(steps: readonly TimeStep[]): boolean {
  return isStamp(steps.at(-1)) && isStamp(steps.at(-2));
}

function isStamp(step: TimeStep | undefined): boolean {
  return step !== undefined && step.stampOffMs !== null;
}

/** Its last success keeps its place when an answer breaks off; its last try does not. */
function earlierPoll(polls: readonly SeenPoll[]): 'wall-clock' | 'last-success' | 'earlier-poll' {
  if (polls.some(({ movedAfterBroken }) => movedAfterBroken)) return 'wall-clock';
  return polls.some(({ heldAfterBroken }) => heldAfterBroken) ? 'last-success' : 'earlier-poll';
}

function ofLastParty(recent: readonly SeenPoll[]): readonly SeenPoll[] {
  const address = recent.at(-1)?.address;
  return recent.filter((poll) => poll.address === address);
}

const UNITS_MS = { milliseconds: 1, seconds: 1000, minutes: 60_000 } as const;

/** The finest that was seen: a program may leave out a fraction that is zero. */
function precisionOf(polls: readonly SeenPoll[]): ConnectorTime['precision'] {
  const units = polls.flatMap(({ since }) => {
    const read = parseSince(since ?? undefined);
    return read.kind === 'time' ? [read.unitMs] : [];
  });
  if (units.length === 0) return null;
  const finest = Math.min(...units);
  if (finest < UNITS_MS.seconds) return 'milliseconds';
  return finest < UNITS_MS.minutes ? 'seconds' : 'minutes';
}

function lastStepBack(steps: readonly TimeStep[], nowMs: number): ConnectorTime['steppedBack'] {
  const back = steps.findLast(({ byMs }) => byMs < 0);
  if (back === undefined || nowMs - back.atMs > DAY_MS) return null;
  return { atMs: back.atMs, byMs: -back.byMs };
}

const SAYS: Readonly<Record<TimeMeaning, string>> = {
  'follows-stamp': 'Its time is the stamp of the newest event that it has processed.',
  'last-success': 'Its time is when it began its last poll that worked.',
  'earlier-poll': 'Its time is when it began an earlier poll; whether one that failed counts has not been seen yet.',
  'wall-clock': 'Its time goes on with its clock, whatever became of the answer before.',
  'other-date':
    'Its time moves, but is neither the stamp of a page nor the time of a poll: another date of the events.',
  frozen: 'Its time is always the same.',
  missing: 'Its requests carry no time.',
  unknown: 'Too little has been seen of its time to say what it is.',
};

const AT_LEAST_ONCE =
  'At least once: every event is delivered, also when the connector dies between receiving and processing it.';
const UP_TO_RECEIPT =
  'At least once up to receipt by the peer, which behind a buffering proxy is the proxy; what the connector loses after that is lost.';

function guaranteeOf(meaning: TimeMeaning, position: Position, mode: AcknowledgeMode): ConnectorTime['guarantee'] {
  if (mode === 'none') return byItsTime(meaning);
  if (position.parties !== null)
    return {
      kind: 'at-least-once',
      text: 'At least once: while two parties use the login, only the stamp of a page acknowledges it, and all else is sent again.',
    };
  if (mode === 'response' && !followsStamp(position)) return { kind: 'up-to-receipt', text: UP_TO_RECEIPT };
  switch (meaning) {
    case 'follows-stamp':
      return followsStamp(position)
        ? { kind: 'at-least-once', text: AT_LEAST_ONCE }
        : {
            kind: 'up-to-receipt',
            text: `${UP_TO_RECEIPT} After three pages in a row it is at least once in any case.`,
          };
    case 'last-success':
      return { kind: 'at-least-once', text: AT_LEAST_ONCE };
    case 'earlier-poll':
      return {
        kind: 'up-to-receipt',
        text: `${UP_TO_RECEIPT} Should its time turn out to stay where it is when a poll fails, it is at least once in any case.`,
      };
    case 'frozen':
      return {
        kind: 'up-to-receipt',
        text: `${UP_TO_RECEIPT} Every page is sent twice; "acknowledge: response" for the feed spares that.`,
      };
    case 'wall-clock':
    case 'other-date':
    case 'missing':
    case 'unknown':
      return { kind: 'up-to-receipt', text: UP_TO_RECEIPT };
  }
}

/** `acknowledge: none`: what was stored after its time, and older than two seconds. */
function byItsTime(meaning: TimeMeaning): ConnectorTime['guarantee'] {
  const kind = 'by-its-time';
  if (meaning === 'follows-stamp') return { kind, text: `${AT_LEAST_ONCE} The bridge keeps no position.` };
  if (meaning === 'unknown')
    return { kind, text: 'The bridge keeps no position: it sends what was stored after the time in the request.' };
  return {
    kind,
    text: 'Events can be lost: the bridge keeps no position, and this time is not that of the newest event received. Set "acknowledge: progress" for the feed.',
  };
}
