import type { Clock } from '../domain/clock.ts';
import type { SourceName } from '../domain/detection.ts';
import type { FeedRules } from '../domain/feed-rules.ts';
import type { Instant } from '../domain/instant.ts';
import type { KnownItem } from '../domain/match.ts';
import { eventId, feedOf, seqOf } from './event-id.ts';
import type { AlertDelivery, AlertTelling, FeedMoment, StoredAlert, StoredAlertParts } from './history.ts';
import { alertKey } from './row-key.ts';
import type { Sqlite } from './sqlite.ts';
import { createAlertTable } from './sqlite-alerts.ts';
import { createFeedReader } from './sqlite-feed.ts';
import { createFeedWriter } from './sqlite-feed-writer.ts';
import { IS_ORDINARY } from './sqlite-page-rows.ts';

export interface History {
  stored(tenantId: string, alertIds: readonly string[]): ReadonlyMap<string, StoredAlertParts>;
  updated(tenantId: string, range: { readonly from: Instant; readonly to: Instant }): readonly StoredAlert[];
  oldestUpdate(tenantId: string): Instant | null;
  deliveries(tenantId: string, alertId: string): readonly AlertDelivery[];
  tellings(tenantId: string, alertId: string): readonly AlertTelling[];
  feedAt(feed: string, storedMs: number): FeedMoment;
  tellAgain(rules: FeedRules, tenantId: string, alertId: string): number;
}

/** Looks back at what became of alerts, by their own rows: nothing here reads a feed from end to end. */
export function createHistory(db: Sqlite, clock: Clock): History {
  const sql = prepare(db);
  const alerts = createAlertTable(db);
  const writer = createFeedWriter(db, clock);
  const feeds = createFeedReader(db);

  const groupsOf = (tenantId: string, alertId: string) => {
    const rows = sql.emissions.all(alertKey(tenantId, alertId));
    // Those of one record lie side by side; what schema 1 stored names no record, and each stands for itself.
    const firsts = rows.filter(({ record_id: id }, index) => id === null || rows[index - 1]?.record_id !== id);
    return firsts.flatMap(({ emission_id: first, stored_ms: storedMs }) => {
      const group = alerts.groupOf(first);
      return group === null ? [] : [{ group, storedMs }];
    });
  };

  const tellAgain = db.transaction((rules: FeedRules, tenantId: string, alertId: string): number => {
    const feed = writer.open(rules);
    const written = groupsOf(tenantId, alertId).map(({ group }) => feed.write(group).events);
    feed.close();
    return written.reduce((sum, events) => sum + events, 0);
  });

  return {
    stored(tenantId, alertIds) {
      const found = alertIds.flatMap((alertId) => {
        const row = sql.alert.get(alertKey(tenantId, alertId));
        return row === undefined ? [] : [[alertId, { ...toAlert(row), parts: toParts(row) }] as const];
      });
      return new Map(found);
    },
    updated: (tenantId, { from, to }) => sql.updated.all(tenantId, from, to).map(toAlert),
    oldestUpdate: (tenantId) => sql.oldest.get(tenantId)?.last_update ?? null,
    deliveries(tenantId, alertId) {
      const byFeed = new Map<number, number[]>();
      for (const { event_id: id } of sql.events.all(alertKey(tenantId, alertId))) {
        const seqs = byFeed.get(feedOf(id)) ?? [];
        seqs.push(seqOf(id));
        byFeed.set(feedOf(id), seqs);
      }
      if (byFeed.size === 0) return [];
      return sql.feeds.all().flatMap(({ feed_no: feedNo, name }) => {
        const seqs = byFeed.get(feedNo);
        return seqs === undefined ? [] : [{ feed: name, seqs: seqs.toSorted((a, b) => a - b) }];
      });
    },
    tellings: (tenantId, alertId) =>
      groupsOf(tenantId, alertId).map(({ group, storedMs }) => ({
        storedMs,
        emissions: group.emissions.map(({ emission }) => emission),
      })),
    feedAt(feed, storedMs) {
      const row = sql.feed.get(feed);
      if (row === undefined) return { hadSettings: false, nextMs: null, isPruned: false };
      const { feed_no: feedNo, first_seq: firstSeq, last_seq: lastSeq, rendering } = row;
      const seq = feeds.seqBefore(feed, storedMs);
      const next = sql.nextEvent.get(eventId(feedNo, seq), eventId(feedNo, lastSeq));
      return {
        hadSettings: sql.shapes.get(rendering, eventId(feedNo, seq))?.same === 1,
        nextMs: next?.stored_ms ?? null,
        isPruned: seq === 0 && firstSeq > 1,
      };
    },
    tellAgain: (rules, tenantId, alertId) => tellAgain.immediate(rules, tenantId, alertId),
  };
}

