import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { freeBytes } from './durable-file.ts';
import type { Sqlite } from './sqlite.ts';

/** The write-ahead log is about 16 MB as a rule; a backup that is under way lets it grow. */
const LONG_LOG_BYTES = 64 * 1024 * 1024;

export interface StoreSpace {
  now(): { readonly usedBytes: number; readonly freeBytes: number | null };
  /** Of the file, free pages included. */
  fileBytes(): number;
  /** Bytes in use: what retention compares with its limit. */
  usedBytes(): number;
  /** Gives back what a long write-ahead log holds; without effect while a reader still needs it. */
  trimLog(): void;
}

export function createSpace(db: Sqlite, path: string): StoreSpace {
  const pages = db.prepare<[], { readonly bytes: number; readonly free: number }>(
    `SELECT page_count * page_size AS bytes, freelist_count * page_size AS free
     FROM pragma_page_count(), pragma_page_size(), pragma_freelist_count()`,
  );
  const fileBytes = (): number => pages.get()?.bytes ?? 0;
  const usedBytes = (): number => {
    const row = pages.get();
    return row === undefined ? 0 : row.bytes - row.free;
  };
  return {
    fileBytes,
    usedBytes,
    now: () => ({ usedBytes: usedBytes(), freeBytes: freeBytes(dirname(path)) }),
    trimLog() {
      const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
      if (log !== undefined && log.size > LONG_LOG_BYTES) db.pragma('wal_checkpoint(TRUNCATE)');
    },
  };
}
