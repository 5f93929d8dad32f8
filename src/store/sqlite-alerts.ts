import type { AlertState } from '../domain/alert-state.ts';
import type { AlertRecord, Emission } from '../domain/detection.ts';
import { detectionId } from '../domain/digest.ts';
import type { TenantRef } from './detection-store.ts';
import type { Sqlite } from './sqlite.ts';

export interface Sight {
  /** Of the record that gave the state (see `sightKey`); null for a state that an older version wrote. */
  readonly seen: Buffer | null;
}

/** An emission with the number of its row. */
export interface StoredEmission {
  readonly emissionId: number;
  readonly emission: Emission;
}

/** The emissions of one intake: they came from one record, at one time. */
export interface EmissionGroup {
  readonly tenant: TenantRef;
  readonly emissions: readonly StoredEmission[];
}

export interface AlertTable {
  /** What tells a record that was read before; without the state, which is long. Null for an alert that is not known. */
  sight(key: Buffer): Sight | null;
  state(key: Buffer): AlertState | null;
  putState(key: Buffer, tenantId: string, record: AlertRecord, seen: Buffer, state: AlertState): void;
  /** Keeps the original record and what came of it. */
  insertIntake(
    key: Buffer,
    tenant: TenantRef,
    record: AlertRecord,
    emissions: readonly Emission[],
    nowMs: number,
  ): EmissionGroup;
  /** Groups stored since then, oldest first. */
  groupsSince(sinceMs: number): Iterable<EmissionGroup>;
  /** The group of this emission and all later ones, oldest first; without what schema 1 stored, which knew no groups. */
  groupsFrom(emissionId: number): Iterable<EmissionGroup>;
  /** The group that an emission belongs to; null when it is not kept any more. */
  groupOf(emissionId: number): EmissionGroup | null;
  /** An emission without the others of its group; null when it is not kept any more. */
  alone(emissionId: number): EmissionGroup | null;
  countNew(alerts: number): void;
}

/** Rows read in one go while a feed is filled. */
const CHUNK_ROWS = 500;

/** Alerts with their states, original records and emissions. */
export function createAlertTable(db: Sqlite): AlertTable {
  const sql = prepare(db);
  return {
    sight: (key) => sql.sight.get(key) ?? null,
    state(key) {
      const row = sql.state.get(key);
      // Schema 1 kept the id beside the state only.
      return row === undefined ? null : { alertId: row.alert_id, ...(JSON.parse(row.state) as AlertState) };
    },
    putState(key, tenantId, { alertId }, seen, state) {
      sql.putState.run(key, tenantId, alertId, state.lastUpdate, seen, JSON.stringify(state));
    },
    insertIntake(key, tenant, record, emissions, nowMs) {
      const recordId = sql.insertRecord.run(key, record.lastUpdate, nowMs, record.raw).lastInsertRowid;
      const { tenantId, name } = tenant;
      return {
        tenant,
        emissions: emissions.map((emission) => {
          const row = [key, tenantId, name, nowMs, JSON.stringify(emission), Number(recordId)] as const;
          return { emissionId: Number(sql.insertEmission.run(...row).lastInsertRowid), emission };
        }),
      };
    },
    groupsSince: (sinceMs) => groups(rows(sql, 0, sinceMs)),
    groupsFrom(emissionId) {
      const first = sql.group.get({ emissionId })?.emission_id ?? emissionId;
      return groups(grouped(rows(sql, first - 1, 0)));
    },
    groupOf(emissionId) {
      const rows = sql.group.all({ emissionId });
      return rows[0] === undefined ? null : toGroup(rows[0], rows);
    },
    alone(emissionId) {
      const row = sql.emission.get(emissionId);
      return row === undefined ? null : toGroup(row, [row]);
    },
    countNew(alerts) {
      if (alerts > 0) sql.countNew.run(alerts);
    },
  };
}

