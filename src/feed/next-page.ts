import type { PendingPage, Position } from '../domain/position.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import type { FeedPage, PageLimits } from '../store/feed-pages.ts';

/** Who asks, and for what. */
export interface PageWish {
  readonly connector: string;
  readonly feed: { readonly name: string; readonly limits: PageLimits };
  readonly updates: boolean;
  /** Null: not given. */
  readonly maxEvents: number | null;
}

/** What is sent next, and the position it is sent from. */
export interface NextPage {
  readonly page: FeedPage;
  /** Its pending page is the one that is sent again; none when the page is a new one, or empty. */
  readonly position: Position;
}

/**
 * The page that is still unacknowledged under a new stamp, smaller after a broken try; else the next one. Where nothing
 * of a stretch is for this connector (somebody else's replay, updates under the old address, what was cut over), the
 * position moves over it.
 */
export async function readNextPage(
  store: DetectionStore,
  before: Position,
  { feed, updates, maxEvents, connector }: PageWish,
  stampMs: number,
): Promise<NextPage> {
  const stamp = { kind: 'page', feedTimeMs: stampMs } as const;
  const audience = { connector, updates, cutOver: before.cutOver };
  let position = before;
  for (;;) {
    const pending = position.page;
    const after = pending === null ? position.acknowledged : pending.from - 1;
    const most = Math.min(feed.limits.maxEvents, maxEvents ?? Infinity, sizeOf(position));
    const limits = { maxEvents: Math.max(1, most), maxBytes: feed.limits.maxBytes };
    const page = await store.readPage({ feed: feed.name, after, upTo: pending?.to ?? null, limits, audience, stamp });
    if (page.events > 0) return { page, position };
    position = { ...position, acknowledged: Math.max(position.acknowledged, page.to), page: null };
    if (pending === null && (!page.hasMore || page.to <= after)) return { page, position };
  }
}

/** Most events of the next sending, as far as those before it say. */
function sizeOf({ page, pace }: Position): number {
  if (page === null) return pace ?? Infinity;
  if (page.alone) return 1;
  return isBroken(page) ? Math.floor(page.events / 2) : page.events;
}

function isBroken({ tries }: PendingPage): boolean {
  return tries.at(-1)?.outcome === 'broken';
}
