import { followsStamp, type PageTry, type Position } from '../store/detection-store.ts';
import { isStamp, parseSince, type Since } from './since.ts';

export type AcknowledgeMode = 'progress' | 'response';
/** Which rule took a page as delivered. */
export type AcknowledgedBy = 'confirmed' | 'progress' | 'repeat' | 'response';

export interface Poll {
  readonly since: Since;
  readonly mode: AcknowledgeMode;
  /** Stamp of the try that went out last on the socket this request came in on, if any. */
  readonly socketStampMs: number | null;
}

export interface Judgement {
  readonly position: Position;
  readonly by: AcknowledgedBy | null;
}

/** Clean tries with one and the same time that count as delivered, for a connector whose time does not move. */
const CLEAN_REPEATS = 2;

/**
 * What a request says about the page sent before it (design: Feed). In the order of proof: (a) its time is the stamp
 * of a try, (b) its time moved after a try that was not broken, (c) the same time after two clean tries; or, where the
 * URL carries no time or the feed says `response`, it came in on the socket that took the page.
 */
export function judge(before: Position, poll: Poll): Judgement {
  const { page } = before;
  const confirmed = page?.tries.findLast((attempt) => confirms(poll.since, attempt));
  if (confirmed !== undefined) {
    const run = before.confirmedRun + 1;
    const position = {
      ...take(before, confirmed.to),
      confirmedRun: run,
      confirmedStampMs: confirmed.stampMs,
      strayed: null,
    };
    return { position, by: 'confirmed' };
  }
  const position = watchFollower(before, poll.since);
  const last = page?.tries.at(-1);
  if (page === null || last === undefined) return { position, by: null };
  if (poll.mode === 'response' || poll.since.kind === 'none') {
    const sent = page.tries.find(({ stampMs }) => stampMs === poll.socketStampMs);
    return sent === undefined ? { position, by: null } : { position: unconfirmed(position, sent.to), by: 'response' };
  }
  if (followsStamp(position)) return { position, by: null };
  const by = moved(last, poll.since) ? progress(last) : repeat(page.tries, poll.since);
  return { position: by === null ? position : unconfirmed(position, last.to), by };
}

/**
 * The time is the stamp of the try. A connector that sends its clock in whole seconds sends, after a try, that same
 * second whether the answer arrived or not: for a broken try that is no confirmation.
 */
function confirms(since: Since, { stampMs, atMs, outcome }: PageTry): boolean {
  if (!isStamp(since, stampMs)) return false;
  const couldBeClock = since.kind === 'time' && since.unitMs > 1 && Math.abs(stampMs - atMs) < since.unitMs;
  return outcome !== 'broken' || !couldBeClock;
}

/** An orderly end of the socket: proof enough where the connector's time is no proof. */
export function judgeClosed(position: Position, attempt: PageTry, mode: AcknowledgeMode): Judgement {
  const proves = mode === 'response' || attempt.since === null;
  return proves ? { position: unconfirmed(position, attempt.to), by: 'response' } : { position, by: null };
}

/** Two unexpected times in a row end the following: it was a clock that looked alike. */
function watchFollower(position: Position, since: Since): Position {
  if (!followsStamp(position) || since.kind === 'none') return position;
  if (position.confirmedStampMs !== null && isStamp(since, position.confirmedStampMs))
    return { ...position, strayed: null };
  if (position.strayed === null) return { ...position, strayed: since.text };
  return position.strayed === since.text ? position : { ...position, strayed: null, confirmedRun: 0 };
}

function progress(last: PageTry): AcknowledgedBy | null {
  return isClean(last) ? 'progress' : null;
}

function repeat(tries: readonly PageTry[], since: Since): AcknowledgedBy | null {
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
  return { ...position, acknowledged: Math.max(position.acknowledged, to), page: null };
}
