import { type ConnectorTime, createConnectorTime } from '../../src/connector/connector-time.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { TryOutcome } from '../../src/domain/position.ts';
import type { Member } from './delivery-plan.ts';

/** One sending, with what the bridge was told of its end. */
export interface ModelTry {
  readonly stampMs: number;
  readonly seqs: readonly number[];
  outcome: TryOutcome;
}

/** A connector as this side knows it: what it was sent, what it has processed, what it may do without. */
export interface Party extends Member {
  readonly name: string;
  readonly time: ConnectorTime;
  readonly tries: ModelTry[];
  readonly processed: Set<number>;
  /** Acknowledged although not processed, as the table allows. */
  readonly lost: Set<number>;
  readonly passedOver: Set<number>;
  /** Updates that were stored when it asked under the old URL. */
  readonly skipped: Set<number>;
  /** The times it has sent, as far as the bridge can remember. */
  readonly texts: Set<string>;
  updates: boolean;
  socketStampMs: number | null;
  /** Null before its first contact. */
  acknowledged: number | null;
  /** Greatest FeedSeq it was sent. */
  highest: number;
  lastStampMs: number;
  /** What it was sent up to there the bridge may know only in part: for that, the receipt by the peer counts. */
  inDoubtTo: number;
  /** Its clock no longer agrees with the bridge's, or the bridge has forgotten: the beginning does not end. */
  isBeginner: boolean;
}

const MINUTE = 60_000;
const SECOND = 1000;
const OTHER_DATE_MS = Date.parse('2025-11-01T00:00:00Z');
/** The bridge counts a sending that overlaps with this one too. */
const LEAST_TRIES = 5;
const TAKEN_TWICE = 2;

export function createParty(member: Member, name: string, clock: Clock): Party {
  const startMs = clock.now();
  const own = { ...clock, now: () => startMs + clock.monotonic() + member.aheadMs };
  const timeField = member.otherDate === true ? 'startTime' : 'deviceReceiptTime';
  const start = { timeMs: startMs - 5 * MINUTE + 123, newestMs: null };
  return {
    ...member,
    name,
    time: createConnectorTime({ mode: member.mode, clock: own, start, timeField }),
    tries: [],
    processed: new Set(),
    lost: new Set(),
    passedOver: new Set(),
    skipped: new Set(),
    texts: new Set(),
    updates: true,
    socketStampMs: null,
    acknowledged: null,
    highest: 0,
    lastStampMs: 0,
    inDoubtTo: 0,
    isBeginner: false,
  };
}

/** The connector processes what a try brought; null: an empty answer. */
export function process(party: Party, one: ModelTry | null, startedMs: number): void {
  const seqs = one?.seqs ?? [];
  const events = seqs.map((seq) => {
    // The other date rises and falls from event to event.
    const startTime = OTHER_DATE_MS + ((seq * 7919) % 1000) * MINUTE;
    return { fields: { deviceReceiptTime: one?.stampMs ?? 0, startTime } };
  });
  party.time.processed({ startedMs, events });
  for (const seq of seqs) party.processed.add(seq);
}

/** Takes note of a sending; answers what is wrong with its stamp or its order. */
export function noteTry(party: Party, stampMs: number, seqs: readonly number[]): readonly string[] {
  const { name, tries, lastStampMs } = party;
  const wrong: string[] = [];
  if (stampMs < lastStampMs + SECOND) wrong.push(`${name}: stamp ${stampMs} after ${lastStampMs}`);
  if (seqs.some((seq, at) => seq <= (seqs[at - 1] ?? 0))) wrong.push(`${name}: ${seqs.join()} in no order`);
  for (const seq of seqs) {
    const isNew = !tries.some((one) => one.seqs.includes(seq));
    if (isNew && seq < party.highest && !party.skipped.has(seq))
      wrong.push(`${name}: ${seq} comes first after ${party.highest}`);
    party.highest = Math.max(party.highest, seq);
  }
  party.lastStampMs = stampMs;
  tries.push({ stampMs, seqs, outcome: 'open' });
  return wrong;
}

/** Takes note of what was acknowledged, with the events the bridge told of it; answers what the table does not allow. */
export function noteAcknowledged(
  party: Party,
  seqs: readonly number[],
  events: readonly BridgeEvent[],
): readonly string[] {
  const { name, tries, lost, processed, skipped } = party;
  const wrong: string[] = [];
  const passed = events.flatMap((event) => (event.name === 'eventPassedOver' ? [event.seq] : []));
  if (passed.length > 1) wrong.push(`${name}: passed over ${passed.join()} at once`);
  for (const seq of passed) {
    party.passedOver.add(seq);
    const sent = tries.filter((one) => one.seqs.includes(seq)).length;
    if (sent < LEAST_TRIES) wrong.push(`${name}: passed over ${seq} after ${sent} tries`);
  }
  const isRepeat = events.some((event) => event.name === 'pageAcknowledged' && event.by === 'repeat');
  /** In how many clean tries it must have been, to count as delivered without having been processed. */
  const enough = (seq: number): number => {
    if (!party.isPromised || seq <= party.inDoubtTo) return 1;
    return isRepeat && isBeginning(party) ? TAKEN_TWICE : Infinity;
  };
  for (const seq of seqs) {
    if (processed.has(seq) || skipped.has(seq) || lost.has(seq)) continue;
    const taken = tries.filter((one) => one.seqs.includes(seq) && isClean(one)).length;
    if (passed.includes(seq) || taken >= enough(seq)) lost.add(seq);
    else wrong.push(`${name}: ${seq} is acknowledged, but was not ${taken === 0 ? 'handed over' : 'processed'}`);
  }
  return wrong;
}

/** The process has ended: what nobody saw taken counts as broken. `isForgotten`: its position had not been written. */
export function noteRestart(
  party: Party,
  stored: { readonly acknowledged: number | null; readonly lastStampMs: number; readonly isForgotten: boolean },
): void {
  party.socketStampMs = null;
  party.lastStampMs = stored.lastStampMs;
  party.acknowledged = stored.acknowledged;
  for (const one of party.tries) if (one.outcome !== 'closed') one.outcome = 'broken';
  if (!stored.isForgotten) return;
  const acknowledged = stored.acknowledged ?? 0;
  party.inDoubtTo = Math.max(party.inDoubtTo, party.highest);
  party.highest = acknowledged;
  party.texts.clear();
  party.isBeginner ||= party.mode.meaning === 'last-success';
  for (const seq of party.passedOver) if (seq > acknowledged) party.passedOver.delete(seq);
}

/** Before a time has moved it cannot be told from one that never does; a clock in a zone it does not name moves twice. */
function isBeginning({ mode: { meaning, zone }, texts, isBeginner }: Party): boolean {
  const moves = meaning === 'last-success' && zone?.written === false ? 2 : 1;
  return isBeginner || texts.size <= moves;
}

function isClean({ outcome }: ModelTry): boolean {
  return outcome === 'sent' || outcome === 'closed';
}
