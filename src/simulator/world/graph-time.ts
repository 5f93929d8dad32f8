import type { Random } from '../random.ts';

/** A time with seven digits at most; like Microsoft, without trailing zeros. @param ms epoch ms */
export function preciseTime(random: Random, ms: number): string {
  const whole = new Date(Math.floor(ms)).toISOString().slice(0, 23);
  return trimZeros(`${whole}${String(random.integer(0, 9999)).padStart(4, '0')}Z`);
}

/** An update time: they come from a store that rounds to 1/300 s (defender-api 3), `.3266667`, `.11`, `.0033333`. */
export function updateTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const tick = Math.floor(((ms - seconds * 1000) * 300) / 1000);
  const fraction = String(Math.round((tick * 10_000_000) / 300)).padStart(7, '0');
  return trimZeros(`${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`);
}

function trimZeros(text: string): string {
  return text.replace(/\.?0*Z$/, 'Z');
}