interface AlertRow {
  readonly alert_id: string;
  readonly last_update: Instant;
  readonly owner: SourceName | null;
}

function toAlert({ alert_id: alertId, last_update: lastUpdate, owner }: AlertRow): StoredAlert {
  return { alertId, lastUpdate, owner };
}

/** @param items JSON of the known items; null where the alert comes as a whole */
function toParts({ items }: { readonly items: string | null }): StoredAlertParts['parts'] {
  if (items === null) return null;
  const known = JSON.parse(items) as readonly KnownItem[];
  return new Map(
    known.flatMap(({ id, processedAt }) => (id === undefined ? [] : [[id, processedAt ?? null] as const])),
  );
}

/** The state is what records are compared with; the column beside it is there to be searched. */
const ALERT = "alert_id, state ->> '$.lastUpdate' AS last_update, state ->> '$.owner' AS owner";

function prepare(db: Sqlite) {
  return {
    alert: db.prepare<[Buffer], AlertRow & { readonly items: string | null }>(
      // Without a hash of the whole it is known in parts (AlertState).
      `SELECT ${ALERT}, CASE WHEN state ->> '$.hash' = '' THEN state -> '$.items' END AS items
       FROM alert WHERE alert_key = ?`,
    ),
    updated: db.prepare<[string, string, string], AlertRow>(
      `SELECT ${ALERT} FROM alert WHERE tenant_id = ? AND alert.last_update >= ? AND alert.last_update < ?
       ORDER BY alert.last_update`,
    ),
    oldest: db.prepare<[string], { readonly last_update: Instant | null }>(
      'SELECT min(last_update) AS last_update FROM alert WHERE tenant_id = ?',
    ),
    emissions: db.prepare<
      [Buffer],
      { readonly emission_id: number; readonly record_id: number | null; readonly stored_ms: number }
    >('SELECT emission_id, record_id, stored_ms FROM emission WHERE alert_key = ? ORDER BY emission_id'),
    // The order of the join is fixed: through the alert's few emissions, never through the feed.
    events: db.prepare<[Buffer], { readonly event_id: number }>(
      `SELECT event_id FROM emission CROSS JOIN feed_event USING (emission_id) WHERE alert_key = ? AND ${IS_ORDINARY}`,
    ),
    feeds: db.prepare<[], { readonly feed_no: number; readonly name: string }>('SELECT feed_no, name FROM feed'),
    feed: db.prepare<
      [string],
      {
        readonly feed_no: number;
        readonly first_seq: number;
        readonly last_seq: number;
        readonly rendering: number;
      }
    >('SELECT feed_no, first_seq, last_seq, rendering FROM feed WHERE name = ?'),
    // Null where schema 3 wrote the event, which did not say.
    shapes: db.prepare<[number, number], { readonly same: 0 | 1 | null }>(
      `SELECT (SELECT shape FROM rendering WHERE rendering = feed_event.rendering)
         = (SELECT shape FROM rendering WHERE rendering = ?) AS same FROM feed_event WHERE event_id = ?`,
    ),
    nextEvent: db.prepare<[number, number], { readonly stored_ms: number }>(
      'SELECT stored_ms FROM feed_event WHERE event_id > ? AND event_id <= ? ORDER BY event_id LIMIT 1',
    ),
  };
}
