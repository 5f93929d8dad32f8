/** How much was left at one moment: events, or milliseconds of update times. */
export interface Remaining {
  readonly atMs: number;
  readonly left: number;
}

/**
 * When nothing will be left. `unknown`: it has not been watched for long enough; `stuck`: what is left does not become
 * less, so no moment can be told.
 */
export type CatchUp =
  | { readonly kind: 'done' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'stuck' }
  | { readonly kind: 'at'; readonly atMs: number };

/** Two looks closer than this tell more about the moment than about the pace. */
const SHORTEST_WATCH_MS = 10_000;
/** Without progress for so long it is not slow but stuck. */
const STUCK_AFTER_MS = 120_000;

/** @param watched oldest first; what lies between the first and the last does not matter */
export function estimateCatchUp(watched: readonly Remaining[]): CatchUp {
  const first = watched[0];
  const last = watched.at(-1);
  if (first === undefined || last === undefined) return { kind: 'unknown' };
  if (last.left === 0) return { kind: 'done' };
  const watchedMs = last.atMs - first.atMs;
  if (watchedMs < SHORTEST_WATCH_MS) return { kind: 'unknown' };
  const perMs = (first.left - last.left) / watchedMs;
  if (perMs <= 0) return { kind: watchedMs < STUCK_AFTER_MS ? 'unknown' : 'stuck' };
  return { kind: 'at', atMs: Math.round(last.atMs + last.left / perMs) };
}
