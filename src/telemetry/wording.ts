/** A moment as findings say it. They are read on screens that may be minutes old: a time, not a distance. */
export function moment(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** A length of time in its largest whole unit: `3 h`. */
export function span(ms: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => ms >= size) ?? [1000, 's'];
  return `${Math.max(Math.floor(ms / unitMs), 0)} ${unit}`;
}

/** `1 event`, `3 events`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const SIZES = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
] as const;

/** A size as a disk's is told: `4 MB`, `1.5 GB`. */
export function size(bytes: number): string {
  const [unitBytes, unit] = SIZES.find(([least]) => bytes >= least) ?? [1e6, 'MB'];
  const value = bytes / unitBytes;
  return `${unit === 'MB' ? Math.ceil(value) : Math.floor(value * 10) / 10} ${unit}`;
}
