import type { TimeStep } from './time-steps.ts';

/** How a connector's clock differs from the bridge's. Milliseconds that it is ahead; negative: behind. */
export type ClockOff =
  | { readonly kind: 'right' }
  /** By a multiple of a quarter of an hour: it writes in another zone and leaves the zone out, or is an hour wrong. */
  | { readonly kind: 'zone'; readonly aheadMs: number }
  | { readonly kind: 'off'; readonly aheadMs: number };

/** Times that run with the bridge's clock: with each request's own (asking), or with the one before it (earlier). */
export interface ClockFit {
  readonly kind: 'asking' | 'earlier';
  readonly offMs: number;
  /** By more than a zone. */
  readonly isOff: boolean;
  /** How much that differs from one time to the next; the middle one, so that setting the clock does not count. */
  readonly variesMs: number;
}

const QUARTER_MS = 15 * 60_000;
const FARTHEST_MS = 14 * 3_600_000;
/** What lies between a connector's clock and the bridge's when a request comes: its way, and the work before it. */
const WAY_MS = 2000;
/** A clock that is off by whole quarters may be off by a little besides. */
const BESIDES_MS = 60_000;
/** Steps that are looked at: the clock may have been set before. */
const LOOKED_AT = 6;
/** Two times that fit a clock near ours are no chance; at any other distance it takes three. */
const FITTING_NEAR = 2;
const FITTING = 3;
const VARIES_TIMES = 2;

/** Null when the times do not run with a clock. */
export function fitClock(steps: readonly TimeStep[]): ClockFit | null {
  const lately = steps.slice(-LOOKED_AT);
  const asking = withClock('asking', lately, ({ ms, atMs }) => ms - atMs);
  const earlier = withClock('earlier', lately, ({ ms, beforeMs }) => ms - beforeMs);
  if (asking === null || earlier === null) return asking ?? earlier;
  // At an even pace both fit. Then it is the one whose clock need not be wrong; where that says nothing, the one that
  // varies less, because the pace is seldom as even as a clock.
  if (asking.isOff !== earlier.isOff) return asking.isOff ? earlier : asking;
  if (asking.variesMs * VARIES_TIMES < earlier.variesMs) return asking;
  if (earlier.variesMs * VARIES_TIMES < asking.variesMs) return earlier;
  return strangeness(asking.offMs) < strangeness(earlier.offMs) ? asking : earlier;
}

/**
 * A time runs with the clock where it is as far from it as a neighbour: the clock may be set now and then. So the newest
 * may stand alone once; one that is sent again and again means something else by now.
 */
function withClock(
  kind: ClockFit['kind'],
  steps: readonly TimeStep[],
  distance: (step: TimeStep) => number,
): ClockFit | null {
  const last = steps.at(-1);
  if (last === undefined) return null;
  const offs = steps.map(distance);
  const isNear = (off: number, other: number | undefined) =>
    other !== undefined && Math.abs(off - other) <= WAY_MS + last.unitMs;
  const fitting = offs.filter((off, at) => isNear(off, offs[at - 1]) || isNear(off, offs[at + 1]));
  const offMs = fitting.at(-1);
  if (offMs === undefined || fitting.length * 2 <= steps.length) return null;
  if (offMs !== offs.at(-1) && last.polls > 1) return null;
  const isOff = clockOff(offMs, last.unitMs).kind === 'off';
  if (fitting.length < (isOff ? FITTING : FITTING_NEAR)) return null;
  const varies = offs.slice(1).map((off, at) => Math.abs(off - (offs[at] ?? off)));
  return { kind, offMs, isOff, variesMs: middle(varies) };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Where both vary alike, it is the one whose clock need not be off: distance from the nearest zone, ours first. */
function strangeness(offMs: number): number {
  return Math.abs(offMs - nearestZone(offMs)) * 1000 + Math.abs(offMs) / 1000;
}

export function clockOff(offMs: number, unitMs: number): ClockOff {
  if (Math.abs(offMs) <= WAY_MS + unitMs) return { kind: 'right' };
  const zoneMs = nearestZone(offMs);
  if (zoneMs !== 0 && Math.abs(offMs - zoneMs) <= BESIDES_MS + unitMs) return { kind: 'zone', aheadMs: zoneMs };
  return { kind: 'off', aheadMs: offMs };
}

function nearestZone(offMs: number): number {
  const zoneMs = Math.round(offMs / QUARTER_MS) * QUARTER_MS;
  return Math.abs(zoneMs) <= FARTHEST_MS ? zoneMs : 0;
}
