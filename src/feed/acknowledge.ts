import { movesWhenProcessed } from '../domain/connector-time.ts';
import { type AcknowledgeMode, FOLLOWS_AFTER, followsStamp, type PageTry, type Position } from '../domain/position.ts';
import { isStamp, parseSince, type Since } from '../domain/since.ts';
import { inUtc, zoneOfStamps } from '../domain/time-steps.ts';

/** Which rule took a page as delivered. */
export type AcknowledgedBy = 'confirmed' | 'progress' | 'repeat' | 'response';

export interface Poll {
  readonly since: Since;
  readonly mode: AcknowledgeMode;
  /** Stamp of the try that went out last on the socket this request came in on, if any. */
  readonly socketStampMs: number | null;
  readonly nowMs: number;
}

export interface Judgement {
  readonly position: Position;
  readonly by: AcknowledgedBy | null;
}

/** Clean tries with one and the same time that count as delivered, for a connector whose time does not move. */
const CLEAN_REPEATS = 2;
/** Coarser than this, a time cannot be told from a clock. */
const COARSEST_UNIT_MS = 1000;
const LEAD_MS = 1000;
/** Stands for a request without a time among the unexpected ones. */
const NO_TIME = '';

/**
 * What a request says about the page sent before it (design: Feed). In the order of proof: (a) its time is the stamp
 * of a try, (b) its time moved after a try that was not broken, (c) the same time after two clean tries; or, where the
 * URL carries no time or the feed says `response`, it came in on the socket that took the page. While two parties use
 * the login only (a) counts: what one of them says with (b) or (c) says nothing of the other's page.
 */
export function judge(before: Position, poll: Poll): Judgement {
  const { page, parties } = before;
  const { since } = poll;
  const confirmed = page?.tries.findLast((attempt) => confirms(before, poll, attempt));
  if (confirmed !== undefined) return { position: confirm(before, poll, confirmed), by: 'confirmed' };
  const position = watchFollower(before, since);
  const last = page?.tries.at(-1);
  if (page === null || last === undefined || parties !== null) return { position, by: null };
  if (poll.mode === 'response' || (since.kind === 'none' && !followsStamp(position))) {
    const sent = page.tries.find(({ stampMs }) => stampMs === poll.socketStampMs);
    return sent === undefined ? { position, by: null } : { position: unconfirmed(position, sent.to), by: 'response' };
  }
  if (followsStamp(position)) return { position, by: null };
  const by = moved(last, since) ? progress(last) : repeat(position, page.tries, since);
  return { position: by === null ? position : unconfirmed(position, last.to), by };
}

/**
 * The time is the stamp of the try, and was not sent before the try was. Where it may as well be a clock in whole seconds
 * it proves no more than that it moved: it is that same second whether the answer arrived or not.
 */
function confirms(position: Position, poll: Poll, attempt: PageTry): boolean {
  const { since } = poll;
  if (!repeatsStamp(position, since, attempt.stampMs) || !moved(attempt, since)) return false;
  const isCoarse = since.kind === 'time' && since.unitMs > 1;
  if (!isCoarse || !couldBeClock(position, poll)) return true;
  return isClean(attempt) && attempt === position.page?.tries.at(-1) && position.parties === null;
}

/** The time is that of this request or an earlier one, by a clock that is right to one unit of the precision sent. */
function couldBeClock({ page, recent }: Position, { since, nowMs }: Poll): boolean {
  if (since.kind === 'none') return false;
  const { ms, unitMs } = since;
  const slackMs = unitMs === 1 ? 0 : unitMs;
  const asked = [
    nowMs,
    ...(page?.tries ?? []).map(({ atMs }) => atMs),
    ...recent.flatMap((poll) => [poll.atMs, poll.lastMs]),
  ];
  return asked.some((atMs) => ms > atMs - unitMs - slackMs && ms <= atMs + slackMs);
}

/** As it is, or in the zone in which the connector has written stamps before. */
function repeatsStamp({ recent }: Position, since: Since, stampMs: number): boolean {
  return isStamp(since, stampMs) || isStamp(inUtc(since, zoneOfStamps(recent)), stampMs);
}

