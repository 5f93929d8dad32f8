import type { Sqlite } from '../sqlite.ts';
import type { PageFile } from './page-file.ts';
import { findOwners } from './page-owners.ts';
import { parsePage, type RawRow, type Value } from './page-records.ts';
import { fitRow, indexLayouts, looksLikeIndex, type TableLayout, tableLayouts } from './table-layout.ts';

export interface CopiedTable {
  readonly table: string;
  readonly rows: number;
  /** Rows that were found and could not be read. */
  readonly broken: number;
}

export interface Copied {
  readonly tables: readonly CopiedTable[];
  readonly pages: number;
  /** Pages that ought to hold something and cannot be read. */
  readonly brokenPages: number;
}

/** Rows in one transaction. */
const BATCH_ROWS = 2000;
/** Not copied: the new database has its own. */
const OWN_META: readonly Value[] = ['generation', 'alerts', 'serving'];

type Progress = (done: number, total: number) => void;

/**
 * Copies every row that can be read into a database of this schema that is empty. First the pages that the trees lead to;
 * then those that nothing leads to any more: their rows are told by their shape, and count only where the first have none.
 * What has the shape of an index's row is left out.
 */
export function copyPages(file: PageFile, db: Sqlite, progress: Progress): Copied {
  const layouts = tableLayouts(db);
  const indexes = indexLayouts(db);
  const { owned, broken } = findOwners(file);
  const sink = createSink(db, layouts);
  const overflow = new Set<number>();
  const loose: number[] = [];
  let brokenPages = broken;
  for (let number = 1; number <= file.count; number += 1) {
    if (number % 1000 === 0) progress(number, file.count);
    const owner = owned.get(number);
    if (owner === null) continue;
    if (owner === undefined) {
      loose.push(number);
      continue;
    }
    const page = parsePage(file, number);
    for (const rest of page?.overflow ?? []) overflow.add(rest);
    const own = layouts.filter(({ table }) => table === owner);
    for (const row of page?.rows ?? []) sink.take(row, own.length > 0 ? own : layouts, owner);
    sink.lose(owner, page?.broken ?? 0);
  }
  for (const number of loose) {
    if (overflow.has(number)) continue;
    const page = parsePage(file, number);
    // A page that was used once has zeros or the rest of a long row in it; only one that cannot be fetched is a loss.
    if (page === null && file.page(number) === null) brokenPages += 1;
    for (const rest of page?.overflow ?? []) overflow.add(rest);
    for (const row of page?.rows ?? []) {
      if (!indexes.some((index) => looksLikeIndex(index, row))) sink.take(row, layouts, null);
    }
  }
  sink.end();
  progress(file.count, file.count);
  return { tables: sink.tables(), pages: file.count, brokenPages };
}

/** Writes rows, many at a time. */
function createSink(db: Sqlite, layouts: readonly TableLayout[]) {
  const inserts = new Map(
    layouts.map(({ table, columns }) => {
      const names = columns.map(({ name }) => `"${name}"`).join(', ');
      const sql = `INSERT OR IGNORE INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`;
      return [table, db.prepare<Value[]>(sql)];
    }),
  );
  const counts = new Map(layouts.map(({ table }) => [table, { rows: 0, broken: 0 }]));
  let waiting: (readonly [table: string, values: readonly Value[]])[] = [];
  const write = db.transaction((rows: typeof waiting) => {
    for (const [table, values] of rows) {
      const count = counts.get(table);
      if (count !== undefined) count.rows += inserts.get(table)?.run(...values).changes ?? 0;
    }
  });
  const flush = (): void => {
    write(waiting);
    waiting = [];
  };
  const columns = new Map(layouts.map(({ table, columns: all }) => [table, all.length]));
  const isExact = (table: string, { values }: RawRow): boolean => values.length === columns.get(table);
  const lose = (table: string, rows: number): void => {
    const count = counts.get(table);
    if (count !== undefined) count.broken += rows;
  };

  return {
    lose,
    /** `owner` null: a row of an index looks like nothing, and is no loss. */
    take(row: RawRow, candidates: readonly TableLayout[], owner: string | null) {
      const fits = candidates.flatMap((layout) => {
        const values = fitRow(layout, row);
        return values === null ? [] : [[layout.table, values] as const];
      });
      // A row without the columns that were added last may look like one of another table.
      const exact = fits.filter(([table]) => isExact(table, row));
      const [fit, ...more] = exact.length > 0 ? exact : fits;
      if (fit === undefined || more.length > 0) {
        if (owner !== null) lose(owner, 1);
        return;
      }
      if (fit[0] === 'meta' && OWN_META.includes(fit[1][0] ?? null)) return;
      waiting.push(fit);
      if (waiting.length >= BATCH_ROWS) flush();
    },
    end: flush,
    tables: () => [...counts].map(([table, count]) => ({ table, ...count })),
  };
}
