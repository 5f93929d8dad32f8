import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { FeedRules } from '../domain/feed-rules.ts';
import type { DetectionStore } from './detection-store.ts';
import { guard, openSqlite, RUNNING_DATABASE, type Sqlite, toStoreError } from './sqlite.ts';
import { createAlertTable } from './sqlite-alerts.ts';
import { createAppender } from './sqlite-append.ts';
import { createFeedReader } from './sqlite-feed.ts';
import { createFeedWriter } from './sqlite-feed-writer.ts';
import { createPositionTable } from './sqlite-positions.ts';
import { createQuarantineTable } from './sqlite-quarantine.ts';
import { createSourceTable } from './sqlite-sources.ts';

export interface SqliteStoreOptions {
  readonly path: string;
  readonly clock: Clock;
  /** For commands that only look. */
  readonly readOnly?: boolean;
}

/** The embedded store. Throws a BridgeError when the file cannot be opened. */
export function createSqliteStore({ path, clock, readOnly = false }: SqliteStoreOptions): DetectionStore {
  const db = openSqlite(path, { readOnly });
  try {
    return guard(path, () => storeOn(db, path, clock));
  } catch (error) {
    db.close();
    throw error;
  }
}

function storeOn(db: Sqlite, path: string, clock: Clock): DetectionStore {
  const appender = createAppender(db, clock);
  const feed = createFeedReader(db);
  const positions = createPositionTable(db);
  const sources = createSourceTable(db);
  const quarantine = createQuarantineTable(db, clock);
  const alerts = createAlertTable(db);
  const writer = createFeedWriter(db, clock);
  const insertFeed = db.prepare<[string]>(
    'INSERT INTO feed (name, last_seq, last_stored_ms) VALUES (?, 0, 0) ON CONFLICT (name) DO NOTHING',
  );
  // Counting rows would read the whole table: the alerts are counted as they come, emissions are never deleted one by one.
  const count = db.prepare<[], { readonly alerts: number; readonly detections: number }>(
    `SELECT (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'alerts') AS alerts,
       (SELECT coalesce(max(emission_id), 0) FROM emission) AS detections`,
  );
  const size = db.prepare<[], { readonly bytes: number }>(
    'SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()',
  );
  const touch = db.prepare<[], { readonly n: number }>('SELECT count(*) AS n FROM meta');
  let feeds: readonly FeedRules[] = [];

  const ensureFeeds = db.transaction((rules: readonly FeedRules[]) => {
    for (const rule of rules) if (insertFeed.run(rule.name).changes === 1) writer.fill(rule, alerts);
  });
  /** Kept for `ping`: a damaged page does not mend, and the others, which can be read, say nothing of it. */
  let damage: BridgeError | null = null;
  const told = (error: unknown): unknown => {
    if (error instanceof BridgeError && error.code === 'STORE_DAMAGED') damage = error;
    return error;
  };
  /** Every call answers through a promise, and every failure of the database is a BridgeError. */
  const run = async <Result>(work: () => Result): Promise<Result> => {
    await Promise.resolve();
    try {
      return guard(path, work, RUNNING_DATABASE);
    } catch (error) {
      throw told(error);
    }
  };

  return {
    ensureFeeds: (rules) =>
      run(() => {
        ensureFeeds.immediate(rules);
        feeds = rules;
      }),
    checkpoint: (key) => run(() => sources.checkpoint(key)),
    append: async (batch) => {
      try {
        return await appender.append(batch, feeds);
      } catch (error) {
        throw told(toStoreError(path, error, RUNNING_DATABASE));
      }
    },
    recordStatus: (key, status) =>
      run(() => {
        sources.recordStatus(key, status);
      }),
    statuses: () => run(() => sources.statuses()),
    checkpoints: () => run(() => sources.checkpoints()),
    quarantine: (wanted) => run(() => quarantine.list(wanted)),
    dueQuarantine: (key, limit) => run(() => quarantine.due(key, limit)),
    postponeQuarantine: (entryId, reason, nextTryMs) =>
      run(() => {
        quarantine.postpone(entryId, reason, nextTryMs);
      }),
    retryQuarantine: (entryIds) => run(() => quarantine.retry(entryIds)),
    readAfter: (name, position, limits, stamp) => run(() => feed.readAfter(name, position, limits, stamp)),
    readRange: (name, from, to, stamp) => run(() => feed.readRange(name, from, to, stamp)),
    seqBefore: (name, storedMs) => run(() => feed.seqBefore(name, storedMs)),
    position: (connector, name) => run(() => positions.get(connector, name)),
    positions: () => run(() => positions.all()),
    savePosition: (position) => run(() => positions.save(position)),
    breakUnprovenTries: () => run(() => positions.breakUnproven()),
    lastStamp: (connector) => run(() => positions.lastStamp(connector)),
    feedStats: (name) => run(() => feed.stats(name)),
    stats: () => run(() => ({ alerts: 0, detections: 0, ...count.get(), bytes: size.get()?.bytes ?? 0 })),
    ping: () =>
      run(() => {
        if (damage !== null) throw damage;
        touch.get();
      }),
    close: () =>
      run(() => {
        db.close();
      }),
  };
}
