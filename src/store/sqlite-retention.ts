import type { Clock } from '../domain/clock.ts';
import { instantFromMs } from '../domain/instant.ts';
import type { Sqlite } from './sqlite.ts';
import { createFeedReader } from './sqlite-feed.ts';
import { createFeedPruner, type FeedCut, type PrunedFeed } from './sqlite-prune-feed.ts';
import { createEmissionPruner, createRecordPruner } from './sqlite-prune-rows.ts';
import type { StoreSpace } from './sqlite-space.ts';
import { createUndeliveredAudit } from './sqlite-undelivered-audit.ts';
import type { Held, Pruned, PruneRequest } from './upkeep.ts';

export interface Pruner {
  prune(request: PruneRequest): Pruned;
  held(request: Pick<PruneRequest, 'policy' | 'readers'>): readonly Held[];
}

/** Without its state an old alert that is updated would look new: it stays longer than anything else. */
const STATE_KEPT_MS = 400 * 86_400_000;
/** A replay that has not moved for so long is not under way. */
const REPLAY_STALE_MS = 3_600_000;
/** Above the size limit the oldest stretch of this length goes, then the next. */
const STRETCH_MS = 60_000;

type Counts = { -readonly [Name in 'events' | 'records' | 'emissions' | 'alerts']: number };

/** One call, one short transaction. Rows lie in the order of time, so no table is ever read through. */
export function createPruner(db: Sqlite, space: Pick<StoreSpace, 'usedBytes'>, clock: Clock): Pruner {
  const feedPruner = createFeedPruner(db);
  const emissions = createEmissionPruner(db);
  const records = createRecordPruner(db);
  const reader = createFeedReader(db);
  const audit = createUndeliveredAudit(db, clock);
  const sql = prepare(db);

  const step = (request: PruneRequest): Pruned => {
    const { policy, readers, maxRows } = request;
    const nowMs = clock.now();
    const counts: Counts = { events: 0, records: 0, emissions: 0, alerts: 0 };
    const undelivered: Record<string, number> = {};
    let left = maxRows;

    /** False: the budget is used up. */
    const cutFeeds = (beforeMs: number, upTo: (feed: PrunedFeed) => number): boolean => {
      for (const feed of feedPruner.feeds(readers)) {
        const cut = feedPruner.cut(feed, upTo(feed), beforeMs, left);
        left -= cut.events;
        counts.events += cut.events;
        if (cut.undelivered > 0) note(feed, cut);
        if (left <= 0) return false;
      }
      return true;
    };
    const note = (feed: PrunedFeed, cut: FeedCut): void => {
      undelivered[feed.name] = (undelivered[feed.name] ?? 0) + cut.undelivered;
      const from = Math.max(cut.firstSeq, feed.deliveredSeq + 1);
      audit.add(feed.name, { events: cut.undelivered, fromSeq: from, toSeq: cut.lastSeq });
    };
    const pruneRows = (name: 'emissions' | 'records', beforeMs: number): boolean => {
      const { looked, deleted, isEnd } = (name === 'emissions' ? emissions : records).prune(beforeMs, left);
      left -= looked;
      counts[name] += deleted;
      return isEnd && left > 0;
    };
    /** Everything that is delivered and older; false: the budget is used up before the end. */
    const pruneDelivered = (beforeMs: number): boolean =>
      cutFeeds(beforeMs, ({ deliveredSeq }) => deliveredSeq) &&
      pruneRows('emissions', beforeMs) &&
      pruneRows('records', beforeMs);
    const oldest = (): number | null => {
      const heads = feedPruner
        .feeds(readers)
        .map((feed) => feedPruner.storedMs(feed, feed.firstSeq, feed.deliveredSeq));
      return earliest([...heads, emissions.oldest(), records.oldest()]);
    };
    const shrink = (limitBytes: number): boolean => {
      while (space.usedBytes() > limitBytes) {
        const from = oldest();
        if (from === null) return true;
        if (!pruneDelivered(from + STRETCH_MS)) return false;
      }
      return true;
    };
    const pruneAlerts = (): boolean => {
      const before = instantFromMs(nowMs - STATE_KEPT_MS);
      for (const { id } of sql.tenants.all()) {
        const gone = sql.removeAlerts.run(id, before, left).changes;
        left -= gone;
        counts.alerts += gone;
        if (left <= 0) break;
      }
      if (counts.alerts > 0) sql.countGone.run(counts.alerts);
      return left > 0;
    };

    const isReplaying = sql.replaying.get(nowMs - REPLAY_STALE_MS) !== undefined;
    const done =
      (isReplaying ||
        (cutFeeds(nowMs - policy.undeliveredMs, ({ lastSeq }) => lastSeq) &&
          pruneDelivered(nowMs - policy.ageMs) &&
          (policy.sizeBytes === null || shrink(policy.sizeBytes)))) &&
      pruneAlerts();
    return { ...counts, undelivered, done };
  };
  const transaction = db.transaction(step);

  return {
    prune(request) {
      const pruned = audit.withTransaction(() => transaction.immediate(request));
      if (pruned.done) for (const part of [emissions, records, audit]) part.restart();
      return pruned;
    },
    held: ({ policy, readers }) =>
      readers.flatMap((one) => {
        const feed = feedPruner.find(one.feed);
        if (feed === null) return [];
        const toSeq = reader.seqBefore(one.feed, clock.now() - policy.ageMs);
        return feedPruner.holders(one).flatMap(({ connector, acknowledged }) => {
          const fromSeq = Math.max(feed.firstSeq, acknowledged + 1);
          const oldestMs = feedPruner.storedMs(feed, fromSeq, toSeq);
          const events = feedPruner.count(feed, fromSeq, toSeq);
          return oldestMs === null ? [] : [{ feed: one.feed, connector, events, oldestMs }];
        });
      }),
  };
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((ms) => ms !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function prepare(db: Sqlite) {
  return {
    replaying: db.prepare<[number]>(
      "SELECT 1 FROM command WHERE kind = 'replay' AND state IN ('waiting', 'running') AND updated_ms > ?",
    ),
    // From one tenant to the next through the index: a DISTINCT would read all of it.
    tenants: db.prepare<[], { readonly id: string }>(
      `WITH RECURSIVE tenant (id) AS (
         SELECT min(tenant_id) FROM alert
         UNION ALL
         SELECT (SELECT min(tenant_id) FROM alert WHERE tenant_id > tenant.id) FROM tenant WHERE id IS NOT NULL
       ) SELECT id FROM tenant WHERE id IS NOT NULL`,
    ),
    removeAlerts: db.prepare<[string, string, number]>(
      `DELETE FROM alert WHERE alert_key IN (
         SELECT alert_key FROM alert WHERE tenant_id = ? AND last_update < ? ORDER BY last_update LIMIT ?)`,
    ),
    countGone: db.prepare<[number]>("UPDATE meta SET value = CAST(value AS INTEGER) - ? WHERE key = 'alerts'"),
  };
}