/** The last confirmation before it is taken to follow the stamp must be one that no clock can have sent. */
function confirm(before: Position, poll: Poll, attempt: PageTry): Position {
  const isProof = followsStamp(before) || !couldBeClock(before, poll);
  const run = before.confirmedRun + 1;
  return {
    ...take(before, attempt.to),
    confirmedRun: isProof ? run : Math.min(run, FOLLOWS_AFTER - 1),
    confirmedStampMs: attempt.stampMs,
    strayed: null,
  };
}

/**
 * The next stamp lies not before this, epoch ms. It is so far ahead that no clock hits it where that would do harm: a clock
 * that is ours to the millisecond, as on one machine, would confirm what was lost on the way; and where only one more
 * confirmation is missing, one in whole seconds would be taken for a receipt, and the next page sent twice. The very
 * first stamp must differ from the time in the request, or it would not be known again.
 */
export function earliestStamp(position: Position, since: Since, nowMs: number): number {
  const { confirmedRun, recent } = position;
  if (since.kind === 'none' || since.unitMs > COARSEST_UNIT_MS) return nowMs;
  if (since.unitMs < COARSEST_UNIT_MS && !followsStamp(position)) return nowMs + LEAD_MS;
  if (confirmedRun === FOLLOWS_AFTER - 1) return nowMs + 2 * since.unitMs;
  return recent.length === 0 && isStamp(since, nowMs) ? since.ms + since.unitMs : nowMs;
}

/** An orderly end of the socket: proof enough where the connector's time is no proof. */
export function judgeClosed(position: Position, attempt: PageTry, mode: AcknowledgeMode): Judgement {
  const { parties } = position;
  const proves = mode === 'response' || (attempt.since === null && !followsStamp(position));
  if (!proves || parties !== null) return { position, by: null };
  return { position: unconfirmed(position, attempt.to), by: 'response' };
}

/**
 * Two different unexpected times in a row, or two requests without any, end the following: it was a clock that looked
 * alike. One and the same unexpected time may be where a connector goes on that lost what it knew.
 */
function watchFollower(position: Position, since: Since): Position {
  const { confirmedStampMs, strayed } = position;
  if (!followsStamp(position)) return position;
  if (confirmedStampMs !== null && repeatsStamp(position, since, confirmedStampMs))
    return { ...position, strayed: null };
  const text = since.kind === 'none' ? NO_TIME : since.text;
  if (strayed === null) return { ...position, strayed: text };
  return strayed === text && text !== NO_TIME ? position : { ...position, strayed: null, confirmedRun: 0 };
}

function progress(last: PageTry): AcknowledgedBy | null {
  return isClean(last) ? 'progress' : null;
}

/** Not where the time has shown that it moves once a page is processed: then the same time says that it was not. */
function repeat(position: Position, tries: readonly PageTry[], since: Since): AcknowledgedBy | null {
  const { confirmedStampMs } = position;
  if (confirmedStampMs !== null && repeatsStamp(position, since, confirmedStampMs)) return null;
  if (movesWhenProcessed(position)) return null;
  const clean = tries.filter((attempt) => isClean(attempt) && !moved(attempt, since));
  return clean.length >= CLEAN_REPEATS ? 'repeat' : null;
}

function moved({ since: before }: PageTry, now: Since): boolean {
  if (before === null || now.kind === 'none') return before !== null || now.kind !== 'none';
  const then = parseSince(before);
  return then.kind === 'none' || then.ms !== now.ms;
}

/** `open` is not clean: the answer has not left yet. */
function isClean({ outcome }: PageTry): boolean {
  return outcome === 'sent' || outcome === 'closed';
}

function unconfirmed(position: Position, to: number): Position {
  return { ...take(position, to), confirmedRun: 0 };
}

function take(position: Position, to: number): Position {
  const acknowledged = Math.max(position.acknowledged, to);
  return { ...position, acknowledged, page: null, pace: nextPace(position), passedInARow: 0 };
}

/** After an event that was taken alone two, then twice as many each time, until the feed's own limit is the smaller. */
function nextPace({ page, pace }: Position): number | null {
  if (page === null) return pace;
  if (page.alone) return 2;
  return pace === null || page.events < pace ? null : pace * 2;
}
