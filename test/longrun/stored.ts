import Database from 'better-sqlite3';
import { normaliseDefenderAlerts } from '../../src/defender/map/defender-alert.ts';
import { normaliseAlerts } from '../../src/defender/map/graph-payload.ts';
import { normaliseSiemDetections } from '../../src/defender/map/siem-detection.ts';
import type { Emission, SourceName } from '../../src/domain/detection.ts';
import { type AlertState, takeIn } from '../../src/domain/intake.ts';
import type { Api } from '../../src/simulator/service.ts';
import { readDefenderAlert } from './defender-alert.ts';
import { createGraphReading } from './graph-alert.ts';
import { isJson, type Json, objectOf, objectsOf } from './json-reading.ts';
import { type Snapshot, toSnapshot } from './snapshot.ts';
import { type Told, toTold } from './told.ts';

/** One original record as it is stored, with what was told when it was. */
export interface StoredRecord {
  readonly api: Api;
  /** Of an alert as a whole; null where the API gives detections. */
  readonly snapshot: Snapshot | null;
  readonly detections: readonly Json[];
  readonly told: readonly Told[];
  /** What the same code makes of it in memory, after the records before it. */
  readonly twin: readonly Told[];
}

export interface Stored {
  /** By alert id, in the order in which they were stored. */
  readonly alerts: ReadonlyMap<string, readonly StoredRecord[]>;
  /** Update times of the alerts' states, by alert id. */
  readonly lastUpdates: ReadonlyMap<string, string>;
  /** How often the feed has each emission that it takes; what it has beyond them. */
  readonly feed: {
    readonly events: number;
    readonly missing: number;
    readonly twice: number;
    readonly lastSeq: number;
  };
}

const SOURCES: Readonly<Record<Api, SourceName>> = {
  graph: 'graph-alerts',
  defender: 'defender-alerts',
  siem: 'siem-detections',
};
const NORMALISE = { graph: normaliseAlerts, defender: normaliseDefenderAlerts, siem: normaliseSiemDetections };

/** Reads a whole database of the bridge's. */
export function readStored(path: string, tenantId: string): Stored {
  const db = new Database(path, { readonly: true });
  try {
    return readAll(db, tenantId);
  } finally {
    db.close();
  }
}

function readAll(db: Database.Database, tenantId: string): Stored {
  const readGraph = createGraphReading();
  const ids = new Map<string, string>();
  const lastUpdates = new Map<string, string>();
  for (const row of db.prepare<[], AlertRow>('SELECT alert_key, alert_id, last_update FROM alert').iterate()) {
    ids.set(row.alert_key.toString('hex'), row.alert_id);
    lastUpdates.set(row.alert_id, row.last_update);
  }
  const told = toldByRecord(db);
  const alerts = new Map<string, StoredRecord[]>();
  const states = new Map<string, AlertState>();
  const records = db.prepare<[], RecordRow>('SELECT record_id, alert_key, raw FROM record ORDER BY record_id');
  for (const { record_id: id, alert_key: key, raw } of records.iterate()) {
    const alertId = ids.get(key.toString('hex')) ?? '';
    const value: unknown = JSON.parse(raw);
    const api = apiOf(value);
    const about = { tenantId, source: SOURCES[api], sources: [SOURCES[api]] };
    const own = alerts.get(alertId) ?? [];
    alerts.set(alertId, own);
    const twin: Told[] = [];
    for (const record of NORMALISE[api](Array.isArray(value) ? value : [value]).records) {
      const intake = takeIn(states.get(alertId) ?? null, record, about);
      if (intake.outcome === 'stale' || intake.state === null) continue;
      states.set(alertId, intake.state);
      if (intake.outcome !== 'duplicate') twin.push(...intake.emissions.filter(isForAll).map(toTold));
    }
    own.push({
      api,
      snapshot: api === 'siem' ? null : toSnapshot(api === 'graph' ? readGraph(value) : readDefenderAlert(value)),
      detections: api === 'siem' ? objectsOf(value) : [],
      told: told.get(id) ?? [],
      twin,
    });
  }
  return { alerts, lastUpdates, feed: readFeed(db) };
}

function toldByRecord(db: Database.Database): ReadonlyMap<number, readonly Told[]> {
  const told = new Map<number, Told[]>();
  const rows = db.prepare<[], EmissionRow>('SELECT record_id, content FROM emission ORDER BY emission_id');
  for (const { record_id: id, content } of rows.iterate()) {
    const own = told.get(id) ?? [];
    told.set(id, own);
    const emission = JSON.parse(content) as Emission;
    if (isForAll(emission)) own.push(toTold(emission));
  }
  return told;
}

/** What only a feed gets whose filter let it through late: the feed here has none. */
function isForAll({ change }: Emission): boolean {
  return change !== 'admitted';
}

/** The feed takes what is new and what is significant, each once (`changes: significant`). */
function readFeed(db: Database.Database): Stored['feed'] {
  const wanted = "json_extract(content, '$.change') NOT IN ('other', 'admitted')";
  const count = (sql: string) => db.prepare<[], { readonly n: number }>(`SELECT ${sql} AS n`).get()?.n ?? 0;
  return {
    events: count('(SELECT count(*) FROM feed_event)'),
    missing: count(
      `(SELECT count(*) FROM emission WHERE ${wanted} AND emission_id NOT IN (SELECT emission_id FROM feed_event))`,
    ),
    twice: count(
      `(SELECT count(*) FROM feed_event) - (SELECT count(DISTINCT emission_id) FROM feed_event WHERE emission_id IN
         (SELECT emission_id FROM emission WHERE ${wanted}))`,
    ),
    lastSeq: count('(SELECT last_seq FROM feed)'),
  };
}

export function apiOf(value: unknown): Api {
  if (Array.isArray(value)) return 'siem';
  return isJson(value) && 'lastUpdateDateTime' in objectOf(value) ? 'graph' : 'defender';
}

interface AlertRow {
  readonly alert_key: Buffer;
  readonly alert_id: string;
  readonly last_update: string;
}

interface RecordRow {
  readonly record_id: number;
  readonly alert_key: Buffer;
  readonly raw: string;
}

interface EmissionRow {
  readonly record_id: number;
  readonly content: string;
}
