import { openSqlite, type Sqlite } from '../../src/store/sqlite.ts';

type SqlRow = readonly unknown[];

/** What one transaction wrote, table by table. */
interface Transaction {
  readonly alert: SqlRow[];
  readonly record: SqlRow[];
  readonly emission: SqlRow[];
  readonly feed_event: SqlRow[];
}

export interface StoredRows {
  readonly transactions: readonly Transaction[];
  readonly feed: SqlRow;
  readonly source: SqlRow;
}

const RECORD_STORED_MS = 3;
const EMISSION_STORED_MS = 4;
const EVENT_STORED_MS = 2;

/** Reads back what a pull stored, in the transactions that it was stored in (told by `stored_ms`, which never repeats). */
export function readRows(path: string): StoredRows {
  const db = openSqlite(path, { readOnly: true });
  const all = (sql: string): readonly SqlRow[] => db.prepare<[], SqlRow>(sql).raw().all();
  const alerts = all('SELECT alert.* FROM record JOIN alert USING (alert_key) ORDER BY record_id');
  const records = all('SELECT * FROM record ORDER BY record_id');
  const emissions = all('SELECT * FROM emission ORDER BY emission_id');
  const events = all('SELECT * FROM feed_event ORDER BY event_id');
  const starts = [...new Set(events.map((row) => Number(row[EVENT_STORED_MS])))];
  const transactions = starts.map((): Transaction => ({ alert: [], record: [], emission: [], feed_event: [] }));
  const transactionAt = (storedMs: unknown): Transaction | undefined =>
    transactions[starts.findLastIndex((start) => start <= Number(storedMs))];
  for (const [index, row] of records.entries()) {
    const transaction = transactionAt(row[RECORD_STORED_MS]);
    transaction?.record.push(row);
    const alert = alerts[index];
    if (alert !== undefined) transaction?.alert.push(alert);
  }
  for (const row of emissions) transactionAt(row[EMISSION_STORED_MS])?.emission.push(row);
  for (const row of events) transactionAt(row[EVENT_STORED_MS])?.feed_event.push(row);
  const [feed = []] = all('SELECT last_seq, last_stored_ms, name FROM feed');
  const [source = []] = all('SELECT * FROM source');
  db.close();
  return { transactions, feed, source };
}

/** Inserts the rows into a new database of the same schema and pragmas, in as many transactions; gives the time, ms. */
export function insertRows(path: string, { transactions, feed, source }: StoredRows): number {
  const db = openSqlite(path);
  db.prepare('INSERT INTO feed (name, last_seq, last_stored_ms) VALUES (?, 0, 0)').run(feed.at(-1));
  const [sample] = transactions;
  if (sample === undefined) throw new Error('nothing was stored');
  const inserts = {
    alert: prepareInsert(db, 'INSERT INTO alert', sample.alert[0]),
    record: prepareInsert(db, 'INSERT INTO record', sample.record[0]),
    emission: prepareInsert(db, 'INSERT INTO emission', sample.emission[0]),
    feed_event: prepareInsert(db, 'INSERT INTO feed_event', sample.feed_event[0]),
  };
  const moveFeed = db.prepare('UPDATE feed SET last_seq = ?, last_stored_ms = ? WHERE name = ?');
  const putSource = prepareInsert(db, 'INSERT OR REPLACE INTO source', source);
  const write = db.transaction((transaction: Transaction) => {
    for (const table of ['alert', 'record', 'emission', 'feed_event'] as const) {
      for (const row of transaction[table]) inserts[table].run(...row);
    }
    moveFeed.run(...feed);
    putSource.run(...source);
  });
  const started = performance.now();
  for (const transaction of transactions) write.immediate(transaction);
  // The status of the source has a commit of its own.
  putSource.run(...source);
  const ms = performance.now() - started;
  db.close();
  return ms;
}

/** With as many places as a row of the table has columns. */
function prepareInsert(db: Sqlite, into: string, row: SqlRow = []) {
  return db.prepare(`${into} VALUES (${row.map(() => '?').join(', ')})`);
}
