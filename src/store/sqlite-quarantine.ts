import type { Clock } from '../domain/clock.ts';
import type { SourceName } from '../domain/detection.ts';
import type { Instant } from '../domain/instant.ts';
import type { RejectionCode } from '../domain/rejection.ts';
import type { QuarantineEntry, SetAside, SourceKey, Stretch } from './detection-store.ts';
import { setAsideKey } from './row-key.ts';
import type { Sqlite } from './sqlite.ts';

/** What was set aside is tried again for the first time after so long; later tries are postponed by whoever makes them. */
const FIRST_WAIT_MS = 3_600_000;

export interface QuarantineTable {
  /** Answers how many are new. Inside the caller's transaction. */
  add(key: SourceKey, setAside: readonly SetAside[]): number;
  /** Takes entries out. Inside the caller's transaction. */
  settle(entryIds: readonly number[]): void;
  /** All without their raw text, or one with it. */
  list(wanted?: { readonly entryId: number }): readonly QuarantineEntry[];
  due(key: SourceKey, limit: number): readonly QuarantineEntry[];
  postpone(entryId: number, reason: string, nextTryMs: number): void;
  retry(entryIds: readonly number[] | 'all'): number;
}

/** What could not be taken, one row a thing. */
export function createQuarantineTable(db: Sqlite, clock: Clock): QuarantineTable {
  const sql = prepare(db);

  const add = (key: SourceKey, aside: SetAside): number => {
    const { id, code, reason, raw, stretch, readIn } = aside;
    const nowMs = clock.now();
    const digest = setAsideKey(key, aside);
    if (sql.touch.run(nowMs, digest).changes > 0) return 0;
    return sql.insert.run({
      ...key,
      digest,
      id,
      code,
      reason,
      from: stretch?.from ?? null,
      to: stretch?.to ?? null,
      index: stretch?.index ?? null,
      readFrom: readIn?.from ?? null,
      readTo: readIn?.to ?? null,
      nowMs,
      nextTryMs: nowMs + FIRST_WAIT_MS,
      raw,
    }).changes;
  };

  const retryNamed = db.transaction((entryIds: readonly number[], nowMs: number) =>
    entryIds.reduce((sum, entryId) => sum + sql.retryOne.run(nowMs, entryId).changes, 0),
  );

  return {
    add: (key, setAside) => setAside.reduce((sum, aside) => sum + add(key, aside), 0),
    settle(entryIds) {
      for (const entryId of entryIds) sql.remove.run(entryId);
    },
    list: (wanted) => (wanted === undefined ? sql.all.all() : sql.one.all(wanted.entryId)).map(toEntry),
    due: ({ tenantId, source }, limit) => sql.due.all(tenantId, source, clock.now(), limit).map(toEntry),
    postpone(entryId, reason, nextTryMs) {
      sql.postpone.run(reason, clock.now(), nextTryMs, entryId);
    },
    retry: (entryIds) =>
      entryIds === 'all'
        ? sql.retryAll.run(clock.now()).changes
        : retryNamed.immediate([...new Set(entryIds)], clock.now()),
  };
}

interface Row {
  readonly entry_id: number;
  readonly tenant_id: string;
  readonly source: SourceName;
  readonly alert_id: string | null;
  readonly code: RejectionCode;
  readonly reason: string;
  readonly stretch_from: Instant | null;
  readonly stretch_to: Instant | null;
  readonly stretch_index: number | null;
  readonly read_from: Instant | null;
  readonly read_to: Instant | null;
  readonly first_ms: number;
  readonly last_try_ms: number;
  readonly tries: number;
  readonly next_try_ms: number;
  readonly raw: string;
}

interface NewRow extends SourceKey {
  readonly digest: Buffer;
  readonly id: string | null;
  readonly code: RejectionCode;
  readonly reason: string;
  readonly from: Instant | null;
  readonly to: Instant | null;
  readonly index: number | null;
  readonly readFrom: Instant | null;
  readonly readTo: Instant | null;
  readonly nowMs: number;
  readonly nextTryMs: number;
  readonly raw: string;
}

const COLUMNS = `entry_id, tenant_id, source, alert_id, code, reason, stretch_from, stretch_to, stretch_index, read_from,
  read_to, first_ms, last_try_ms, tries, next_try_ms`;

function prepare(db: Sqlite) {
  return {
    touch: db.prepare<[number, Buffer]>('UPDATE quarantine SET last_try_ms = ? WHERE digest = ?'),
    insert: db.prepare<[NewRow]>(
      `INSERT INTO quarantine (tenant_id, source, digest, alert_id, code, reason, stretch_from, stretch_to, stretch_index,
         read_from, read_to, first_ms, last_try_ms, tries, next_try_ms, raw)
       VALUES (@tenantId, @source, @digest, @id, @code, @reason, @from, @to, @index, @readFrom, @readTo, @nowMs, @nowMs, 1, @nextTryMs, @raw)`,
    ),
    remove: db.prepare<[number]>('DELETE FROM quarantine WHERE entry_id = ?'),
    all: db.prepare<[], Row>(`SELECT ${COLUMNS}, '' AS raw FROM quarantine ORDER BY first_ms, entry_id`),
    one: db.prepare<[number], Row>(`SELECT ${COLUMNS}, raw FROM quarantine WHERE entry_id = ?`),
    due: db.prepare<[string, string, number, number], Row>(
      `SELECT ${COLUMNS}, raw FROM quarantine WHERE tenant_id = ? AND source = ? AND next_try_ms <= ?
       ORDER BY first_ms, entry_id LIMIT ?`,
    ),
    postpone: db.prepare<[string, number, number, number]>(
      'UPDATE quarantine SET reason = ?, last_try_ms = ?, next_try_ms = ?, tries = tries + 1 WHERE entry_id = ?',
    ),
    retryOne: db.prepare<[number, number]>('UPDATE quarantine SET next_try_ms = ? WHERE entry_id = ?'),
    retryAll: db.prepare<[number]>('UPDATE quarantine SET next_try_ms = ?'),
  };
}

function toEntry(row: Row): QuarantineEntry {
  return {
    entryId: row.entry_id,
    tenantId: row.tenant_id,
    source: row.source,
    id: row.alert_id,
    code: row.code,
    reason: row.reason,
    raw: row.raw,
    stretch: toStretch(row),
    readIn: toRange(row),
    firstMs: row.first_ms,
    lastTryMs: row.last_try_ms,
    tries: row.tries,
    nextTryMs: row.next_try_ms,
  };
}

function toStretch({ stretch_from: from, stretch_to: to, stretch_index: index }: Row): Stretch | null {
  return from === null || to === null ? null : { from, to, index };
}

function toRange({ read_from: from, read_to: to }: Row): QuarantineEntry['readIn'] {
  return from === null || to === null ? null : { from, to };
}
