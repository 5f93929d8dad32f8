import type { MeasureRange } from '../../../store/measures.ts';

export const RANGES = ['hour', 'day', 'week'] as const;
/** How far back the charts look. */
export type Range = (typeof RANGES)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const SIZES: Readonly<Record<Range, { readonly stepMs: number; readonly steps: number; readonly step: string }>> = {
  hour: { stepMs: MINUTE_MS, steps: 60, step: 'minute' },
  day: { stepMs: 15 * MINUTE_MS, steps: 96, step: 'quarter of an hour' },
  week: { stepMs: HOUR_MS, steps: 168, step: 'hour' },
};

/** The range of a query; anything else is an hour. */
export function readRange(text: string | undefined): Range {
  return RANGES.find((range) => range === text) ?? 'hour';
}

/** Whole steps; the last one holds now. */
export function measureRange(range: Range, nowMs: number): MeasureRange {
  const { stepMs, steps } = SIZES[range];
  const toMs = (Math.floor(nowMs / stepMs) + 1) * stepMs;
  return { fromMs: toMs - steps * stepMs, toMs, stepMs };
}

/** What one bar of a chart stands for, in words. */
export function stepWords(range: Range): string {
  return SIZES[range].step;
}