/** In chunks: no statement stays open between two of them, so the caller may write what it reads. */
function* rows(sql: Statements, after: number, sinceMs: number): Iterable<EmissionRow> {
  let chunk = sql.emissionsAfter.all(after, sinceMs);
  while (chunk.length > 0) {
    yield* chunk;
    chunk = sql.emissionsAfter.all(chunk.at(-1)?.emission_id ?? 0, sinceMs);
  }
}

function* grouped(all: Iterable<EmissionRow>): Iterable<EmissionRow> {
  for (const row of all) if (row.record_id !== null) yield row;
}

/** Rows of one record lie side by side: they were inserted in one go. */
function* groups(all: Iterable<EmissionRow>): Iterable<EmissionGroup> {
  let group: EmissionRow[] = [];
  for (const row of all) {
    const first = group[0];
    if (first !== undefined && (row.record_id === null || row.record_id !== first.record_id)) {
      yield toGroup(first, group);
      group = [];
    }
    group.push(row);
  }
  if (group[0] !== undefined) yield toGroup(group[0], group);
}

function toGroup(first: EmissionRow, rows: readonly EmissionRow[]): EmissionGroup {
  return {
    tenant: { tenantId: first.tenant_id, name: first.tenant_name },
    emissions: rows.map((row) => ({ emissionId: row.emission_id, emission: parseEmission(row) })),
  };
}

/** Schema 1 did not say whether the alert was new: it was where its first item is. */
function parseEmission({ tenant_id: tenantId, content }: EmissionRow): Emission {
  const emission = JSON.parse(content) as Omit<Emission, 'alertIsNew'> & Partial<Emission>;
  const {
    alertIsNew = emission.detectionId === detectionId(tenantId, emission.alertId, 1) && emission.kind === 'new',
  } = emission;
  return { ...emission, alertIsNew };
}

type Statements = ReturnType<typeof prepare>;

interface EmissionRow {
  readonly emission_id: number;
  readonly record_id: number | null;
  readonly tenant_id: string;
  readonly tenant_name: string;
  readonly content: string;
}

function prepare(db: Sqlite) {
  return {
    sight: db.prepare<[Buffer], Sight>('SELECT seen FROM alert WHERE alert_key = ?'),
    state: db.prepare<[Buffer], { readonly alert_id: string; readonly state: string }>(
      'SELECT alert_id, state FROM alert WHERE alert_key = ?',
    ),
    putState: db.prepare<[Buffer, string, string, string, Buffer, string]>(
      `INSERT INTO alert (alert_key, tenant_id, alert_id, last_update, seen, state) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (alert_key) DO UPDATE SET last_update = excluded.last_update, seen = excluded.seen, state = excluded.state`,
    ),
    insertRecord: db.prepare<[Buffer, string, number, string]>(
      'INSERT INTO record (alert_key, last_update, stored_ms, raw) VALUES (?, ?, ?, ?)',
    ),
    insertEmission: db.prepare<[Buffer, string, string, number, string, number]>(
      `INSERT INTO emission (alert_key, tenant_id, tenant_name, stored_ms, content, record_id) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    emissionsAfter: db.prepare<[number, number], EmissionRow>(
      `SELECT emission_id, record_id, tenant_id, tenant_name, content FROM emission
       WHERE emission_id > ? AND stored_ms >= ? ORDER BY emission_id LIMIT ${CHUNK_ROWS}`,
    ),
    emission: db.prepare<[number], EmissionRow>(
      'SELECT emission_id, record_id, tenant_id, tenant_name, content FROM emission WHERE emission_id = ?',
    ),
    group: db.prepare<[{ readonly emissionId: number }], EmissionRow>(
      `SELECT emission_id, record_id, tenant_id, tenant_name, content FROM emission
       WHERE alert_key = (SELECT alert_key FROM emission WHERE emission_id = @emissionId)
         AND (emission_id = @emissionId OR record_id = (SELECT record_id FROM emission WHERE emission_id = @emissionId))
       ORDER BY emission_id`,
    ),
    countNew: db.prepare<[number]>("UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'alerts'"),
  };
}
