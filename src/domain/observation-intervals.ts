import type { Intervals } from './observation.ts';

export function grown({ count, minMs, maxMs, sumMs }: Intervals, ms: number): Intervals {
  return {
    count: count + 1,
    minMs: count === 0 ? ms : Math.min(minMs, ms),
    maxMs: Math.max(maxMs, ms),
    sumMs: sumMs + ms,
  };
}

/** Of both kinds. */
export function longestMs(...intervals: readonly Intervals[]): number {
  return Math.max(0, ...intervals.map(({ maxMs }) => maxMs));
}
