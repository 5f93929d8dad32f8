import type { Workspace } from './workspace.ts';

/** What a column of figures is. */
export interface Column {
  readonly name: string;
  /** Digits after the point when a person reads it. */
  readonly digits: number;
}

export interface Row {
  readonly label: string;
  /** By column name: one figure a run. A column that is absent was not measured. */
  readonly figures: Readonly<Record<string, readonly number[]>>;
}

export interface Outcome {
  readonly rows: readonly Row[];
  /** What has to be known to read the figures. */
  readonly notes: readonly string[];
}

export interface BenchContext {
  readonly workspace: Workspace;
  readonly runs: number;
  /** One line for a person who waits. */
  readonly progress: (text: string) => void;
}

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  measure(context: BenchContext): Promise<Outcome>;
}

/** Collects the figures of runs, row by row in the order of first mention. */
export interface Tally {
  /** A figure that is null was not measured. */
  add(label: string, figures: Readonly<Record<string, number | null>>): void;
  rows(): readonly Row[];
}

export function createTally(): Tally {
  const rows = new Map<string, Map<string, number[]>>();
  return {
    add(label, figures) {
      const row = rows.get(label) ?? new Map<string, number[]>();
      rows.set(label, row);
      for (const [column, figure] of Object.entries(figures)) {
        if (figure !== null) row.set(column, [...(row.get(column) ?? []), figure]);
      }
    },
    rows: () => [...rows].map(([label, figures]) => ({ label, figures: Object.fromEntries(figures) })),
  };
}

/** The middle value; the mean of the two middle ones when their number is even. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The value that the given share of the figures does not exceed. @param share 0 to 1 */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
