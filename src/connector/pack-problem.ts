/** error: the connector cannot work with it, or works with something else than was made. warning: it may matter. */
export interface PackProblem {
  readonly level: 'error' | 'warning';
  /** Stable, for machines: `UPPER_SNAKE`. */
  readonly code: string;
  /** File of the pack; null for the pack as a whole. */
  readonly file: string | null;
  /** Holds no value of the client file. */
  readonly message: string;
  readonly remedy: string;
}

export const MAKE_ANEW = 'Make the pack anew: flexbridge generate --feed NAME --out DIR.';
