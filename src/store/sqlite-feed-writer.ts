import type { Clock } from '../domain/clock.ts';
import type { Emission, EventKind } from '../domain/detection.ts';
import { type FeedRules, forFeed } from '../domain/feed-rules.ts';
import { renderEvent } from '../domain/render.ts';
import type { TenantRef } from './detection-store.ts';
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

export interface OwnEvent {
  readonly tenant: TenantRef;
  /** Whose it is: FeedSeq and time are given before it is made. */
  readonly emission: (place: FeedPlace) => Emission;
  /** Row of the emission that is replayed; 0 for the bridge's own. */
  readonly emissionId: number;
  /** Null: for every connector of the feed. */
  readonly recipient: string | null;
}

export interface FeedPlace {
  readonly seq: number;
  readonly storedMs: number;
}

/** A feed within one transaction. */
export interface OpenFeed {
  readonly name: string;
  /** Without what belongs to emissions up to `after`: the feed has that. */
  write(group: EmissionGroup, after?: number): Written;
  /** One event that intake did not make: a replay, or one of the bridge's own. Filters do not apply. */
  append(event: OwnEvent): FeedPlace;
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
  readonly rendering: number;
}

interface EventRow {
  readonly eventId: number;
  readonly emissionId: number;
  readonly storedMs: number;
  readonly bytes: number;
  readonly body: string;
  readonly kind: EventKind;
  readonly rendering: number;
  /** Of the record at Microsoft; null where it said nothing. */
  readonly updatedMs: number | null;
  readonly recipient: string | null;
}

/**
 * A reader that goes by StoredMs (`acknowledge: none`) gets all of a millisecond in one page. No append is larger than
 * this; a feed that is filled or made anew in one go is told as if it had taken so long.
 */
const EVENTS_A_MILLISECOND = 500;

/** Renders emissions into feeds: FeedSeq and StoredMs are given here and nowhere else. */
export function createFeedWriter(db: Sqlite, clock: Clock): FeedWriter {
  const sql = {
    feed: db.prepare<[string], FeedRow>('SELECT feed_no, last_seq, last_stored_ms, rendering FROM feed WHERE name = ?'),
    moveFeed: db.prepare<[number, number, number]>(
      'UPDATE feed SET last_seq = ?, last_stored_ms = ? WHERE feed_no = ?',
    ),
    insertEvent: db.prepare<[EventRow]>(
      `INSERT INTO feed_event (event_id, emission_id, stored_ms, bytes, body, kind, rendering, updated_ms, recipient)
       VALUES (@eventId, @emissionId, @storedMs, @bytes, @body, @kind, @rendering, @updatedMs, @recipient)`,
    ),
  };

  const open: FeedWriter['open'] = (rules) => {
    const row = sql.feed.get(rules.name);
    if (row === undefined) throw new Error(`feed ${rules.name} is not known to the store`);
    const openedMs = Math.max(clock.now(), row.last_stored_ms);
    let seq = row.last_seq;
    const storedAt = (place: number): number =>
      openedMs + Math.floor((place - row.last_seq - 1) / EVENTS_A_MILLISECOND);

    /** Answers how many values were cut. */
    const insert = (emission: Emission, to: Pick<OwnEvent, 'tenant' | 'emissionId' | 'recipient'>): number => {
      const { tenantId, name: tenantName } = to.tenant;
      const storedMs = storedAt(seq);
      const { leftOut } = rules.arcsight;
      const { text, cuts } = renderEvent({ emission, tenantId, tenantName, feedSeq: seq, storedMs, leftOut });
      sql.insertEvent.run({
        eventId: eventId(row.feed_no, seq),
        emissionId: to.emissionId,
        storedMs,
        bytes: Buffer.byteLength(text),
        body: text,
        kind: emission.kind,
        rendering: row.rendering,
        updatedMs: updateTimeOf(emission),
        recipient: to.recipient,
      });
      return cuts;
    };

    return {
      name: rules.name,
      write({ tenant, emissions }, after = 0) {
        const taken = forFeed(
          rules,
          tenant.tenantId,
          emissions.map(({ emission }) => emission),
        );
        let events = 0;
        let cut = 0;
        for (const emission of taken.events) {
          const own = emissions.find((stored) => stored.emission === emission);
          // An event folded from several belongs to the first of them.
          const from = own ?? emissions[0];
          if (((own ?? emissions.at(-1))?.emissionId ?? 0) <= after) continue;
          seq += 1;
          events += 1;
          cut += insert(emission, { tenant, emissionId: from?.emissionId ?? 0, recipient: null });
        }
        return { events, cut, filtered: taken.filtered };
      },
      append(event) {
        seq += 1;
        const place = { seq, storedMs: storedAt(seq) };
        insert(event.emission(place), event);
        return place;
      },
      close() {
        // Left alone without a new event: its time says when the last one was stored.
        if (seq > row.last_seq) sql.moveFeed.run(seq, storedAt(seq), row.feed_no);
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

function updateTimeOf({ facts: { LastUpdateMs } }: Emission): number | null {
  return typeof LastUpdateMs === 'number' && Number.isSafeInteger(LastUpdateMs) ? LastUpdateMs : null;
}
