import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { initial } from '../../src/store/migrations/0001-initial.ts';
import { migrateToQuarantine } from '../../src/store/migrations/0002-quarantine.ts';
import { readIn } from '../../src/store/migrations/0003-read-in.ts';

/** What schema 3 left behind, with so many checkpoints in it. */
export function makeSchema3(path: string, sources: number): void {
  for (const left of ['', '-wal', '-shm']) rmSync(`${path}${left}`, { force: true });
  const db = new Database(path);
  db.pragma('page_size = 16384');
  db.pragma('journal_mode = WAL');
  db.exec(initial);
  migrateToQuarantine(db);
  db.exec(readIn);
  db.pragma('user_version = 3');
  const insert = db.prepare('INSERT INTO source (tenant_id, source, watermark) VALUES (?, ?, ?)');
  for (let one = 0; one < sources; one += 1)
    insert.run(`tenant-${one}`, 'graph-alerts', '2026-01-01T09:00:00.0000000Z');
  db.close();
}
