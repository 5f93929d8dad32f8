import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';
import type { AlertRecord, Emission } from '../domain/detection.ts';
import { type FeedRules, takes } from '../domain/feed-rules.ts';
import { instantToMs } from '../domain/instant.ts';
import { type AlertState, type Intake, takeIn } from '../domain/intake.ts';
import { renderEvent } from '../domain/render.ts';
import type { Checkpoint } from '../domain/window.ts';
import type { AppendBatch, AppendCounts, SourceKey, TenantRef } from './detection-store.ts';
import { eventId } from './event-id.ts';
import type { Sqlite } from './sqlite.ts';

/** Events written in one transaction: long ones would hold up the feed (better-sqlite3 blocks the event loop). */
const SLICE_EVENTS = 500;

interface FeedCounter {
  readonly feedNo: number;
  readonly rules: FeedRules;
  readonly firstSeq: number;
  seq: number;
  storedMs: number;
}

export interface Appender {
  append(batch: AppendBatch, feeds: readonly FeedRules[]): Promise<AppendCounts>;
  /** Renders what is stored into a feed that is new. Inside the caller's transaction. */
  fill(rules: FeedRules): void;
}

interface SliceWork {
  readonly tenant: TenantRef;
  readonly feeds: readonly FeedCounter[];
  readonly counts: Counts;
}

type Numbers = Omit<AppendCounts, 'arrivalDelaysMs'>;
type Counts = { -readonly [Name in keyof Numbers]: number } & { readonly arrivalDelaysMs: number[] };

/** Writes a batch: states, raw records, emissions, feed events, and with the last slice the checkpoint. */
export function createAppender(db: Sqlite, clock: Clock): Appender {
  const sql = prepare(db);

  const counter = (rules: FeedRules): FeedCounter => {
    const row = sql.feed.get(rules.name);
    if (row === undefined) throw new Error(`feed ${rules.name} is not known to the store`);
    return {
      feedNo: row.feed_no,
      rules,
      firstSeq: row.last_seq,
      seq: row.last_seq,
      storedMs: Math.max(clock.now(), row.last_stored_ms),
    };
  };

  /** Left alone without a new event: its time says when the last one was stored. */
  const moveFeed = ({ feedNo, firstSeq, seq, storedMs }: FeedCounter): void => {
    if (seq > firstSeq) sql.moveFeed.run(seq, storedMs, feedNo);
  };

  const emit = (feed: FeedCounter, emissionId: number, emission: Emission, tenant: TenantRef): number => {
    feed.seq += 1;
    const { text, cuts } = renderEvent({
      emission,
      tenantId: tenant.tenantId,
      tenantName: tenant.name,
      feedSeq: feed.seq,
      storedMs: feed.storedMs,
    });
    sql.insertEvent.run(eventId(feed.feedNo, feed.seq), emissionId, feed.storedMs, Buffer.byteLength(text), text);
    return cuts;
  };

  const save = (intake: Intake, record: AlertRecord, { tenant, feeds, counts }: SliceWork): void => {
    counts[intake.outcome] += 1;
    if (intake.outcome === 'stale' || intake.state === null) return;
    const nowMs = clock.now();
    const key = alertKey(tenant.tenantId, record.alertId);
    sql.putAlert.run(key, tenant.tenantId, record.alertId, intake.state.lastUpdate, JSON.stringify(intake.state));
    if (intake.outcome === 'duplicate') return;
    if (intake.outcome === 'fresh') counts.arrivalDelaysMs.push(nowMs - instantToMs(record.lastUpdate));
    sql.insertRecord.run(key, record.lastUpdate, nowMs, record.raw);
    for (const emission of intake.emissions) {
      const inserted = sql.insertEmission.run(key, tenant.tenantId, tenant.name, nowMs, JSON.stringify(emission));
      for (const feed of feeds) {
        if (!takes(feed.rules, tenant.tenantId, emission)) continue;
        counts.cut += emit(feed, Number(inserted.lastInsertRowid), emission, tenant);
        counts.events += 1;
      }
    }
  };

  /** Takes records until the slice is full; returns how many it took. */
  const slice = (batch: AppendBatch, from: number, rules: readonly FeedRules[], counts: Counts): number => {
    const feeds = rules.map(counter);
    const { tenant } = batch;
    const full = counts.events + SLICE_EVENTS;
    const freshBefore = counts.fresh;
    let at = from;
    for (; at < batch.records.length && counts.events < full; at += 1) {
      const record = batch.records[at];
      if (record === undefined) break;
      const known = loadState(sql, tenant.tenantId, record.alertId);
      save(takeIn(known, record, tenant.tenantId, batch.source), record, { tenant, feeds, counts });
    }
    for (const feed of feeds) moveFeed(feed);
    sql.countAlerts.run(counts.fresh - freshBefore);
    if (at >= batch.records.length) finish(batch, counts);
    return at;
  };

  const finish = (batch: AppendBatch, counts: Counts): void => {
    for (const { id, reason, raw } of batch.rejected) {
      const row = [batch.tenant.tenantId, batch.source, digest(raw), id, reason, clock.now(), raw] as const;
      counts.rejected += sql.insertRejected.run(...row).changes;
    }
    putCheckpoint(sql, { tenantId: batch.tenant.tenantId, source: batch.source }, batch.checkpoint);
  };
  const sliceTransaction = db.transaction(slice);

  return {
    async append(batch, rules) {
      const counts: Counts = {
        fresh: 0,
        changed: 0,
        duplicate: 0,
        stale: 0,
        rejected: 0,
        events: 0,
        cut: 0,
        arrivalDelaysMs: [],
      };
      let at = 0;
      do {
        at = sliceTransaction.immediate(batch, at, rules, counts);
        await setImmediate();
      } while (at < batch.records.length);
      return counts;
    },
    fill(rules) {
      const feed = counter(rules);
      const since = clock.now() - rules.initialLookbackMs;
      let rows = sql.emissionsAfter.all(0, since);
      while (rows.length > 0) {
        for (const row of rows) {
          const emission = JSON.parse(row.content) as Emission;
          const tenant = { tenantId: row.tenant_id, name: row.tenant_name };
          if (takes(rules, tenant.tenantId, emission)) emit(feed, row.emission_id, emission, tenant);
        }
        rows = sql.emissionsAfter.all(rows.at(-1)?.emission_id ?? 0, since);
      }
      moveFeed(feed);
    },
  };
}

