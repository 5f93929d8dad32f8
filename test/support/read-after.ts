import type { DetectionStore } from '../../src/store/detection-store.ts';
import type { FeedPage, PageLimits, Stamp } from '../../src/store/feed-pages.ts';

/** Events after a position, oldest first, as somebody gets them for whom nothing in particular is meant. */
export function readAfter(
  store: Pick<DetectionStore, 'readPage'>,
  feed: string,
  after: number,
  limits: PageLimits,
  stamp: Stamp,
): Promise<FeedPage> {
  const audience = { connector: null, updates: true, cutOver: null };
  return store.readPage({ feed, after, upTo: null, limits, audience, stamp });
}
