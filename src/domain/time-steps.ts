import type { SeenPoll } from './position.ts';
import { parseSince, type Since } from './since.ts';

/** A connector's time moved: from one request to the next one that was not the same. Times are epoch ms. */
export interface TimeStep {
  readonly ms: number;
  readonly unitMs: number;
  readonly byMs: number;
  /** When the first request with this time came. */
  readonly atMs: number;
  /** How many came in a row. */
  readonly polls: number;
  /** When the last request before them came. */
  readonly beforeMs: number;
  /**
   * The time is, to the millisecond, the newest stamp that had been sent by then: 0, or the zone it was written in, a
   * multiple of a quarter of an hour; null when it is no stamp.
   */
  readonly stampOffMs: number | null;
}

const QUARTER_MS = 15 * 60_000;
/** Zones reach from twelve hours behind UTC to fourteen ahead. */
const FARTHEST_MS = 14 * 3_600_000;

/** `polls`: of one party, oldest first. Requests without a time are left out. */
export function stepsOf(polls: readonly SeenPoll[]): readonly TimeStep[] {
  const steps: TimeStep[] = [];
  let before: { readonly poll: SeenPoll; readonly ms: number } | null = null;
  let stampMs: number | null = null;
  for (const poll of polls) {
    const since = parseSince(poll.since ?? undefined);
    if (since.kind === 'none') continue;
    if (before !== null && since.ms !== before.ms) {
      const { ms, unitMs } = since;
      const stampOffMs = stampMs === null ? null : stampOff(since, stampMs);
      const { atMs, polls: count } = poll;
      steps.push({ ms, unitMs, byMs: ms - before.ms, atMs, polls: count, beforeMs: before.poll.lastMs, stampOffMs });
    }
    before = { poll, ms: since.ms };
    stampMs = poll.stampMs ?? stampMs;
  }
  return steps;
}

/**
 * The zone in which the connector writes stamps, in ms ahead of UTC, as its last two times show it: 0 unless it leaves
 * the zone out.
 */
export function zoneOfStamps(polls: readonly SeenPoll[]): number {
  const [before, last] = stepsOf(polls).slice(-2);
  return last !== undefined && before?.stampOffMs === last.stampOffMs ? (last.stampOffMs ?? 0) : 0;
}

/** Only to the millisecond: in whole seconds, a clock does that too, and one that is an hour off does it in another zone. */
function stampOff(since: Since, stampMs: number): number | null {
  if (since.kind === 'none' || since.unitMs > 1) return null;
  const offMs = since.ms - stampMs;
  return offMs % QUARTER_MS === 0 && Math.abs(offMs) <= FARTHEST_MS ? offMs : null;
}

/** The time as it would be, had it been written in UTC. */
export function inUtc(since: Since, zoneMs: number): Since {
  return since.kind === 'none' || zoneMs === 0 ? since : { ...since, ms: since.ms - zoneMs };
}
