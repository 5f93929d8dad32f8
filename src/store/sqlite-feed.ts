import type { FeedPage, FeedStats, PageLimits, Stamp } from './detection-store.ts';
import { eventId, seqOf } from './event-id.ts';
import type { Sqlite } from './sqlite.ts';

const EMPTY = Buffer.from('[]');
/** `,"FeedTime":1234567890123}` and the comma between two events. */
const STAMP_BYTES = 28;

export interface FeedReader {
  readAfter(feed: string, position: number, limits: PageLimits, stamp: Stamp): FeedPage;
  readRange(feed: string, from: number, to: number, stamp: Stamp): FeedPage;
  seqBefore(feed: string, storedMs: number): number;
  stats(feed: string): FeedStats;
}

/**
 * Reads pages as bytes: SQLite joins the stored bodies and puts the stamp on, so an event is never parsed or printed
 * again (measured 6 to 8 times faster than through JavaScript objects).
 */
export function createFeedReader(db: Sqlite): FeedReader {
  const feedRow = db.prepare<
    [string],
    { readonly feed_no: number; readonly last_seq: number; readonly last_stored_ms: number }
  >('SELECT feed_no, last_seq, last_stored_ms FROM feed WHERE name = ?');
  const sizes = db.prepare<[number, number, number], { readonly event_id: number; readonly bytes: number }>(
    'SELECT event_id, bytes FROM feed_event WHERE event_id > ? AND event_id <= ? ORDER BY event_id LIMIT ?',
  );
  // The rows come in the order of their row id. Saying it again inside group_concat makes SQLite sort all bodies: three
  // times slower (npm run bench -- --only page). The contract suite holds every page to the order.
  const rows = '(SELECT body, stored_ms FROM feed_event WHERE event_id BETWEEN ? AND ? ORDER BY event_id)';
  const stamped = db.prepare<[string, number, number], { readonly events: number; readonly body: Buffer | null }>(
    `SELECT count(*) AS events, CAST('[' || group_concat(body || ?, ',') || ']' AS BLOB) AS body FROM ${rows}`,
  );
  const asStored = db.prepare<[number, number], { readonly events: number; readonly body: Buffer | null }>(
    `SELECT count(*) AS events,
       CAST('[' || group_concat(body || ',"FeedTime":' || stored_ms || '}', ',') || ']' AS BLOB) AS body FROM ${rows}`,
  );
  const atOrAfter = db.prepare<[number, number], { readonly event_id: number; readonly stored_ms: number }>(
    'SELECT event_id, stored_ms FROM feed_event WHERE event_id >= ? AND event_id <= ? ORDER BY event_id LIMIT 1',
  );

  const known = (feed: string) => {
    const row = feedRow.get(feed);
    if (row === undefined) throw new Error(`feed ${feed} is not known to the store`);
    return row;
  };

  const range = (feedNo: number, from: number, to: number, stamp: Stamp) =>
    stamp.kind === 'page'
      ? stamped.get(`,"FeedTime":${stamp.feedTimeMs}}`, eventId(feedNo, from), eventId(feedNo, to))
      : asStored.get(eventId(feedNo, from), eventId(feedNo, to));

  const readRange: FeedReader['readRange'] = (feed, from, to, stamp) => {
    const { feed_no: feedNo, last_seq: last } = known(feed);
    const row = range(feedNo, from, to, stamp);
    return { from, to, events: row?.events ?? 0, body: row?.body ?? EMPTY, hasMore: to < last };
  };

  return {
    readRange,
    readAfter(feed, position, limits, stamp) {
      const { feed_no: feedNo, last_seq: last } = known(feed);
      let from = 0;
      let to = position;
      let bytes = 2;
      for (const row of sizes.iterate(eventId(feedNo, position), eventId(feedNo, last), limits.maxEvents)) {
        bytes += row.bytes + STAMP_BYTES;
        if (from !== 0 && bytes > limits.maxBytes) break;
        to = seqOf(row.event_id);
        if (from === 0) from = to;
      }
      if (from === 0) return { from: position, to: position, events: 0, body: EMPTY, hasMore: false };
      return readRange(feed, from, to, stamp);
    },
    // FeedSeq and StoredMs rise together, so the boundary is found by halving, without an index.
    seqBefore(feed, storedMs) {
      const { feed_no: feedNo, last_seq: last } = known(feed);
      let low = 0;
      let high = last;
      while (low < high) {
        const middle = Math.floor((low + high) / 2) + 1;
        const row = atOrAfter.get(eventId(feedNo, middle), eventId(feedNo, high));
        if (row !== undefined && row.stored_ms < storedMs) low = seqOf(row.event_id);
        else high = middle - 1;
      }
      return low;
    },
    stats(feed) {
      const { last_seq: lastSeq = 0, last_stored_ms: lastStoredMs = null } = feedRow.get(feed) ?? {};
      return { lastSeq, lastStoredMs: lastSeq === 0 ? null : lastStoredMs };
    },
  };
}
