import type { AuditEntry } from '../domain/audit.ts';
import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import type { FeedRules } from '../domain/feed-rules.ts';
import type { Position } from '../domain/position.ts';
import type { DetectionStore } from './detection-store.ts';
import { openSqlite, type Sqlite } from './sqlite.ts';
import { createAppender } from './sqlite-append.ts';
import { createCommandTable } from './sqlite-commands.ts';
import { createCursorReaderTable } from './sqlite-cursor-readers.ts';
import { createEventLookup } from './sqlite-event-browser.ts';
import { createFeedReader } from './sqlite-feed.ts';
import { createTimedReader } from './sqlite-feed-by-time.ts';
import { createFeedSetup } from './sqlite-feed-setup.ts';
import { createHistory } from './sqlite-history.ts';
import { markClosed, markServing } from './sqlite-integrity.ts';
import { createLoginFailureTable } from './sqlite-login-failures.ts';
import { createMeasureTable } from './sqlite-measures.ts';
import { createNoticeWriter } from './sqlite-notices.ts';
import { createPositionTable } from './sqlite-positions.ts';
import { createQuarantineTable } from './sqlite-quarantine.ts';
import { createReplayer } from './sqlite-replay.ts';
import { createPruner } from './sqlite-retention.ts';
import { createSelector } from './sqlite-selection.ts';
import { createSourceTable } from './sqlite-sources.ts';
import { createSpace } from './sqlite-space.ts';
import type { Upgrade } from './sqlite-upgrade.ts';
import { createWaitingCount } from './sqlite-waiting.ts';
import { createStoreCalls } from './store-calls.ts';
import { guard } from './store-error.ts';
import { clearDraft, finishSwap } from './store-swap.ts';
import { isUnwritable } from './upkeep.ts';
import { createWriteWatch } from './write-watch.ts';

export interface SqliteStoreOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly emit?: Emit;
  /** For commands that only look. */
  readonly readOnly?: boolean;
  /**
   * For `serve`: it looks for damage, brings an older schema up to date, notes whether its end was an orderly one, and
   * waits for other processes only so long as a feed can wait, for each wait holds up everything.
   */
  readonly serving?: boolean;
  /** How long a write waits for that of another process. */
  readonly busyMs?: number;
}

/** A locked position is kept in memory and a locked page comes again: waiting longer would only hold up the others. */
const SERVING_BUSY_MS = 250;

/** The embedded store. Throws a BridgeError when the file cannot be opened. */
export function createSqliteStore(options: SqliteStoreOptions): DetectionStore {
  const { path, clock, emit = () => undefined, readOnly = false, serving = false } = options;
  const busyMs = options.busyMs ?? (serving ? SERVING_BUSY_MS : undefined);
  const upgrade = {
    nowMs: clock.now(),
    withBackup: true,
    tell: ({ from, to, backup }: Upgrade) => {
      emit({ name: 'storeUpgraded', from, to, backup });
    },
  };
  if (serving) {
    guard(path, () => {
      finishSwap(path);
      clearDraft(path);
    });
  }
  const db = openSqlite(path, { readOnly, look: serving, ...(busyMs && { busyMs }), ...(serving && { upgrade }) });
  try {
    return guard(path, () => {
      const store = storeOn(db, { path, clock, emit });
      if (!serving) return store;
      markServing(db, path, clock.now());
      return {
        ...store,
        close: () => {
          markClosed(db);
          return store.close();
        },
      };
    });
  } catch (error) {
    db.close();
    throw error;
  }
}

