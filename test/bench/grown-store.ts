import { join } from 'node:path';
import Database from 'better-sqlite3';

/** FeedSeq takes the lower 40 bits of an event's row id (src/store/event-id.ts). */
const SEQ_RANGE = 2 ** 40;

/** A store made larger: what was in it is its newest part now. */
export interface GrownStore {
  readonly events: number;
  /** FeedSeq before the first of the events that were there from the beginning. */
  readonly before: number;
}

/**
 * Makes a filled store (`folder`/data, its bridge stopped) larger: copies of its alerts, records, emissions and events
 * come before its own, stored `ageMs` and more before. The bodies are real; only their FeedSeq differs.
 */
export function growStore(folder: string, events: number, ageMs: number): GrownStore {
  const db = new Database(join(folder, 'data', 'flexbridge.db'));
  try {
    // A bench may lose its store; writing it takes half the time so.
    db.pragma('synchronous = OFF');
    const facts = factsOf(db);
    const copies = Math.max(0, Math.round(events / facts.events) - 1);
    if (copies > 0) db.transaction(copy)(db, facts, { copies, ageMs });
    db.pragma('wal_checkpoint(TRUNCATE)');
    return { events: (copies + 1) * facts.events, before: copies * facts.events };
  } finally {
    db.close();
  }
}

interface Facts {
  readonly feed: number;
  readonly events: number;
  readonly emissions: number;
  readonly records: number;
  /** From the first event stored to the last, and a second. */
  readonly spanMs: number;
}

function factsOf(db: Database.Database): Facts {
  const facts = db
    .prepare<[], Facts>(
      `SELECT feed_no AS feed, last_seq AS events,
         (SELECT max(emission_id) FROM emission) AS emissions,
         (SELECT max(record_id) FROM record) AS records,
         (SELECT max(stored_ms) - min(stored_ms) + 1000 FROM record) AS spanMs
       FROM feed`,
    )
    .get();
  if (facts === undefined) throw new Error('the store has no feed');
  return facts;
}

/** The own rows move behind the room for the copies; then each copy goes before them. */
function copy(db: Database.Database, facts: Facts, { copies, ageMs }: { copies: number; ageMs: number }): void {
  const { feed, events, emissions, records, spanMs } = facts;
  const run = (sql: string, ...values: number[]): void => {
    db.prepare(sql).run(...values);
  };
  const before = copies * events;
  run(
    `UPDATE feed_event SET event_id = event_id + ?, emission_id = emission_id + ?,
       body = '{"FeedSeq":' || (event_id % ${SEQ_RANGE} + ?) || substr(body, instr(body, ','))`,
    ...[before, copies * emissions, before],
  );
  run(
    'UPDATE emission SET emission_id = emission_id + ?, record_id = record_id + ?',
    copies * emissions,
    copies * records,
  );
  run('UPDATE record SET record_id = record_id + ?', copies * records);
  run(
    'CREATE TEMP TABLE copy AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1) SELECT i FROM n',
    copies,
  );
  // The age of copy i, so that StoredMs rises with FeedSeq.
  const age = `(${ageMs} + (${copies} - i) * ${spanMs})`;
  const insert = (table: string, changed: Readonly<Record<string, string>>, where: string): void => {
    const columns = db.prepare<[], { readonly name: string }>(`SELECT name FROM pragma_table_info('${table}')`).all();
    const values = columns.map(({ name }) => changed[name] ?? name);
    run(
      `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')})
       SELECT ${values.join(', ')} FROM copy CROSS JOIN ${table} WHERE ${where} ORDER BY i`,
    );
  };
  insert(
    'record',
    { record_id: `record_id - ${copies * records} + i * ${records}`, stored_ms: `stored_ms - ${age}` },
    `record_id > ${copies * records}`,
  );
  insert(
    'emission',
    {
      emission_id: `emission_id - ${copies * emissions} + i * ${emissions}`,
      record_id: `record_id - ${copies * records} + i * ${records}`,
      stored_ms: `stored_ms - ${age}`,
    },
    `emission_id > ${copies * emissions}`,
  );
  const seq = `(event_id % ${SEQ_RANGE} - ${before} + i * ${events})`;
  insert(
    'feed_event',
    {
      event_id: `${feed} * ${SEQ_RANGE} + ${seq}`,
      emission_id: `emission_id - ${copies * emissions} + i * ${emissions}`,
      stored_ms: `stored_ms - ${age}`,
      body: `'{"FeedSeq":' || ${seq} || substr(body, instr(body, ','))`,
    },
    `event_id % ${SEQ_RANGE} > ${before}`,
  );
  insert('alert', { alert_key: 'randomblob(16)' }, 'true');
  run('UPDATE feed SET last_seq = ?', (copies + 1) * events);
  run("UPDATE meta SET value = CAST(value AS INTEGER) * ? WHERE key = 'alerts'", copies + 1);
}
