import type { Intervals, Observation, ObservedRequest, ObservedShape } from './observation.ts';

/** A length of time to a tenth of a second where it is short: `4.2 s`, `75 s`, `15 min`. */
export function lengthText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 180 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

export function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

export function requestsText(count: number): string {
  return `${count} request${count === 1 ? '' : 's'}`;
}

/** `30 s (29 s to 31 s, 12 seen)`; null where none was seen. */
export function intervalsText({ count, minMs, maxMs, sumMs }: Intervals): string | null {
  if (count === 0) return null;
  return `${lengthText(sumMs / count)} (${lengthText(minMs)} to ${lengthText(maxMs)}, ${count} seen)`;
}

/** Requests for pages that the connector's own login came with, oldest first. */
export function pollsOf(seen: Observation): readonly ObservedRequest[] {
  return seen.requests.filter((one) => seen.shapes[one.shape]?.kind === 'page' && !one.byAddress);
}

export function shapesOf(seen: Observation, kind: ObservedShape['kind']): readonly ObservedShape[] {
  return seen.shapes.filter((shape) => shape.kind === kind);
}

/** Different values among the shapes, each with how many requests had it. */
export function tally(
  shapes: readonly ObservedShape[],
  of: (shape: ObservedShape) => string | undefined,
): readonly { readonly value: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const shape of shapes) {
    const value = of(shape);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + shape.count);
  }
  return [...counts].map(([value, count]) => ({ value, count }));
}

export function tallyText(tallied: readonly { readonly value: string; readonly count: number }[]): string {
  return tallied.map(({ value, count }) => `${value} (${requestsText(count)})`).join('; ');
}
