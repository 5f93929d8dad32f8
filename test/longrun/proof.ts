import Database from 'better-sqlite3';
import { alertKey } from '../../src/store/row-key.ts';
import { readDefenderAlert } from './defender-alert.ts';
import { createGraphReading } from './graph-alert.ts';
import { toSnapshot } from './snapshot.ts';
import { apiOf } from './stored.ts';
import type { Proof } from './witness.ts';

/** How far the records went when it was looked last. */
export function lastRecord(path: string): number {
  return withDatabase(path, (db) => {
    const row = db
      .prepare<[], { readonly last: number }>('SELECT coalesce(max(record_id), 0) AS last FROM record')
      .get();
    return row?.last ?? 0;
  });
}

/** What a database got in a turn. @param after the last record before the turn */
export function createProof(path: string, tenantId: string, after: number): Proof {
  return withDatabase(path, (db) => {
    const readings = { graph: createGraphReading(), defender: readDefenderAlert };
    const rows = db
      .prepare<[number], RecordRow>('SELECT alert_key, raw FROM record WHERE record_id > ?')
      .all(after)
      .map(({ alert_key: key, raw }) => ({ key: key.toString('hex'), value: JSON.parse(raw) as unknown }));
    const states = db.prepare<[], StateRow>('SELECT alert_key, last_update FROM alert').all();
    const lastUpdates = new Map(states.map((row) => [row.alert_key.toString('hex'), row.last_update]));
    return {
      wasTaken(api, alertId, { digest, updatedAt }, isNews) {
        if (api === 'siem') return true;
        const key = alertKey(tenantId, alertId).toString('hex');
        if (!isNews) return (lastUpdates.get(key) ?? '') >= updatedAt;
        const own = rows.filter((row) => row.key === key && apiOf(row.value) === api);
        return own.some(({ value }) => toSnapshot(readings[api](value)).digest === digest);
      },
    };
  });
}

function withDatabase<Result>(path: string, work: (db: Database.Database) => Result): Result {
  const db = new Database(path, { readonly: true });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

interface RecordRow {
  readonly alert_key: Buffer;
  readonly raw: string;
}

interface StateRow {
  readonly alert_key: Buffer;
  readonly last_update: string;
}
