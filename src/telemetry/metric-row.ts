/** One metric: its Prometheus name, what it says, and its labels. Names end in their unit; times are seconds. */
export interface MetricRow<Label extends string = string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram, in the unit of the name. */
  readonly buckets?: readonly number[];
}

/** Labels. */
export const SOURCE = ['tenant', 'source'] as const;
export const DELIVERY = ['connector', 'feed'] as const;
