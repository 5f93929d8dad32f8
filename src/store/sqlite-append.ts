import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';
import type { AlertRecord } from '../domain/detection.ts';
import type { FeedRules } from '../domain/feed-rules.ts';
import { instantToMs } from '../domain/instant.ts';
import { takeIn } from '../domain/intake.ts';
import type { AppendBatch, AppendCounts } from './detection-store.ts';
import { alertKey, sightKey } from './row-key.ts';
import type { Sqlite } from './sqlite.ts';
import { createAlertTable, type EmissionGroup } from './sqlite-alerts.ts';
import { createFeedWriter, type OpenFeed } from './sqlite-feed-writer.ts';
import { createQuarantineTable } from './sqlite-quarantine.ts';
import { createSourceTable } from './sqlite-sources.ts';

/** Events written, and records looked at, in one transaction: long ones would hold up the feed (better-sqlite3 blocks). */
const SLICE_EVENTS = 500;
const SLICE_RECORDS = 1000;

export interface Appender {
  append(batch: AppendBatch, feeds: readonly FeedRules[]): Promise<AppendCounts>;
}

type Numbers = Omit<AppendCounts, 'arrivalDelaysMs' | 'filtered'>;
type Counts = { -readonly [Name in keyof Numbers]: number } & {
  readonly arrivalDelaysMs: number[];
  readonly filtered: Record<string, number>;
};

/** Writes a batch: states, raw records, emissions, feed events; with the last slice the quarantine and the checkpoint. */
export function createAppender(db: Sqlite, clock: Clock): Appender {
  const alerts = createAlertTable(db);
  const writer = createFeedWriter(db, clock);
  const quarantine = createQuarantineTable(db, clock);
  const sources = createSourceTable(db);

  const emit = (group: EmissionGroup, feeds: readonly OpenFeed[], counts: Counts): void => {
    for (const feed of feeds) {
      const { events, cut, filtered } = feed.write(group);
      counts.events += events;
      counts.cut += cut;
      if (filtered > 0) counts.filtered[feed.name] = (counts.filtered[feed.name] ?? 0) + filtered;
    }
  };

  const take = (record: AlertRecord, batch: AppendBatch, feeds: readonly OpenFeed[], counts: Counts): void => {
    const { tenant, source, sources: all } = batch;
    const { tenantId } = tenant;
    const key = alertKey(tenantId, record.alertId);
    const seen = sightKey(source, record);
    const before = alerts.sight(key);
    // The wide look back reads a whole day again every hour: what was taken in just so needs no second look.
    if (before?.seen?.equals(seen)) {
      counts.duplicate += 1;
      return;
    }
    const intake = takeIn(before && alerts.state(key), record, { tenantId, source, sources: all });
    counts[intake.outcome] += 1;
    if (intake.outcome === 'stale' || intake.state === null) return;
    alerts.putState(key, tenantId, record, seen, intake.state);
    if (intake.outcome === 'duplicate') return;
    const nowMs = clock.now();
    if (intake.outcome === 'fresh') counts.arrivalDelaysMs.push(nowMs - instantToMs(record.lastUpdate));
    emit(alerts.insertIntake(key, tenant, record, intake.emissions, nowMs), feeds, counts);
  };

  /** Takes records until the slice is full; returns how many are taken in all. */
  const slice = (batch: AppendBatch, from: number, rules: readonly FeedRules[], counts: Counts): number => {
    const feeds = rules.map((rule) => writer.open(rule));
    const full = counts.events + SLICE_EVENTS;
    const freshBefore = counts.fresh;
    let at = from;
    for (; at < from + SLICE_RECORDS && counts.events < full; at += 1) {
      const record = batch.records[at];
      if (record === undefined) break;
      take(record, batch, feeds, counts);
    }
    for (const feed of feeds) feed.close();
    alerts.countNew(counts.fresh - freshBefore);
    if (at >= batch.records.length) finish(batch, counts);
    return at;
  };

  const finish = ({ tenant, source, setAside, settles, checkpoint }: AppendBatch, counts: Counts): void => {
    const key = { tenantId: tenant.tenantId, source };
    quarantine.settle(settles);
    counts.rejected += quarantine.add(key, setAside);
    if (checkpoint !== null) sources.putCheckpoint(key, checkpoint);
  };
  const sliceTransaction = db.transaction(slice);

  return {
    async append(batch, rules) {
      const counts = noCounts();
      let at = 0;
      do {
        at = sliceTransaction.immediate(batch, at, rules, counts);
        await setImmediate();
      } while (at < batch.records.length);
      return counts;
    },
  };
}

function noCounts(): Counts {
  return {
    fresh: 0,
    changed: 0,
    duplicate: 0,
    stale: 0,
    rejected: 0,
    events: 0,
    cut: 0,
    arrivalDelaysMs: [],
    filtered: {},
  };
}