function storeOn(
  db: Sqlite,
  { path, clock, emit }: Required<Pick<SqliteStoreOptions, 'path' | 'clock' | 'emit'>>,
): DetectionStore {
  const appender = createAppender(db, clock);
  let feeds: readonly FeedRules[] = [];
  const feed = createFeedReader(db, (name) => feeds.find((rules) => rules.name === name) ?? null);
  const readStored = createTimedReader(feed);
  const readers = createCursorReaderTable(db, clock);
  const positions = createPositionTable(db);
  const waiting = createWaitingCount(db);
  const sources = createSourceTable(db);
  const quarantine = createQuarantineTable(db, clock);
  const commands = createCommandTable(db, clock);
  const replayer = createReplayer(db, clock);
  const notices = createNoticeWriter(db, clock);
  const selector = createSelector(db);
  const history = createHistory(db, clock);
  const measures = createMeasureTable(db, clock);
  const events = createEventLookup(db);
  const loginFailures = createLoginFailureTable(db, clock);
  // Counting rows would read the whole table: the alerts are counted as they come, emissions are never deleted one by one.
  const count = db.prepare<[], { readonly alerts: number; readonly detections: number }>(
    `SELECT (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'alerts') AS alerts,
       (SELECT coalesce(max(emission_id), 0) FROM emission) AS detections`,
  );
  const touch = db.prepare<[], { readonly n: number }>('SELECT count(*) AS n FROM meta');

  const ensureFeeds = createFeedSetup(db, clock);
  const rulesOf = (name: string): FeedRules => {
    const rules = feeds.find((feed) => feed.name === name);
    if (rules === undefined) throw new Error(`feed ${name} is not configured`);
    return rules;
  };
  const saveStart = db.transaction((position: Position, entry: Omit<AuditEntry, 'atMs'>): boolean => {
    const isSaved = positions.save(position);
    if (isSaved) commands.addAudit(entry);
    return isSaved;
  });
  const watch = createWriteWatch(clock, emit);
  const { read, readLong, write, writeLong, damage } = createStoreCalls(db, path, watch);
  const space = createSpace(db, path);
  const pruner = createPruner(db, space, clock);

  return {
    ensureFeeds: (rules) =>
      write(() => {
        const renewed = ensureFeeds(rules);
        feeds = rules;
        return renewed;
      }),
    addMeasures: (minutes) =>
      write(() => {
        measures.add(minutes);
      }, 'measures'),
    measures: (range) => read(() => measures.sums(range)),
    findEvents: (search) => readLong(() => events.find(search)),
    eventOrigin: (name, seq) => read(() => events.origin(name, seq)),
    noteLoginFailures: (failures) =>
      write(() => {
        loginFailures.note(failures);
      }, 'login failures'),
    loginFailures: () => read(() => loginFailures.all()),
    checkpoint: (key) => read(() => sources.checkpoint(key)),
    append: (batch) =>
      writeLong(() => appender.append(batch, feeds), `append ${batch.tenant.tenantId}/${batch.source}`),
    recordStatus: (key, status) =>
      write(() => {
        sources.recordStatus(key, status);
      }),
    statuses: () => read(() => sources.statuses()),
    checkpoints: () => read(() => sources.checkpoints()),
    quarantine: (wanted) => read(() => quarantine.list(wanted)),
    dueQuarantine: (key, limit) => read(() => quarantine.due(key, limit)),
    postponeQuarantine: (entryId, reason, nextTryMs) =>
      write(() => {
        quarantine.postpone(entryId, reason, nextTryMs);
      }),
    retryQuarantine: (entryIds) => write(() => quarantine.retry(entryIds)),
    readPage: (request) => readLong(() => feed.readPage(request)),
    readStored: (request) => readLong(() => readStored(request)),
    readCursor: (request) => readLong(() => feed.readCursor(request)),
    feedSpan: (name) => read(() => feed.span(name)),
    noteServed: (name, seq) =>
      write(() => {
        feed.noteServed(name, seq);
      }),
    noteReader: (name, reader, seq) =>
      write(() => {
        readers.note(name, reader, seq);
      }),
    cursorReaders: () => read(() => readers.all()),
    seqBefore: (name, storedMs) => read(() => feed.seqBefore(name, storedMs)),
    position: (connector, name) => read(() => positions.get(connector, name)),
    positions: () => read(() => positions.all()),
    savePosition: (position, from) => write(() => positions.save(position, from)),
    breakUnprovenTries: () =>
      write(() => positions.breakUnproven()).catch((error: unknown) => {
        // The feed is served from a full disk too.
        if (!isUnwritable(error)) throw error;
        return positions.seeAsBroken();
      }),
    lastStamp: (connector) => read(() => positions.lastStamp(connector)),
    feedStats: (name) => read(() => feed.stats(name)),
    waiting: (request) => read(() => waiting(request)),
    stats: () => read(() => ({ alerts: 0, detections: 0, ...count.get(), bytes: space.fileBytes() })),
    addCommand: (request) => write(() => commands.add(request)),
    takeCommand: () => write(() => commands.take()),
    updateCommand: (commandId, update) =>
      write(() => {
        commands.update(commandId, update);
      }),
    command: (commandId) => read(() => commands.get(commandId)),
    commands: (limit) => read(() => commands.list(limit)),
    releaseCommands: () => write(() => commands.release()),
    replayPreview: (name, selection) => readLong(() => selector.preview(name, selection)),
    cutOverPreview: (start) => readLong(() => selector.cutOver(start)),
    saveStart: (position, entry) => write(() => saveStart.immediate(position, entry)),
    appendReplay: (slice) => write(() => replayer.append(slice, rulesOf(slice.feed))),
    appendNotice: (notice) => write(() => notices.append(notice, rulesOf(notice.feed))),
    lastNotice: (name, kind) => read(() => notices.last(name, kind)),
    addAudit: (entry) =>
      write(() => {
        commands.addAudit(entry);
      }),
    audit: (limit) => read(() => commands.audit(limit)),
    auditAfter: (auditId, limit) => read(() => commands.auditAfter(auditId, limit)),
    storedAlerts: (tenantId, alertIds) => read(() => history.stored(tenantId, alertIds)),
    alertsUpdated: (tenantId, range) => read(() => history.updated(tenantId, range)),
    oldestUpdate: (tenantId) => read(() => history.oldestUpdate(tenantId)),
    deliveries: (tenantId, alertId) => read(() => history.deliveries(tenantId, alertId)),
    tellings: (tenantId, alertId) => read(() => history.tellings(tenantId, alertId)),
    feedAt: (name, storedMs) => read(() => history.feedAt(name, storedMs)),
    tellAgain: (name, tenantId, alertId) => write(() => history.tellAgain(rulesOf(name), tenantId, alertId)),
    prune: (request) => write(() => pruner.prune(request)),
    held: (request) => read(() => pruner.held(request)),
    unwritable: () => watch.unwritable(),
    space: () => read(() => space.now()),
    trimLog: () =>
      read(() => {
        space.trimLog();
      }),
    ping: () =>
      read(() => {
        const found = damage();
        if (found !== null) throw found;
        touch.get();
      }),
    close: () =>
      read(() => {
        db.close();
      }),
  };
}
