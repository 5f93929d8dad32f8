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
