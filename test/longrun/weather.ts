import { POISONS, type PoisonName } from '../../src/simulator/faults/fault-table.ts';
import type { Random } from '../../src/simulator/random.ts';

const HOUR_MS = 3_600_000;

/** A stretch of simulated time, epoch ms. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The end of a process. `stop`: it lets go as on SIGTERM. `kill`: it says nothing more. */
export interface Ending {
  readonly kind: 'stop' | 'kill';
  /** After so many requests of a turn; null: between two turns. */
  readonly afterRequests: number | null;
  /** And so many rounds of the event loop. */
  readonly rounds: number;
}

/** What goes wrong besides single requests, and when. The same for the same seed. */
export interface Weather {
  readonly outages: readonly Stretch[];
  /** Records that cannot be read for a while. */
  readonly poisons: readonly (Stretch & { readonly name: PoisonName; readonly at: number })[];
  isOut(nowMs: number): boolean;
  /** How the process ends in this turn; mostly not at all. */
  ending(): Ending | null;
}

export interface WeatherOptions {
  readonly random: Random;
  readonly startMs: number;
  readonly endMs: number;
  /** One outage lasts so long, beside those of hours; 0 for none. */
  readonly longOutageMs: number;
  /** One in so many turns of the sources ends the process. */
  readonly turnsARestart: number;
}

const OUTAGE_EVERY_MS = 12 * HOUR_MS;
const POISON_EVERY_MS = 7 * HOUR_MS;

export function createWeather({ random, startMs, endMs, longOutageMs, turnsARestart }: WeatherOptions): Weather {
  const longFromMs = startMs + random.integer(30, 40) * 0.01 * (endMs - startMs - longOutageMs);
  const long = { fromMs: longFromMs, toMs: longFromMs + longOutageMs };
  const outages = every(OUTAGE_EVERY_MS, startMs, endMs, random).map((fromMs) => ({
    fromMs,
    toMs: fromMs + random.integer(30, 240) * 60_000,
  }));
  if (longOutageMs > 0) outages.push(long);
  const poisons = every(POISON_EVERY_MS, startMs, endMs, random).map((fromMs, index) => ({
    fromMs,
    toMs: fromMs + random.integer(90, 600) * 60_000,
    name: POISONS[index % POISONS.length] ?? POISONS[0],
    at: random.next(),
  }));
  return {
    outages,
    poisons,
    isOut: (nowMs) => outages.some(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs),
    ending() {
      if (!random.chance(1 / turnsARestart)) return null;
      return {
        kind: random.pick(['stop', 'kill']),
        afterRequests: random.pick([null, 1, 1, 1, 1, 2, 2, 3, 5, 20]),
        rounds: random.pick([0, 1, 2, 4, 8, 16]),
      };
    },
  };
}

function every(distanceMs: number, startMs: number, endMs: number, random: Random): readonly number[] {
  const times: number[] = [];
  for (let atMs = startMs + distanceMs * random.next(); atMs < endMs; atMs += distanceMs * (0.5 + random.next()))
    times.push(Math.floor(atMs));
  return times;
}
