import { eventId, seqOf } from './event-id.ts';
import type { Waiting, WaitingRequest } from './feed-pages.ts';
import type { Sqlite } from './sqlite.ts';
import { IS_VISIBLE, type Viewer, viewerOf } from './sqlite-page-rows.ts';

/** Rows that are looked at one by one: it is asked at every look at the store. */
const LOOK_ROWS = 2000;

interface Looked {
  readonly looked: number;
  readonly last: number | null;
  readonly events: number | null;
  readonly oldest: number | null;
}

/** Counts what a connector has not acknowledged. */
export function createWaitingCount(db: Sqlite): (request: WaitingRequest) => Waiting {
  const feedRow = db.prepare<[string], { readonly feed_no: number; readonly last_seq: number }>(
    'SELECT feed_no, last_seq FROM feed WHERE name = ?',
  );
  const look = db.prepare<[Viewer & { readonly after: number; readonly upTo: number }], Looked>(
    `SELECT count(*) AS looked, max(event_id) AS last, sum(visible) AS events,
       min(CASE visible WHEN 1 THEN stored_ms END) AS oldest
     FROM (SELECT event_id, stored_ms, ${IS_VISIBLE} AS visible FROM feed_event
       WHERE event_id > @after AND event_id <= @upTo ORDER BY event_id LIMIT ${LOOK_ROWS})`,
  );
  return ({ feed, after, connector, cutOver }) => {
    const found = feedRow.get(feed);
    if (found === undefined || after >= found.last_seq) return { events: 0, isExact: true, oldestMs: null };
    const { feed_no: feedNo, last_seq: lastSeq } = found;
    const viewer = viewerOf(feedNo, { connector, updates: true, cutOver });
    const rows = look.get({ ...viewer, after: eventId(feedNo, after), upTo: eventId(feedNo, lastSeq) });
    const isExact = (rows?.looked ?? 0) < LOOK_ROWS;
    const beyond = isExact ? 0 : lastSeq - seqOf(rows?.last ?? 0);
    return { events: (rows?.events ?? 0) + beyond, isExact, oldestMs: rows?.oldest ?? null };
  };
}
