import type { Sqlite } from '../sqlite.ts';
import type { RawRow, Value } from './page-records.ts';

/** How the rows of a table lie on their pages. */
export interface TableLayout {
  readonly table: string;
  readonly hasRowid: boolean;
  /** In the order in which they are stored. */
  readonly columns: readonly Column[];
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly mayBeNull: boolean;
  /** What a row has that was written before the column was added; undefined: there was no such row. */
  readonly ifAbsent: Value | undefined;
  /** Its value is the row id, and stored as nothing. */
  readonly isRowid: boolean;
}

/** Read back as JSON by the program: a text that is cut or mixed up would only fail later. */
const JSON_COLUMNS: ReadonlySet<string> = new Set([
  'alert.state',
  'emission.content',
  'position.tries',
  'position.details',
  'source.status',
  'command.args',
  'command.progress',
  'command.problem',
  'audit.details',
]);

interface Info {
  readonly name: string;
  readonly type: string;
  readonly notnull: 0 | 1;
  readonly dflt_value: string | null;
  readonly pk: number;
}

/** Of a database of this schema. */
export function tableLayouts(db: Sqlite): readonly TableLayout[] {
  const info = db.prepare<[string], Info>('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)');
  return db
    .prepare<[], { readonly name: string; readonly wr: 0 | 1 }>(
      "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all()
    .map(({ name, wr }) => {
      const rows = info.all(name);
      const hasRowid = wr === 0;
      const keyFirst = [
        ...rows.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk),
        ...rows.filter(({ pk }) => pk === 0),
      ];
      return { table: name, hasRowid, columns: (hasRowid ? rows : keyFirst).map((row) => toColumn(row, hasRowid)) };
    });
}

/** How the rows of an index lie on their pages: the types of its columns, and of the key of the table behind them. */
export type IndexLayout = readonly string[];

export function indexLayouts(db: Sqlite): readonly IndexLayout[] {
  const types = db
    .prepare<[{ readonly index: string; readonly table: string }], string>(
      `SELECT coalesce(type, 'INTEGER') FROM pragma_index_xinfo(@index) AS part
       LEFT JOIN pragma_table_info(@table) AS col ON col.cid = part.cid ORDER BY seqno`,
    )
    .pluck();
  return db
    .prepare<[], { readonly index: string; readonly table: string }>(
      `SELECT name AS "index", tbl_name AS "table" FROM sqlite_schema WHERE type = 'index'`,
    )
    .all()
    .map((one) => types.all(one));
}

/** Without the page's owner such a row can be one of the index, or of a table without row ids that looks like it. */
export function looksLikeIndex(layout: IndexLayout, { rowid, values }: RawRow): boolean {
  if (rowid !== null || values.length !== layout.length) return false;
  return values.every((value, at) => value === null || isType(layout[at] ?? '', value));
}

function toColumn({ name, type, notnull, dflt_value: text, pk }: Info, hasRowid: boolean): Column {
  const mayBeNull = notnull === 0;
  const ifAbsent = text === null ? (mayBeNull ? null : undefined) : type === 'INTEGER' ? Number(text) : unquoted(text);
  return { name, type, mayBeNull, ifAbsent, isRowid: hasRowid && pk > 0 && type === 'INTEGER' };
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll("''", "'");
}

/** The row's values in the order of the columns; null when it cannot be a row of this table. */
export function fitRow({ table, hasRowid, columns }: TableLayout, { rowid, values }: RawRow): readonly Value[] | null {
  if (hasRowid !== (rowid !== null) || values.length > columns.length) return null;
  const fitted: Value[] = [];
  for (const [index, column] of columns.entries()) {
    const stored = index < values.length ? values[index] : column.ifAbsent;
    const value = column.isRowid && stored === null ? rowid : stored;
    if (value === undefined || !isOf(column, value) || !isWhole(table, column.name, value)) return null;
    fitted.push(value);
  }
  return fitted;
}

function isOf({ type, mayBeNull }: Column, value: Value): boolean {
  return value === null ? mayBeNull : isType(type, value);
}

function isType(type: string, value: Value): boolean {
  if (type === 'INTEGER') return typeof value === 'number' && Number.isSafeInteger(value);
  return type === 'BLOB' ? Buffer.isBuffer(value) : typeof value === 'string';
}

function isWhole(table: string, column: string, value: Value): boolean {
  if (typeof value !== 'string') return true;
  // The body of an event is an object whose last member and brace are put on when it is sent.
  if (table === 'feed_event' && column === 'body') return isJson(`${value}}`);
  return !JSON_COLUMNS.has(`${table}.${column}`) || isJson(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
