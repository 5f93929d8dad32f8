import type { TimeMode } from '../../src/connector/connector-time.ts';
import { createRandom, type Random, seedFor } from '../../src/simulator/random.ts';
import { type Cell, cellName, variantOf } from './cells.ts';
import type { PathTrouble } from './paths/path.ts';

/**
 * What goes wrong with one poll. `crash-before`: the connector dies with the answer; `crash-after`: once it has processed
 * it, before or after it saved its time; `crash-receiving` and `give-up`: it breaks off so long after it asked, and dies or
 * lives on. `kill` and `stop` end the bridge so long after the connector asked, `kill-idle` between two polls.
 */
export type Trouble =
  | { readonly kind: 'none' }
  | { readonly kind: 'crash-before' }
  | { readonly kind: 'crash-after'; readonly saved: boolean }
  | { readonly kind: 'crash-receiving' | 'give-up'; readonly afterMs: number }
  /** `waitMs`: how long the connector waits for this answer; null: as long as ever. */
  | { readonly kind: 'path'; readonly trouble: PathTrouble; readonly waitMs: number | null }
  | { readonly kind: 'kill' | 'stop'; readonly afterMs: number }
  | { readonly kind: 'kill-idle' }
  | { readonly kind: 'pause'; readonly ms: number; readonly afterMs: number }
  /** The bridge's wall clock is set, to be so far ahead of the right time. */
  | { readonly kind: 'bridge-clock'; readonly aheadMs: number }
  | { readonly kind: 'connector-clock'; readonly byMs: number }
  | { readonly kind: 'disk-full' | 'disk-free' }
  | { readonly kind: 'microsoft'; readonly goesWrong: boolean };

export interface Step {
  /** Time that passes before it. */
  readonly passMs: number;
  readonly trouble: Trouble;
  /** A second connector, which nothing happens to, polls too. */
  readonly bystander: boolean;
}

export interface Plan {
  readonly cell: Cell;
  readonly seed: number;
  readonly mode: TimeMode;
  readonly keepAlive: boolean;
  readonly maxEvents: number;
  readonly backlog: number;
  readonly live: number;
  readonly livePeriodMs: number;
  /** FeedSeq of an event on which the connector dies whenever it gets it; null: it takes them all. */
  readonly indigestible: number | null;
  readonly steps: readonly Step[];
}

const MINUTE_MS = 60_000;

/** The same cell and seed give the same plan. */
export function planRound(cell: Cell, seed: number): Plan {
  const random = createRandom(seedFor(seed, cellName(cell)));
  return {
    cell,
    seed,
    mode: variantOf(cell.meaning, random),
    keepAlive: random.chance(0.3),
    maxEvents: random.integer(4, 14),
    backlog: random.integer(8, 14),
    live: random.integer(10, 20),
    livePeriodMs: 25_000,
    steps: planSteps(cell, random),
    indigestible: random.chance(0.15) ? random.integer(30, 60) : null,
  };
}

function planSteps(cell: Cell, random: Random): readonly Step[] {
  const steps: Step[] = [];
  let full = 0;
  let clockSet = -CLOCK_EVERY;
  for (let left = random.integer(18, 30); left > 0; left -= 1) {
    const trouble: Trouble =
      full === 1
        ? { kind: 'disk-free' }
        : drawTrouble(cell, random, { isFull: full > 0, mayStep: steps.length - clockSet >= CLOCK_EVERY });
    if (trouble.kind === 'bridge-clock') clockSet = steps.length;
    full = trouble.kind === 'disk-full' ? random.integer(3, 6) : Math.max(0, full - 1);
    const passMs = random.chance(0.15) ? 0 : random.integer(1_000, 40_000);
    steps.push({ passMs, trouble, bystander: random.chance(0.3) });
  }
  return full > 0 ? [...steps, { passMs: 0, trouble: { kind: 'disk-free' }, bystander: false }] : steps;
}

/** Steps between two settings of the bridge's clock: one that never keeps still is no clock to tell a connector's by. */
const CLOCK_EVERY = 8;

interface Limits {
  readonly isFull: boolean;
  readonly mayStep: boolean;
}

/** A connector whose timeout is shorter than the answer. */
const SHORT_WAIT_MS = 200;

/** Weights: how often each comes up. */
function drawTrouble(cell: Cell, random: Random, { isFull, mayStep }: Limits): Trouble {
  const draws: readonly (readonly [weight: number, draw: () => Trouble])[] = [
    [30, () => ({ kind: 'none' })],
    [8, () => ({ kind: 'crash-before' })],
    [5, () => ({ kind: 'crash-after', saved: random.chance(0.4) })],
    [6, () => ({ kind: 'crash-receiving', afterMs: random.integer(0, 25) })],
    [6, () => ({ kind: 'give-up', afterMs: random.integer(0, 25) })],
    [5, () => ({ kind: 'kill', afterMs: random.integer(0, 30) })],
    [2, () => ({ kind: 'kill-idle' })],
    [2, () => ({ kind: 'stop', afterMs: random.integer(0, 30) })],
    [4, () => ({ kind: 'pause', ms: random.integer(30, 200), afterMs: random.integer(5, 60) })],
    [mayStep ? 5 : 0, () => ({ kind: 'bridge-clock', aheadMs: clockError(cell, random) })],
    [isFull ? 0 : 3, () => ({ kind: 'disk-full' })],
    [3, () => ({ kind: 'microsoft', goesWrong: random.chance(0.6) })],
    [
      cell.meaning === 'stepping-back' ? 14 : 0,
      () => ({ kind: 'connector-clock', byMs: -random.integer(1, 40 * MINUTE_MS) }),
    ],
    ...pathTroubles(cell, random),
  ];
  let left = random.next() * draws.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, draw] of draws) {
    left -= weight;
    if (left < 0) return draw();
  }
  return { kind: 'none' };
}

function pathTroubles({ path }: Cell, random: Random): readonly (readonly [number, () => Trouble])[] {
  const hold = (from: number, to: number): Trouble => {
    return { kind: 'path', trouble: { kind: 'hold', ms: random.integer(from, to) }, waitMs: SHORT_WAIT_MS };
  };
  switch (path) {
    case 'direct':
      return [];
    case 'buffering':
      return [[14, () => hold(SHORT_WAIT_MS + 10, SHORT_WAIT_MS + 60)]];
    case 'retrying':
      return [
        [
          18,
          () => ({
            kind: 'path',
            waitMs: null,
            trouble: { kind: 'cut', at: random.pick(['request', 'head', 'body']), times: random.integer(1, 2) },
          }),
        ],
      ];
    case 'slow':
      // Twice on its way: the handshake, and the answer.
      return [[18, () => hold(90, 170)]];
  }
}

/**
 * A clock that is right again, a little off, or wrong. A connector that sends its last success is known by its clock, so
 * there the bridge's is wrong by a zone, or by less than two seconds (docs/delivery.md, *What is guaranteed*).
 */
function clockError({ meaning }: Cell, random: Random): number {
  const sign = random.pick([1, -1]);
  const kind = random.pick(['right', 'little', 'wrong'] as const);
  if (kind === 'right') return 0;
  if (kind === 'little') return sign * random.integer(100, 1_500);
  return (
    sign *
    (meaning === 'last-success' ? random.pick([30, 60, 120]) * MINUTE_MS : random.integer(MINUTE_MS, 90 * MINUTE_MS))
  );
}
