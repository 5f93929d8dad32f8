import type { Clock } from '../domain/clock.ts';
import type { CursorReader } from './feed-pages.ts';
import type { Sqlite } from './sqlite.ts';

export interface CursorReaderTable {
  note(feed: string, reader: string, seq: number): void;
  all(): readonly CursorReader[];
}

/** One that gets nothing new is written down so often and no more: each write is a commit to the disk. */
const EVERY_MS = 30_000;

export function createCursorReaderTable(db: Sqlite, clock: Clock): CursorReaderTable {
  const columns = 'reader, feed, last_seq AS lastSeq, last_read_ms AS lastReadMs';
  const one = db.prepare<[string, string], CursorReader>(
    `SELECT ${columns} FROM cursor_reader WHERE reader = ? AND feed = ?`,
  );
  const every = db.prepare<[], CursorReader>(`SELECT ${columns} FROM cursor_reader ORDER BY reader, feed`);
  const put = db.prepare<[string, string, number, number]>(
    `INSERT INTO cursor_reader (reader, feed, last_seq, last_read_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (reader, feed) DO UPDATE SET last_seq = excluded.last_seq, last_read_ms = excluded.last_read_ms`,
  );
  return {
    note(feed, reader, seq) {
      const before = one.get(reader, feed);
      const nowMs = clock.now();
      if (before?.lastSeq === seq && Math.abs(nowMs - before.lastReadMs) < EVERY_MS) return;
      put.run(reader, feed, seq, nowMs);
    },
    all: () => every.all(),
  };
}
