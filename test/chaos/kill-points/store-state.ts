import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { CONNECTORS } from '../rig.ts';

/** What a store holds, read from its file by itself. */
export interface StoreState {
  /** What SQLite says of the file; `ok` when all is well. */
  readonly integrity: string;
  /** FeedSeq with the detection that it is, rising. */
  readonly events: ReadonlyMap<number, string>;
  /** Detection of each event that announces one. */
  readonly announced: readonly string[];
  /** Null before the connector's first poll. */
  readonly position: PositionState | null;
  /** Microsoft's alerts are stored up to then, by their update time; null: nothing is proven yet. */
  readonly watermark: string | null;
  /** Latest update of each alert. */
  readonly alerts: ReadonlyMap<string, string>;
}

export interface PositionState {
  readonly acknowledged: number;
  readonly revision: number;
  /** Of the page that is not acknowledged; null without one. */
  readonly page_from: number | null;
  readonly page_to: number | null;
}

/** An event's row id is its feed's number and its FeedSeq. */
const SEQS = 1_099_511_627_776;

/** Of the files as a killed process left them, from a copy: to open them is already to repair them. Null: there is none. */
export function readLeft(database: string): StoreState | null {
  if (!existsSync(database)) return null;
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-left-'));
  try {
    for (const end of ['', '-wal'])
      if (existsSync(database + end)) copyFileSync(database + end, join(folder, `db${end}`));
    return readState(join(folder, 'db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function readState(database: string): StoreState {
  const db = new Database(database, { fileMustExist: true });
  try {
    const events = db.prepare<[], { seq: number; kind: string; detection: string }>(
      `SELECT event_id % ${SEQS} AS seq, feed_event.kind AS kind, json_extract(content, '$.detectionId') AS detection
       FROM feed_event JOIN emission USING (emission_id) ORDER BY event_id`,
    );
    const position = db.prepare<[string], PositionState>(
      'SELECT acknowledged, revision, page_from, page_to FROM position WHERE connector = ?',
    );
    const alerts = db.prepare<[], { id: string; last: string }>(
      'SELECT alert_id AS id, last_update AS last FROM alert',
    );
    const watermark = db.prepare<[], { watermark: string | null }>('SELECT watermark FROM source');
    const rows = events.all();
    return {
      integrity: String(db.pragma('integrity_check', { simple: true })),
      events: new Map(rows.map(({ seq, detection }) => [seq, detection])),
      announced: rows.filter(({ kind }) => kind === 'new').map(({ detection }) => detection),
      position: position.get(CONNECTORS.tested) ?? null,
      watermark: watermark.get()?.watermark ?? null,
      alerts: new Map(alerts.all().map(({ id, last }) => [id, last])),
    };
  } finally {
    db.close();
  }
}
