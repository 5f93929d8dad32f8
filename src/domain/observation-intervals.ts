import type { Intervals } from './observation.ts';

export function grown({ count, minMs, maxMs, sumMs }: Intervals, ms: number): Intervals {
  return {
    count: count + 1,
    minMs: count === 0 ? ms : Math.min(minMs, ms),
    maxMs: Math.max(maxMs, ms),
    sumMs: sumMs + ms,
  };
}

/** Null while there was none. */
function meanMs({ count, sumMs }: Intervals): number | null {
  return count === 0 ? null : Math.round(sumMs / count);
}

/** Of both kinds. */
export function longestMs(...intervals: readonly Intervals[]): number {
  return Math.max(0, ...intervals.map(({ maxMs }) => maxMs));
}
