import type { Clock } from '../../domain/clock.ts';
import type { Api } from '../service.ts';

/** So many requests in a stretch of time, for each app and tenant. */
export interface RateLimit {
  readonly requests: number;
  readonly periodMs: number;
}

/** What Microsoft publishes (defender-api 3 and 4); none is known for the exporter. */
export const PUBLISHED_LIMITS: Readonly<Record<Api, readonly RateLimit[]>> = {
  graph: [{ requests: 150, periodMs: 60_000 }],
  defender: [
    { requests: 100, periodMs: 60_000 },
    { requests: 1500, periodMs: 3_600_000 },
  ],
  siem: [],
};

export interface RateLimiter {
  /** Counts a request; how long to wait before the next try when it is one too many, else null. */
  take(api: Api, tenantId: string): number | null;
}

/** Looks back from every request, so a limit holds for any stretch of that length. */
export function createRateLimiter(clock: Clock, limits: Readonly<Record<Api, readonly RateLimit[]>>): RateLimiter {
  const answered = new Map<string, number[]>();
  return {
    take: (api, tenantId) => {
      const rules = limits[api];
      if (rules.length === 0) return null;
      const nowMs = clock.now();
      const longestMs = Math.max(...rules.map(({ periodMs }) => periodMs));
      const times = (answered.get(`${api} ${tenantId}`) ?? []).filter((atMs) => atMs > nowMs - longestMs);
      const waits = rules.map(({ requests, periodMs }) => {
        const oldest = times.at(-requests);
        return oldest === undefined ? 0 : Math.max(0, oldest + periodMs - nowMs);
      });
      const waitMs = Math.max(...waits);
      if (waitMs === 0) times.push(nowMs);
      answered.set(`${api} ${tenantId}`, times);
      return waitMs === 0 ? null : waitMs;
    },
  };
}
