import type { Sqlite } from './sqlite.ts';

/** A table whose rows lie in the order of time: those that nothing needs any more go from its old end. */
export interface RowPruner {
  /** Time of the oldest row that was not looked at in this round; null: none. */
  oldest(): number | null;
  /** `isEnd`: in this round nothing is left that was stored before. Inside the caller's transaction. */
  prune(
    beforeMs: number,
    maxRows: number,
  ): { readonly looked: number; readonly deleted: number; readonly isEnd: boolean };
  /** The next call begins at the old end again: what was needed may have become free. */
  restart(): void;
}

interface Row {
  readonly id: number;
  /** Rows of the same one go together; null: the row is for itself. */
  readonly together: number | null;
  readonly stored_ms: number;
  readonly needed: 0 | 1;
}

/**
 * What the events of the feeds are made from. An emission is needed while a feed holds an event of it, or of another
 * emission of the same record: together they can be folded into one event again.
 */
export function createEmissionPruner(db: Sqlite): RowPruner {
  return createRowPruner(
    db,
    'emission',
    'record_id',
    'EXISTS (SELECT 1 FROM feed_event WHERE feed_event.emission_id = emission.emission_id)',
  );
}

/** Microsoft's records as they came. */
export function createRecordPruner(db: Sqlite): RowPruner {
  return createRowPruner(
    db,
    'record',
    'NULL',
    'EXISTS (SELECT 1 FROM emission WHERE emission.alert_key = record.alert_key AND emission.record_id = record.record_id)',
  );
}

/** The row with the highest number always stays: the next one counts on from it, and a number is never used again. */
function createRowPruner(db: Sqlite, table: 'emission' | 'record', together: string, needed: string): RowPruner {
  const id = `${table}_id`;
  const chunk = db.prepare<[number, number], Row>(
    `SELECT ${id} AS id, ${together} AS together, stored_ms, ${needed} AS needed FROM ${table}
     WHERE ${id} > ? AND ${id} < (SELECT max(${id}) FROM ${table}) ORDER BY ${id} LIMIT ?`,
  );
  const remove = db.prepare<[number, number]>(`DELETE FROM ${table} WHERE ${id} BETWEEN ? AND ?`);
  let after = 0;

  return {
    oldest: () => chunk.get(after, 1)?.stored_ms ?? null,
    prune(beforeMs, maxRows) {
      const rows = chunk.all(after, maxRows);
      const all = groupsOf(rows);
      // The last group may go on behind the rows that were read; one that fills them all has to do.
      const whole = rows.length < maxRows || all.length === 1 ? all : all.slice(0, -1);
      let looked = 0;
      let deleted = 0;
      for (const group of whole) {
        const [first, last] = [group[0], group.at(-1)];
        if (first === undefined || last === undefined || last.stored_ms >= beforeMs) {
          return { looked, deleted, isEnd: true };
        }
        looked += group.length;
        after = last.id;
        if (group.every((row) => row.needed === 0)) deleted += remove.run(first.id, last.id).changes;
      }
      return { looked, deleted, isEnd: rows.length < maxRows };
    },
    restart() {
      after = 0;
    },
  };
}

function groupsOf(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (row.together !== null && last?.[0]?.together === row.together) last.push(row);
    else groups.push([row]);
  }
  return groups;
}
