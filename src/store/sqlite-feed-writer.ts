import type { Clock } from '../domain/clock.ts';
import { type FeedRules, forFeed } from '../domain/feed-rules.ts';
import { renderEvent } from '../domain/render.ts';
import { eventId } from './event-id.ts';
import type { Sqlite } from './sqlite.ts';
import type { AlertTable, EmissionGroup } from './sqlite-alerts.ts';

/** What one group became in one feed. */
export interface Written {
  readonly events: number;
  /** Values cut to their field's length. */
  readonly cut: number;
  /** Events that the feed's filter kept out. */
  readonly filtered: number;
}

/** A feed within one transaction. */
export interface OpenFeed {
  readonly name: string;
  write(group: EmissionGroup): Written;
  /** Moves the feed's counter. */
  close(): void;
}

export interface FeedWriter {
  /** Inside the caller's transaction, which ends after `close`. */
  open(rules: FeedRules): OpenFeed;
  /** Renders what is stored into a feed that is new. Inside the caller's transaction. */
  fill(rules: FeedRules, alerts: AlertTable): void;
}

interface FeedRow {
  readonly feed_no: number;
  readonly last_seq: number;
  readonly last_stored_ms: number;
}

/** Renders emissions into feeds: FeedSeq and StoredMs are given here and nowhere else. */
export function createFeedWriter(db: Sqlite, clock: Clock): FeedWriter {
  const sql = {
    feed: db.prepare<[string], FeedRow>('SELECT feed_no, last_seq, last_stored_ms FROM feed WHERE name = ?'),
    moveFeed: db.prepare<[number, number, number]>(
      'UPDATE feed SET last_seq = ?, last_stored_ms = ? WHERE feed_no = ?',
    ),
    insertEvent: db.prepare<[number, number, number, number, string]>(
      'INSERT INTO feed_event (event_id, emission_id, stored_ms, bytes, body) VALUES (?, ?, ?, ?, ?)',
    ),
  };

  const open: FeedWriter['open'] = (rules) => {
    const row = sql.feed.get(rules.name);
    if (row === undefined) throw new Error(`feed ${rules.name} is not known to the store`);
    const storedMs = Math.max(clock.now(), row.last_stored_ms);
    let seq = row.last_seq;
    return {
      name: rules.name,
      write({ tenant: { tenantId, name: tenantName }, emissions }) {
        const taken = forFeed(
          rules,
          tenantId,
          emissions.map(({ emission }) => emission),
        );
        let cut = 0;
        for (const emission of taken.events) {
          seq += 1;
          const { text, cuts } = renderEvent({ emission, tenantId, tenantName, feedSeq: seq, storedMs });
          // An event folded from several belongs to the first of them.
          const from = emissions.find((stored) => stored.emission === emission) ?? emissions[0];
          const bytes = Buffer.byteLength(text);
          sql.insertEvent.run(eventId(row.feed_no, seq), from?.emissionId ?? 0, storedMs, bytes, text);
          cut += cuts;
        }
        return { events: taken.events.length, cut, filtered: taken.filtered };
      },
      close() {
        // Left alone without a new event: its time says when the last one was stored.
        if (seq > row.last_seq) sql.moveFeed.run(seq, storedMs, row.feed_no);
      },
    };
  };

  return {
    open,
    fill(rules, alerts) {
      const feed = open(rules);
      for (const group of alerts.groupsSince(clock.now() - rules.initialLookbackMs)) feed.write(group);
      feed.close();
    },
  };
}
