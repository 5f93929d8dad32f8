import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SCHEMA_VERSION, schemaVersion } from './schema.ts';
import { openSqlite, type Sqlite } from './sqlite.ts';

/** The database from outside: sizes and counts, nothing of what is in it. */
export interface StoreFacts {
  readonly schemaVersion: number;
  /** What this program writes. */
  readonly programSchemaVersion: number;
  readonly sqliteVersion: string;
  readonly pageBytes: number;
  readonly pages: number;
  readonly freePages: number;
  readonly journalMode: string;
  /** The database, its log, copies: every file beside it whose name begins like its own. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Rows of each table; null where counting was given up for time. */
  readonly rows: Readonly<Record<string, number | null>>;
}

/** All tables together; one that is begun is counted to its end. */
const COUNT_LIMIT_MS = 10_000;

/** Opens the database to read only. @throws BridgeError as every opening does */
export function storeFacts(path: string): StoreFacts {
  const db = openSqlite(path, { readOnly: true });
  try {
    return {
      schemaVersion: schemaVersion(db),
      programSchemaVersion: SCHEMA_VERSION,
      sqliteVersion: String(db.prepare('SELECT sqlite_version()').pluck().get()),
      pageBytes: pragma(db, 'page_size'),
      pages: pragma(db, 'page_count'),
      freePages: pragma(db, 'freelist_count'),
      journalMode: String(db.pragma('journal_mode', { simple: true })),
      files: filesBeside(path),
      rows: rowsOf(db),
    };
  } finally {
    db.close();
  }
}

function pragma(db: Sqlite, name: string): number {
  return Number(db.pragma(name, { simple: true }));
}

function filesBeside(path: string): StoreFacts['files'] {
  const folder = dirname(path);
  return readdirSync(folder)
    .filter((name) => name.startsWith(basename(path)))
    .toSorted()
    .map((name) => ({ name, bytes: statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0 }));
}

function rowsOf(db: Sqlite): StoreFacts['rows'] {
  const began = performance.now();
  const tables = db
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .pluck()
    .all();
  const count = (table: string): number => Number(db.prepare(`SELECT count(*) FROM "${table}"`).pluck().get());
  return Object.fromEntries(
    tables.map((table) => [table, performance.now() - began > COUNT_LIMIT_MS ? null : count(table)]),
  );
}
