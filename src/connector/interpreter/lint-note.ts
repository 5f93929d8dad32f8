/** error: the connector loses something or refuses the file. warning: it works, or may work, but not as it looks. */
export interface LintNote {
  readonly level: 'error' | 'warning';
  /** Stable, for machines: `UPPER_SNAKE`. */
  readonly code: string;
  /** Property the note is about; null for the file as a whole. */
  readonly key: string | null;
  /** 1-based line on which that property starts; null where there is none. */
  readonly line: number | null;
  readonly message: string;
}