function loadState(sql: Statements, tenantId: string, alertId: string): AlertState | null {
  const row = sql.alert.get(alertKey(tenantId, alertId));
  return row === undefined ? null : (JSON.parse(row.state) as AlertState);
}

function putCheckpoint(sql: Statements, key: SourceKey, { watermark, window }: Checkpoint): void {
  sql.putCheckpoint.run(
    key.tenantId,
    key.source,
    watermark,
    window?.from ?? null,
    window?.to ?? null,
    window?.progress ?? null,
  );
}

type Statements = ReturnType<typeof prepare>;

interface FeedRow {
  readonly feed_no: number;
  readonly last_seq: number;
  readonly last_stored_ms: number;
}
interface EmissionRow {
  readonly emission_id: number;
  readonly tenant_id: string;
  readonly tenant_name: string;
  readonly content: string;
}

function prepare(db: Sqlite) {
  return {
    feed: db.prepare<[string], FeedRow>('SELECT feed_no, last_seq, last_stored_ms FROM feed WHERE name = ?'),
    moveFeed: db.prepare<[number, number, number]>(
      'UPDATE feed SET last_seq = ?, last_stored_ms = ? WHERE feed_no = ?',
    ),
    countAlerts: db.prepare<[number]>("UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'alerts'"),
    alert: db.prepare<[Buffer], { readonly state: string }>('SELECT state FROM alert WHERE alert_key = ?'),
    putAlert: db.prepare<[Buffer, string, string, string, string]>(
      `INSERT INTO alert (alert_key, tenant_id, alert_id, last_update, state) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (alert_key) DO UPDATE SET last_update = excluded.last_update, state = excluded.state`,
    ),
    insertRecord: db.prepare<[Buffer, string, number, string]>(
      'INSERT INTO record (alert_key, last_update, stored_ms, raw) VALUES (?, ?, ?, ?)',
    ),
    insertEmission: db.prepare<[Buffer, string, string, number, string]>(
      'INSERT INTO emission (alert_key, tenant_id, tenant_name, stored_ms, content) VALUES (?, ?, ?, ?, ?)',
    ),
    emissionsAfter: db.prepare<[number, number], EmissionRow>(
      `SELECT emission_id, tenant_id, tenant_name, content FROM emission
       WHERE emission_id > ? AND stored_ms >= ? ORDER BY emission_id LIMIT ${SLICE_EVENTS}`,
    ),
    insertEvent: db.prepare<[number, number, number, number, string]>(
      'INSERT INTO feed_event (event_id, emission_id, stored_ms, bytes, body) VALUES (?, ?, ?, ?, ?)',
    ),
    insertRejected: db.prepare<[string, string, Buffer, string | null, string, number, string]>(
      `INSERT INTO rejected (tenant_id, source, digest, alert_id, reason, stored_ms, raw) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (digest) DO NOTHING`,
    ),
    putCheckpoint: db.prepare<[string, string, string | null, string | null, string | null, string | null]>(
      `INSERT INTO source (tenant_id, source, watermark, window_from, window_to, window_progress) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant_id, source) DO UPDATE SET watermark = excluded.watermark, window_from = excluded.window_from,
         window_to = excluded.window_to, window_progress = excluded.window_progress`,
    ),
  };
}

/** 16 bytes that name an alert of a tenant: a short unique key keeps the index small. */
function alertKey(tenantId: string, alertId: string): Buffer {
  return digest(JSON.stringify([tenantId.toLowerCase(), alertId]));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, 16);
}
