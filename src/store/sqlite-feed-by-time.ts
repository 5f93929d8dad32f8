import type { FeedPage, PageRequest, TimedPage, TimeRequest } from './feed-pages.ts';
import type { FeedReader } from './sqlite-feed.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;
const ONE_EVENT = { maxEvents: 1, maxBytes: NO_LIMIT };
const NO_LIMITS = { maxEvents: NO_LIMIT, maxBytes: NO_LIMIT };

/** Reads by StoredMs, which rises with FeedSeq: both ends are found by halving, without an index. */
export function createTimedReader({ readPage, seqBefore }: Pick<FeedReader, 'readPage' | 'seqBefore'>) {
  return async ({ feed, afterMs, untilMs, unitMs, limits, audience }: TimeRequest): Promise<TimedPage> => {
    const unitOf = (ms: number): number => Math.floor(ms / unitMs);
    const first = seqBefore(feed, afterMs + 1);
    const last = Math.max(first, seqBefore(feed, untilMs + 1));
    const read = (range: Pick<PageRequest, 'after' | 'upTo' | 'limits'>): Promise<FeedPage> =>
      readPage({ feed, audience, stamp: { kind: 'stored' }, ...range });

    /** Where a page may end that reaches up to this time: a millisecond is never divided. */
    const endOf = async (newestMs: number): Promise<number> => {
      const end = seqBefore(feed, newestMs + 1);
      if (unitOf(newestMs) > unitOf(afterMs)) return Math.min(end, last);
      // All of it lies in the unit that was asked from: the next request would be the same. One event more is needed.
      const after = Math.max(end, seqBefore(feed, (unitOf(newestMs) + 1) * unitMs));
      const beyondMs = newestOf(await read({ after, upTo: last, limits: ONE_EVENT }));
      return beyondMs === null ? last : Math.min(seqBefore(feed, beyondMs + 1), last);
    };

    const page = await read({ after: first, upTo: last, limits });
    const newestMs = newestOf(page);
    if (newestMs === null) return { ...page, hasMore: false, newestMs };
    const end = await endOf(newestMs);
    const whole = end <= page.to ? page : await read({ after: first, upTo: end, limits: NO_LIMITS });
    return { ...whole, hasMore: whole.to < last, newestMs: newestOf(whole) };
  };
}

const FEED_TIME_BYTES = 32;

/** StoredMs of the last event, which stands at the end of the page as its FeedTime; null when there is none. */
function newestOf({ body }: FeedPage): number | null {
  const match = /"FeedTime":(\d+)\}\]$/.exec(body.subarray(-FEED_TIME_BYTES).toString('latin1'));
  return match === null ? null : Number(match[1]);
}
