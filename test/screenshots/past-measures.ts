import type { Measure } from '../../src/store/measures.ts';

const MINUTE_MS = 60_000;
const MINUTES = 7 * 24 * 60;

/** A week as a mid-sized tenant has it: quiet nights, busy days, and an hour yesterday in which Microsoft was slow. */
export function pastMeasures(nowMs: number): readonly Measure[] {
  const thisMinuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: MINUTES }, (_none, index) => {
    const fromMs = thisMinuteMs - (MINUTES - index) * MINUTE_MS;
    return measureAt(fromMs, MINUTES - index);
  }).filter(({ alerts, delivered }) => alerts + delivered > 0);
}

function measureAt(fromMs: number, agoMinutes: number): Measure {
  const hour = (fromMs / (60 * MINUTE_MS)) % 24;
  const busy = 0.25 + 0.75 * Math.max(0, Math.sin(((hour - 6) / 12) * Math.PI));
  const alerts = noise(fromMs, 1) < busy * 0.6 ? 1 + Math.floor(noise(fromMs, 2) * 4 * busy) : 0;
  const isSlow = agoMinutes > 900 && agoMinutes < 960;
  const meanMs = isSlow ? 1_500_000 : 25_000 + 40_000 * noise(fromMs, 3);
  const maxMs = meanMs * (1 + noise(fromMs, 4));
  return {
    fromMs,
    alerts,
    delivered: alerts === 0 ? 0 : alerts + Math.floor(noise(fromMs, 5) * 3),
    arrivals: { count: alerts, sumMs: Math.round(meanMs * alerts), maxMs: alerts === 0 ? 0 : Math.round(maxMs) },
  };
}

/** The same for the same minute; from 0 to below 1. */
function noise(fromMs: number, salt: number): number {
  const value = Math.sin((fromMs / MINUTE_MS) * 12.9898 + salt * 78.233) * 43_758.5453;
  return value - Math.floor(value);
}
