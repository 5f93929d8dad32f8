import Database from 'better-sqlite3';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { TENANT } from './rig.ts';

/** What the store holds at the end, read from the file by itself. */
export interface Stored {
  /** FeedSeq of every event of the feed, rising. */
  readonly seqs: readonly number[];
  /** Detections that were announced as new more than once. */
  readonly twice: readonly string[];
  readonly alerts: ReadonlySet<string>;
  /** What SQLite says of the file; `ok` when all is well. */
  readonly integrity: string;
}

/** An event's row id is its feed's number and its FeedSeq. */
const SEQS = 1_099_511_627_776;

export function readStored(database: string): Stored {
  const db = new Database(database, { readonly: true });
  try {
    const seqs = db.prepare<[], { seq: number }>(`SELECT event_id % ${SEQS} AS seq FROM feed_event ORDER BY event_id`);
    const twice = db.prepare<[], { id: string }>(
      `SELECT json_extract(content, '$.detectionId') AS id FROM feed_event JOIN emission USING (emission_id)
       WHERE feed_event.kind = 'new' GROUP BY id HAVING count(*) > 1`,
    );
    const alerts = db.prepare<[], { id: string }>('SELECT alert_id AS id FROM alert');
    return {
      seqs: seqs.all().map(({ seq }) => seq),
      twice: twice.all().map(({ id }) => id),
      alerts: new Set(alerts.all().map(({ id }) => id)),
      integrity: String(db.pragma('integrity_check', { simple: true })),
    };
  } finally {
    db.close();
  }
}

/** Alerts that Microsoft showed by then and the store does not have. */
export function notStored(simulator: Simulator, atMs: number, { alerts }: Stored): readonly string[] {
  return simulator.world
    .visible(TENANT, atMs)
    .map(({ id }) => id)
    .filter((id) => !alerts.has(id));
}
