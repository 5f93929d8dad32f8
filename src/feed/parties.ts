import type { Parties, Position, SeenPoll } from '../domain/position.ts';
import { isStamp, parseSince, type Since } from '../domain/since.ts';

/** A request, as far as it tells who sent it. */
export interface Caller {
  readonly since: Since;
  /** As `plainAddress` gives it. */
  readonly address: string;
}

/** Without a sign for so long, and for so many requests, there are no longer two. */
const QUIET_MS = 15 * 60_000;
const QUIET_POLLS = 10;
/** An address that was last seen longer ago than this has only come back. */
const TURNS_MS = 3_600_000;
/** What lies between a connector's clock and ours. */
const WAY_MS = 2000;
/** How much faster than the clock a time has to rise to be another line. */
const LEAP_MS = 5000;
/** Leaps from an older line to a newer one: with one, a clock was only set. */
const LEAPS = 2;
const MOST_ADDRESSES = 4;

/** The address of a socket as it is compared and shown: IPv4 inside IPv6 is IPv4. */
export function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
}

/**
 * Two parties on one login: addresses that take turns, or times of an older line between those of a newer one. One
 * change of address or one step back of a clock is neither.
 */
export function watchParties(position: Position, caller: Caller, nowMs: number): Parties | null {
  const { recent, parties } = position;
  const isSeen = takesTurns(recent, caller, nowMs) || isBetween(recent, caller, nowMs);
  if (!isSeen) return parties === null || isQuiet(parties, recent, nowMs) ? null : notAfter(parties, nowMs);
  const known = new Set([...(parties?.addresses ?? []), ...lately(recent, nowMs), caller.address]);
  return { addresses: [...known].slice(0, MOST_ADDRESSES), sinceMs: parties?.sinceMs ?? nowMs, lastMs: nowMs };
}

function lately(recent: readonly SeenPoll[], nowMs: number): readonly string[] {
  return recent.filter(({ lastMs }) => nowMs - lastMs < TURNS_MS).map(({ address }) => address);
}

/** An address that was there before another one is back, and does not know what the other one was told. */
function takesTurns(recent: readonly SeenPoll[], caller: Caller, nowMs: number): boolean {
  const last = recent.at(-1);
  if (last === undefined || last.address === caller.address) return false;
  const wasHere = recent.some(({ address, lastMs }) => address === caller.address && nowMs - lastMs < TURNS_MS);
  return wasHere && !goesOn(last, caller.since, nowMs);
}

/** One connector that comes through several proxies or interfaces: only who made the last request knows its time or stamp. */
function goesOn(last: SeenPoll, since: Since, nowMs: number): boolean {
  if (since.kind === 'none') return false;
  if (last.stampMs !== null && isStamp(since, last.stampMs)) return true;
  const slackMs = WAY_MS + since.unitMs;
  return Math.abs(since.ms - last.lastMs) <= slackMs && nowMs - last.lastMs > 2 * slackMs;
}

/**
 * The times are two rising lines that take turns: more than once the time fell and then leapt back to where it had been,
 * faster than any clock goes, and there is no third line (a date of the events goes up and down without any).
 */
function isBetween(recent: readonly SeenPoll[], { since }: Caller, nowMs: number): boolean {
  if (since.kind === 'none') return false;
  const times = [...recent.flatMap(timeOf), { ms: since.ms, atMs: nowMs }];
  const before = times.at(-2);
  // Only a request that changes lines is a sign.
  if (before === undefined || (since.ms >= before.ms && !leaps(times, times.length - 1))) return false;
  return times.filter((_, at) => leaps(times, at)).length >= LEAPS && longestFall(times) <= 2;
}

interface Time {
  readonly ms: number;
  readonly atMs: number;
}

function timeOf({ since, atMs }: SeenPoll): readonly Time[] {
  const read = parseSince(since ?? undefined);
  return read.kind === 'none' ? [] : [{ ms: read.ms, atMs }];
}

function leaps(times: readonly Time[], at: number): boolean {
  const [now, before] = [times[at], times[at - 1]];
  if (now === undefined || before === undefined) return false;
  const highest = Math.max(...times.slice(0, at).map(({ ms }) => ms));
  return before.ms < highest && now.ms >= highest && now.ms - before.ms > now.atMs - before.atMs + LEAP_MS;
}

/** Length of the longest row of falling times, in order: how many rising lines it takes to hold them all. */
function longestFall(times: readonly Time[]): number {
  const rows: number[] = [];
  for (const [at, { ms }] of times.entries())
    rows.push(1 + Math.max(0, ...rows.filter((_, earlier) => earlier < at && (times[earlier]?.ms ?? ms) > ms)));
  return Math.max(0, ...rows);
}

function isQuiet({ lastMs }: Parties, recent: readonly SeenPoll[], nowMs: number): boolean {
  const polls = recent.reduce((sum, poll) => sum + pollsAfter(poll, lastMs), 0);
  return nowMs - lastMs >= QUIET_MS && polls >= QUIET_POLLS;
}

function pollsAfter({ atMs, lastMs, polls }: SeenPoll, afterMs: number): number {
  if (atMs > afterMs) return polls;
  return lastMs > afterMs ? polls - 1 : 0;
}

/** After a step back of our own clock the quiet time begins anew. */
function notAfter(parties: Parties, nowMs: number): Parties {
  return parties.lastMs <= nowMs ? parties : { ...parties, lastMs: nowMs };
}
