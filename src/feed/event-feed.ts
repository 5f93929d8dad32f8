import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import type { Since } from '../domain/since.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import type { FeedPage, FeedSpan } from '../store/feed-pages.ts';
import { isUnwritable } from '../store/upkeep.ts';
import type { FeedSettings } from './delivery.ts';
import { checkStillKept, cursorPrefix, seqOfCursor } from './event-cursor.ts';

export interface EventsRequest {
  readonly feed: FeedSettings;
  readonly start:
    | { readonly kind: 'cursor'; readonly text: string }
    | { readonly kind: 'since'; readonly since: Since };
  /** Only ever lowers the feed's own limit; null: not given. */
  readonly maxEvents: number | null;
  /** Between two events. */
  readonly between: ',' | '\n';
  /** Login of a connector; null for an operator, who gets only what is for all. */
  readonly connector: string | null;
  /** False for an operator and HEAD: what is given to a connector stays as it is when settings change. */
  readonly gives: boolean;
  readonly requestId: string;
}

export interface EventsPage {
  /** The events one after the other, UTF-8, with nothing around them. */
  readonly items: Buffer;
  readonly events: number;
  /** Cursor of the place behind this page. */
  readonly next: string;
  readonly hasMore: boolean;
}

/** The feed for readers that keep their place themselves: no position is kept or moved. */
export interface EventFeed {
  read(request: EventsRequest): Promise<EventsPage>;
}

export function createEventFeed(deps: {
  readonly store: DetectionStore;
  readonly clock: Clock;
  readonly emit: Emit;
}): EventFeed {
  const { store, clock, emit } = deps;

  const startOf = async ({ feed, start }: EventsRequest, span: FeedSpan): Promise<number> => {
    if (start.kind === 'cursor') return seqOfCursor(start.text, feed.name, span);
    const ms = start.since.kind === 'time' ? start.since.ms : clock.now() - feed.initialLookbackMs;
    // A time names no event, so one before all that is kept begins with the oldest.
    return Math.max(await store.seqBefore(feed.name, ms), span.firstSeq - 1);
  };

  /** A store that cannot be written is a finding already; what can be read is not withheld for it. */
  const note = async (feed: string, reader: string, page: FeedPage, requestId: string): Promise<void> => {
    try {
      if (page.events > 0) await store.noteServed(feed, page.to);
      await store.noteReader(feed, reader, page.to);
    } catch (thrown) {
      if (!isUnwritable(thrown)) emit({ name: 'requestFailed', requestId, error: toBridgeError(thrown) });
    }
  };

  return {
    async read(request) {
      const { feed, maxEvents, between, connector } = request;
      const span = await store.feedSpan(feed.name);
      const after = await startOf(request, span);
      const prefix = cursorPrefix(feed.name, span);
      // Up to the newest event, none held back: a feed has one writer, so FeedSeq are committed in their order and none
      // can appear behind a cursor that was given out.
      const page = await store.readCursor({
        feed: feed.name,
        after,
        limits: { ...feed.limits, maxEvents: Math.min(maxEvents ?? feed.limits.maxEvents, feed.limits.maxEvents) },
        audience: { connector, updates: true, cutOver: null },
        cursorPrefix: prefix,
        between,
      });
      checkStillKept(after, await store.feedSpan(feed.name));
      if (connector !== null && request.gives) {
        await note(feed.name, connector, page, request.requestId);
        emit({ name: 'eventsRead', feed: feed.name, reader: connector, events: page.events });
      }
      return { items: page.body, events: page.events, next: `${prefix}${page.to}`, hasMore: page.hasMore };
    },
  };
}
