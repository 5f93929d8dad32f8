/** So many requests within any stretch of so many milliseconds. */
export interface RequestLimit {
  readonly requests: number;
  readonly perMs: number;
}

/** What has been sent, and when the next request may go so that no limit is passed. Times are of the monotonic clock. */
export interface RequestPace {
  /** The earliest time not before `from` at which a request may go. `from` never falls. */
  next(from: number): number;
  /** Takes a request that goes now. */
  sent(at: number): void;
}

/** Requests are spread on their way: what left within a minute and a second may arrive within a minute. */
const MARGIN_MS = 1_000;

/**
 * Sliding windows. How Microsoft counts is not documented; a sliding window is the strictest way, so whoever keeps it
 * keeps them all (inferred).
 */
export function createRequestPace(limits: readonly RequestLimit[]): RequestPace {
  const most = Math.max(0, ...limits.map(({ requests }) => requests));
  let sent: readonly number[] = [];
  return {
    next(from) {
      const free = limits.map(({ requests, perMs }) => {
        const first = sent[sent.length - requests];
        return first === undefined ? from : first + perMs + MARGIN_MS;
      });
      return Math.max(from, ...free);
    },
    sent(at) {
      if (most > 0) sent = [...sent, at].slice(-most);
    },
  };
}
