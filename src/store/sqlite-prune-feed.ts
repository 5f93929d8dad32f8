import { eventId, FEED_SEQ_MARGIN, seqOf } from './event-id.ts';
import type { Sqlite } from './sqlite.ts';
import type { FeedReaders } from './upkeep.ts';

/** A feed as retention sees it. */
export interface PrunedFeed {
  readonly feedNo: number;
  readonly name: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Everything up to here is taken by every connector that counts. */
  readonly deliveredSeq: number;
}

/** What went of a feed in one step. */
export interface FeedCut {
  readonly events: number;
  /** Of them those that somebody had not taken. */
  readonly undelivered: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** A connector that holds events back, and up to where it has taken them. */
export interface Holder {
  readonly connector: string;
  readonly acknowledged: number;
}

export interface FeedPruner {
  feeds(readers: readonly FeedReaders[]): readonly PrunedFeed[];
  holders(readers: FeedReaders): readonly Holder[];
  find(name: string): Omit<PrunedFeed, 'deliveredSeq'> | null;
  /** Events in a range, both ends included: asked at every look at the store, so it is told by their numbers. */
  count(feed: Pick<PrunedFeed, 'feedNo'>, fromSeq: number, toSeq: number): number;
  /** Time of the first event from this number on; null when there is none up to `toSeq`. */
  storedMs(feed: Pick<PrunedFeed, 'feedNo'>, fromSeq: number, toSeq: number): number | null;
  /** Deletes the oldest events up to a FeedSeq that were stored before a time; `first_seq` moves with them. */
  cut(feed: PrunedFeed, upToSeq: number, beforeMs: number, maxRows: number): FeedCut;
}

/** At most. */
const COUNTED_ROWS = 5000;

interface FeedRow {
  readonly feed_no: number;
  readonly name: string;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly served_seq: number;
}

/** Deletes events from the old end of each feed. Inside the caller's transaction. */
export function createFeedPruner(db: Sqlite): FeedPruner {
  const sql = prepare(db);

  /**
   * A login that never asked would begin, when it asks first, at most `maxLookback` back: where others read the feed it
   * holds nothing, or each unused login would keep everything. Where nobody reads it yet, it is waited for.
   */
  const holders = (row: FeedRow, connectors: readonly string[]): readonly Holder[] => {
    const positions = new Map(sql.positions.all(row.name).map((one) => [one.connector, one.acknowledged]));
    const asked = connectors.filter((connector) => positions.has(connector));
    const isRead = asked.length > 0 || row.served_seq > 0;
    return (isRead ? asked : connectors).map((connector) => ({
      connector,
      acknowledged: positions.get(connector) ?? 0,
    }));
  };
  const connectorsOf = (readers: readonly FeedReaders[], name: string): readonly string[] =>
    readers.find(({ feed }) => feed === name)?.connectors ?? [];

  return {
    feeds: (readers) =>
      sql.feeds.all().map((row) => ({
        ...toFeed(row),
        deliveredSeq: Math.min(
          row.last_seq,
          ...holders(row, connectorsOf(readers, row.name)).map(({ acknowledged }) => acknowledged),
        ),
      })),
    holders(readers) {
      const row = sql.feed.get(readers.feed);
      return row === undefined ? [] : holders(row, readers.connectors);
    },
    find(name) {
      const row = sql.feed.get(name);
      return row === undefined ? null : toFeed(row);
    },
    count({ feedNo }, fromSeq, toSeq) {
      const numbers = Math.max(0, toSeq - fromSeq + 1);
      // Where a restore has left a gap in the numbers, the rows themselves are counted, but not without end.
      if (numbers < FEED_SEQ_MARGIN) return numbers;
      return sql.count.get(eventId(feedNo, fromSeq), eventId(feedNo, toSeq)) ?? 0;
    },
    storedMs: ({ feedNo }, fromSeq, toSeq) =>
      sql.rows.get(eventId(feedNo, fromSeq), eventId(feedNo, toSeq), 1)?.stored_ms ?? null,
    cut({ feedNo, firstSeq, lastSeq, deliveredSeq }, upToSeq, beforeMs, maxRows) {
      const from = eventId(feedNo, firstSeq);
      const upTo = eventId(feedNo, upToSeq);
      const none = { events: 0, undelivered: 0, firstSeq, lastSeq: firstSeq };
      if ((sql.rows.get(from, upTo, 1)?.stored_ms ?? beforeMs) >= beforeMs) return none;
      // StoredMs never falls within a feed.
      const rows = sql.rows.all(from, upTo, maxRows);
      const old = rows.slice(
        0,
        firstIndex(rows, ({ stored_ms: storedMs }) => storedMs >= beforeMs),
      );
      const [first, last] = [old[0], old.at(-1)];
      if (first === undefined || last === undefined) return none;
      sql.remove.run(first.event_id, last.event_id);
      const next = sql.next.get(last.event_id, eventId(feedNo, lastSeq))?.event_id;
      sql.moveFirst.run(next === undefined ? lastSeq + 1 : seqOf(next), feedNo);
      const undelivered = old.filter(({ event_id: id }) => seqOf(id) > deliveredSeq).length;
      return { events: old.length, undelivered, firstSeq: seqOf(first.event_id), lastSeq: seqOf(last.event_id) };
    },
  };
}

function toFeed(row: FeedRow): Omit<PrunedFeed, 'deliveredSeq'> {
  return { feedNo: row.feed_no, name: row.name, firstSeq: row.first_seq, lastSeq: row.last_seq };
}

/** Of the first element that fits; the length when none does. */
function firstIndex<Row>(rows: readonly Row[], fits: (row: Row) => boolean): number {
  const index = rows.findIndex(fits);
  return index < 0 ? rows.length : index;
}

function prepare(db: Sqlite) {
  const columns = 'feed_no, name, first_seq, last_seq, served_seq';
  return {
    feeds: db.prepare<[], FeedRow>(`SELECT ${columns} FROM feed ORDER BY feed_no`),
    feed: db.prepare<[string], FeedRow>(`SELECT ${columns} FROM feed WHERE name = ?`),
    positions: db.prepare<[string], Holder>('SELECT connector, acknowledged FROM position WHERE feed = ?'),
    rows: db.prepare<[number, number, number], { readonly event_id: number; readonly stored_ms: number }>(
      'SELECT event_id, stored_ms FROM feed_event WHERE event_id BETWEEN ? AND ? ORDER BY event_id LIMIT ?',
    ),
    count: db
      .prepare<[number, number], number>(
        `SELECT count(*) FROM (SELECT 1 FROM feed_event WHERE event_id BETWEEN ? AND ? LIMIT ${COUNTED_ROWS})`,
      )
      .pluck(),
    remove: db.prepare<[number, number]>('DELETE FROM feed_event WHERE event_id BETWEEN ? AND ?'),
    next: db.prepare<[number, number], { readonly event_id: number }>(
      'SELECT event_id FROM feed_event WHERE event_id > ? AND event_id <= ? ORDER BY event_id LIMIT 1',
    ),
    moveFirst: db.prepare<[number, number]>('UPDATE feed SET first_seq = ? WHERE feed_no = ?'),
  };
}
