/** A way in which one poll is answered to see what the connector does then. None but `slow` carries events. */
export type ProbeName = (typeof PROBE_NAMES)[number];

/** In the order in which they are made: what may stop a connector comes last. */
export const PROBE_NAMES = [
  'empty',
  'no-content',
  'slow',
  'error-500',
  'error-429',
  'hang-up',
  'error-401',
] as const satisfies readonly string[];

/** How long `slow` holds the answer. */
export const SLOW_MS = 20_000;
/** What `error-429` asks for in Retry-After. */
export const RETRY_AFTER_SECONDS = 30;
/** How often each probe is made. */
const ROUNDS = 2;

/** What each does, for people. */
export const PROBE_TEXT: Readonly<Record<ProbeName, string>> = {
  empty: '200 and [], although events may be pending',
  'no-content': '204 without a body',
  slow: `the right answer, ${SLOW_MS / 1000} seconds late`,
  'error-500': '500',
  'error-429': `429 with Retry-After: ${RETRY_AFTER_SECONDS}`,
  'hang-up': 'the connection is reset before an answer',
  'error-401': '401, as if the login were refused',
};

export function isProbe(text: string): text is ProbeName {
  return PROBE_NAMES.some((name) => name === text);
}

/** A probe and the moment from which on it may be made. */
export interface PlannedProbe {
  readonly probe: ProbeName;
  /** Milliseconds after the beginning. */
  readonly afterMs: number;
}

/**
 * The probes spread evenly over the time, each twice, `error-401` behind all others: where a connector stops for good at
 * one, the others have been seen.
 */
export function planProbes(names: readonly ProbeName[], forMs: number): readonly PlannedProbe[] {
  const chosen = PROBE_NAMES.filter((name) => names.includes(name));
  const mild = chosen.filter((name) => name !== 'error-401');
  const last = chosen.filter((name) => name === 'error-401');
  const order = [...rounds(mild), ...rounds(last)];
  return order.map((probe, at) => ({ probe, afterMs: Math.floor((forMs * (at + 1)) / (order.length + 1)) }));
}

function rounds(names: readonly ProbeName[]): readonly ProbeName[] {
  return Array.from({ length: ROUNDS }, () => names).flat();
}
