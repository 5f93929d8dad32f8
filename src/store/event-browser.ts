/** An event as the status page shows it in a list. */
export interface BrowsedEvent {
  readonly feed: string;
  /** FeedSeq. */
  readonly seq: number;
  /** Epoch ms. */
  readonly storedMs: number;
  /** The flat JSON object as it is stored, without a stamp. */
  readonly text: string;
}

export interface EventSearch {
  readonly feed: string;
  /** What the stored text has to contain, whatever the case; empty: everything. */
  readonly words: string;
  /** FeedSeq: only events before it; null: from the newest on. */
  readonly before: number | null;
  readonly limit: number;
}

export interface FoundEvents {
  /** Newest first. */
  readonly events: readonly BrowsedEvent[];
  /** Where to go on looking; null: there is nothing older. A search looks through so many events at once only, so there may be something where none was found. */
  readonly before: number | null;
}

/** One event with where it comes from. */
export interface EventOrigin {
  readonly event: BrowsedEvent;
  /** Microsoft's record as it was received; null for the bridge's own events, and once retention has deleted it. */
  readonly raw: string | null;
}

/** Part of the store: looking at events without reading a feed; moves no position. */
export interface EventBrowser {
  findEvents(search: EventSearch): Promise<FoundEvents>;
  eventOrigin(feed: string, seq: number): Promise<EventOrigin | null>;
}
