import type { Position } from '../domain/position.ts';

/** An event that was given up. */
export interface PassedOver {
  readonly seq: number;
  readonly tries: number;
}

/** Failed tries, and how long they must have gone on, before the first event of a page is tried alone. */
const TRIES = 5;
const AFTER_MS = 10 * 60_000;
/** Where so many events in a row were given up, the fault is hardly theirs. */
const SUSPECT_EVENTS = 3;
const SUSPECT_AFTER_MS = 3_600_000;

/**
 * Neither a time that stands still nor one event that a connector cannot digest stops a feed (design: Feed, *forced*).
 * What is due for a page that the request has not acknowledged: the same again, its first event alone, or, where that
 * was sent already, to pass over it. Never while two parties use the login: who failed is not known then.
 */
export function forced(position: Position, nowMs: number): 'again' | 'alone' | 'pass-over' {
  const { page, parties, passedInARow } = position;
  if (page === null || parties !== null) return 'again';
  if (page.alone) return 'pass-over';
  const afterMs = passedInARow < SUSPECT_EVENTS ? AFTER_MS : SUSPECT_AFTER_MS;
  return page.sent >= TRIES && nowMs - page.firstTryMs >= afterMs ? 'alone' : 'again';
}

/** The position behind the event that was sent alone. The next page is as large as the feed allows. */
export function passOver(position: Position, nowMs: number): { position: Position; passedOver: PassedOver | null } {
  const { page, acknowledged, passedInARow } = position;
  if (page === null) return { position, passedOver: null };
  const events = (position.passedOver?.events ?? 0) + 1;
  return {
    position: {
      ...position,
      acknowledged: Math.max(acknowledged, page.to),
      page: null,
      pace: null,
      passedOver: { events, lastSeq: page.from, lastMs: nowMs },
      passedInARow: passedInARow + 1,
    },
    passedOver: { seq: page.from, tries: page.sent },
  };
}
