/** FeedSeq takes the lower 40 bits of an event's row id (10^12 events a feed), the feed's number the bits above. */
const SEQ_RANGE = 2 ** 40;

export function eventId(feedNo: number, seq: number): number {
  return feedNo * SEQ_RANGE + seq;
}

export function seqOf(id: number): number {
  return id % SEQ_RANGE;
}
