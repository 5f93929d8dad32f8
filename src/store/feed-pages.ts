import type { CutOver } from '../domain/position.ts';

/** One page of the feed, ready to send once the stamp is put on. */
export interface FeedPage {
  /**
   * First and last FeedSeq. What lies between two pages is not for this reader, so `to` may be more than the last event
   * of the page; in an empty page both say up to where there is nothing for it.
   */
  readonly from: number;
  readonly to: number;
  readonly events: number;
  /** A complete JSON array, UTF-8. */
  readonly body: Buffer;
  readonly hasMore: boolean;
}

export interface PageLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Put on at the end of each event: a page stamp, or the event's own StoredMs. */
export type Stamp = { readonly kind: 'page'; readonly feedTimeMs: number } | { readonly kind: 'stored' };

/** Who reads. */
export interface Audience {
  /** Events asked for one connector (replay, test) are left out for every other; null: only what is for all. */
  readonly connector: string | null;
  /** False leaves `update` events out (the old API's form). */
  readonly updates: boolean;
  readonly cutOver: CutOver | null;
}

export interface PageRequest {
  readonly feed: string;
  /** FeedSeq; the page begins behind it. */
  readonly after: number;
  /** Last FeedSeq that may be in it; null: no limit. */
  readonly upTo: number | null;
  readonly limits: PageLimits;
  readonly audience: Audience;
  readonly stamp: Stamp;
}

/** Events for a reader that goes by StoredMs alone (`acknowledge: none`); it is also their FeedTime. */
export interface TimeRequest {
  readonly feed: string;
  /** Stored after this, epoch ms. */
  readonly afterMs: number;
  /** And not later than this. */
  readonly untilMs: number;
  /** Milliseconds per unit of the reader's times. */
  readonly unitMs: number;
  readonly limits: PageLimits;
  readonly audience: Audience;
}

export interface TimedPage extends FeedPage {
  /** StoredMs of its last event; null when it is empty. */
  readonly newestMs: number | null;
}

/** Events for a reader with a cursor of its own. Bodies as they were stored, byte for byte the same each time. */
export interface CursorRequest {
  readonly feed: string;
  readonly after: number;
  readonly limits: PageLimits;
  readonly audience: Audience;
  /** Member added to each event before its brace: `"Cursor":"<prefix><FeedSeq>"`. */
  readonly cursorPrefix: string;
  /** Between two events: `,` or a line feed. There is nothing around them. */
  readonly between: string;
}

/** A login that read a feed with a cursor, and up to where it was given it last. */
export interface CursorReader {
  readonly reader: string;
  readonly feed: string;
  readonly lastSeq: number;
  /** Epoch ms, within half a minute. */
  readonly lastReadMs: number;
}

/** What a cursor is checked against. */
export interface FeedSpan {
  /** Changes when a store is restored or salvaged: FeedSeq of another generation mean nothing here. Hexadecimal. */
  readonly generation: string;
  /** Lowest FeedSeq that is still kept; one past the last when nothing is. */
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export interface FeedStats {
  readonly lastSeq: number;
  readonly lastStoredMs: number | null;
}

export interface WaitingRequest extends Pick<Audience, 'cutOver'> {
  readonly feed: string;
  readonly connector: string;
  /** FeedSeq: what is acknowledged. */
  readonly after: number;
}

/** What is still to come for a connector. */
export interface Waiting {
  /** Of a long backlog only the beginning is counted, and the rest by its numbers: at most so many. */
  readonly events: number;
  readonly isExact: boolean;
  /** When the oldest of them was stored, epoch ms; null when there is none. */
  readonly oldestMs: number | null;
}

/** Part of the store: what is read of a feed, and by whom. */
export interface FeedPagesStore {
  /** Events after a position, oldest first, up to the limits (at least one event whatever its size), for one reader. */
  readPage(request: PageRequest): Promise<FeedPage>;
  /**
   * The same by time. A page ends with the last event of a millisecond, and beyond the unit of `afterMs`, even where it
   * has to be larger than its limits for that: who asks for what is later would miss the rest, or never get on.
   */
  readStored(request: TimeRequest): Promise<TimedPage>;
  /** The same for a reader with a cursor. */
  readCursor(request: CursorRequest): Promise<FeedPage>;
  feedSpan(feed: string): Promise<FeedSpan>;
  /** Notes that a reader with a cursor was sent everything up to `seq`: it is not made anew when settings change. */
  noteServed(feed: string, seq: number): Promise<void>;
  /** Notes who it was: for people only, nothing is held back for it. */
  noteReader(feed: string, reader: string, seq: number): Promise<void>;
  cursorReaders(): Promise<readonly CursorReader[]>;
  /** Last FeedSeq stored before the given time (epoch ms); 0 when there is none. */
  seqBefore(feed: string, storedMs: number): Promise<number>;
  /** Zeros for a feed that was configured but never served. */
  feedStats(feed: string): Promise<FeedStats>;
  /** What a connector has not acknowledged; nothing in a feed that was never served. */
  waiting(request: WaitingRequest): Promise<Waiting>;
}
