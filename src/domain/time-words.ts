/** A moment as findings say it. They are read on screens that may be minutes old: a time, not a distance. */
export function moment(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** Milliseconds and the word for them, the longest first. */
export const TIME_UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** A length of time in its largest whole unit: `3 h`; less than a second is `0 s`. */
export function span(ms: number): string {
  const [unitMs, unit] = TIME_UNITS.find(([size]) => ms >= size) ?? [1000, 's'];
  return `${Math.max(Math.floor(ms / unitMs), 0)} ${unit}`;
}
