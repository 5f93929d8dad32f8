import { setImmediate } from 'node:timers/promises';
import type { BrowsedEvent, EventOrigin, EventSearch, FoundEvents } from './event-browser.ts';
import { eventId, seqOf } from './event-id.ts';
import { alertKey } from './row-key.ts';
import type { Sqlite } from './sqlite.ts';

export interface EventLookup {
  find(search: EventSearch): Promise<FoundEvents>;
  origin(feed: string, seq: number): EventOrigin | null;
}

/** Events that one search looks through: some 10 MB of text. Who has not found what was wanted goes on from there. */
export const MOST_LOOKED_AT = 5000;
/** Of them in one go: a millisecond or two, then a connector that waits has its turn. */
const CHUNK_ROWS = 250;
const MOST_EVENTS = 500;

interface Row {
  readonly event_id: number;
  readonly stored_ms: number;
  /** Without its closing brace. */
  readonly body: string;
}

/** A place in a feed: row ids, `before` excluded. */
interface Stretch {
  readonly from: number;
  readonly before: number;
}

/** Looks at events by their rows, newest first; moves nothing and renders nothing. */
export function createEventLookup(db: Sqlite): EventLookup {
  const sql = prepare(db);

  /** Those of an alert are found by its key, however many there are of others: its own, and replays of them. */
  const ofAlert = (words: string, { from, before }: Stretch): readonly Row[] =>
    sql.tenants
      .all()
      .flatMap((tenantId) => sql.ofAlert.all(alertKey(tenantId, words), from, before))
      .toSorted((a, b) => b.event_id - a.event_id);

  const isAlert = (words: string): boolean =>
    sql.tenants.all().some((tenantId) => sql.alert.get(alertKey(tenantId, words)) !== undefined);

  const lookThrough = async (feed: string, words: string, stretch: Stretch, limit: number): Promise<FoundEvents> => {
    const holds = contains(words);
    const events: BrowsedEvent[] = [];
    let before = stretch.before;
    for (let looked = 0; looked < MOST_LOOKED_AT; ) {
      const rows = sql.newest.all(stretch.from, before, Math.min(CHUNK_ROWS, MOST_LOOKED_AT - looked));
      for (const row of rows) {
        before = row.event_id;
        if (holds(row.body)) events.push(toEvent(feed, row));
        if (events.length === limit) return { events, before: olderThan(before, stretch) };
      }
      looked += rows.length;
      if (rows.length < CHUNK_ROWS) return { events, before: olderThan(before, stretch) };
      await setImmediate();
    }
    return { events, before: olderThan(before, stretch) };
  };

  const olderThan = (before: number, { from }: Stretch): number | null =>
    sql.newest.get(from, before, 1) === undefined ? null : seqOf(before);

  return {
    async find({ feed, words, before, limit }) {
      const feedNo = sql.feedNo.get(feed);
      if (feedNo === undefined) return { events: [], before: null };
      const most = Math.min(Math.max(limit, 1), MOST_EVENTS);
      const stretch = {
        from: eventId(feedNo, 0),
        before: before === null ? eventId(feedNo + 1, 0) : eventId(feedNo, before),
      };
      const wanted = words.trim();
      if (wanted === '' || !isAlert(wanted)) return lookThrough(feed, wanted, stretch, most);
      const rows = ofAlert(wanted, stretch);
      const events = rows.slice(0, most).map((row) => toEvent(feed, row));
      return { events, before: rows.length > most ? (events.at(-1)?.seq ?? null) : null };
    },
    origin(feed, seq) {
      const feedNo = sql.feedNo.get(feed);
      const row = feedNo === undefined ? undefined : sql.origin.get(eventId(feedNo, seq));
      // A salvage holds the number of a lost record with an empty text.
      return row === undefined ? null : { event: toEvent(feed, row), raw: row.raw === '' ? null : row.raw };
    },
  };
}

/**
 * What is looked for may have been copied from a page, where `\` and `"` are as they are, or from JSON, where they are
 * escaped: either is found.
 */
function contains(words: string): (body: string) => boolean {
  const plain = words.toLowerCase();
  const escaped = JSON.stringify(plain).slice(1, -1);
  if (plain === escaped) return (body) => body.toLowerCase().includes(plain);
  return (body) => {
    const text = body.toLowerCase();
    return text.includes(escaped) || text.includes(plain);
  };
}

function toEvent(feed: string, { event_id: id, stored_ms: storedMs, body }: Row): BrowsedEvent {
  return { feed, seq: seqOf(id), storedMs, text: `${body}}` };
}

function prepare(db: Sqlite) {
  return {
    feedNo: db.prepare<[string], number>('SELECT feed_no FROM feed WHERE name = ?').pluck(),
    tenants: db.prepare<[], string>('SELECT DISTINCT tenant_id FROM source').pluck(),
    alert: db.prepare<[Buffer], 1>('SELECT 1 FROM alert WHERE alert_key = ?').pluck(),
    newest: db.prepare<[number, number, number], Row>(
      `SELECT event_id, stored_ms, body FROM feed_event WHERE event_id >= ? AND event_id < ?
       ORDER BY event_id DESC LIMIT ?`,
    ),
    // The order of the join is fixed: through the alert's few emissions, never through the feed.
    ofAlert: db.prepare<[Buffer, number, number], Row>(
      `SELECT event_id, feed_event.stored_ms, body FROM emission CROSS JOIN feed_event USING (emission_id)
       WHERE alert_key = ? AND event_id >= ? AND event_id < ?`,
    ),
    origin: db.prepare<[number], Row & { readonly raw: string | null }>(
      `SELECT event_id, feed_event.stored_ms, body, raw FROM feed_event
       LEFT JOIN emission USING (emission_id) LEFT JOIN record USING (record_id) WHERE event_id = ?`,
    ),
  };
}
