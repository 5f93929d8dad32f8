import type { AcknowledgeMode, Position } from '../domain/position.ts';
import type { Since } from '../domain/since.ts';
import { type AcknowledgedBy, judge } from './acknowledge.ts';
import { forced, type PassedOver, passOver } from './forced.ts';
import { plainAddress, watchParties } from './parties.ts';

/** What a request says, and where it comes from. */
export interface TurnRequest {
  readonly since: Since;
  readonly address: string;
  readonly socketStampMs: number | null;
}

/** What becomes of a position by a request, before the next page is read. */
export interface Turn {
  readonly position: Position;
  readonly by: AcknowledgedBy | null;
  readonly passedOver: PassedOver | null;
  /** A second party has shown itself. */
  readonly partiesBegan: boolean;
}

/** Pure: the rules of the acknowledgement in their order. */
export function takeTurn(found: Position, request: TurnRequest, mode: AcknowledgeMode, nowMs: number): Turn {
  const before = withParties(found, request, nowMs);
  const partiesBegan = found.parties === null && before.parties !== null;
  const { position, by } = judge(before, { since: request.since, mode, socketStampMs: request.socketStampMs, nowMs });
  if (by !== null) return { position, by, passedOver: null, partiesBegan };
  const step = forced(position, nowMs);
  if (step === 'pass-over') return { ...passOver(position, nowMs), by: null, partiesBegan };
  const page = position.page && { ...position.page, alone: position.page.alone || step === 'alone' };
  return { position: { ...position, page }, by: null, passedOver: null, partiesBegan };
}

/** What two parties failed to take in turns is held against none of the events: the count begins anew when they part. */
function withParties(found: Position, { since, address }: TurnRequest, nowMs: number): Position {
  const parties = watchParties(found, { since, address: plainAddress(address) }, nowMs);
  const page = found.page;
  if (page === null || parties !== null) return { ...found, parties };
  if (found.parties !== null) return { ...found, parties, page: { ...page, firstTryMs: nowMs, sent: 0 } };
  // A clock that was set back: what lies in the future would never be ten minutes old.
  return { ...found, parties, page: { ...page, firstTryMs: Math.min(page.firstTryMs, nowMs) } };
}
