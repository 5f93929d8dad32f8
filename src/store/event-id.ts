/** FeedSeq takes the lower 40 bits of an event's row id (10^12 events a feed), the feed's number the bits above. */
const SEQ_RANGE = 2 ** 40;

export function eventId(feedNo: number, seq: number): number {
  return feedNo * SEQ_RANGE + seq;
}

export function feedOf(id: number): number {
  return Math.floor(id / SEQ_RANGE);
}

export function seqOf(id: number): number {
  return id % SEQ_RANGE;
}

/**
 * So much is added to a feed's counter where a database takes the place of another one that may have got further: a number
 * that was given once must not come to mean another event.
 */
export const FEED_SEQ_MARGIN = 10_000_000;
