import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { initial } from '../../src/store/migrations/0001-initial.ts';
import { migrateToQuarantine } from '../../src/store/migrations/0002-quarantine.ts';
import { readIn } from '../../src/store/migrations/0003-read-in.ts';
import { delivery } from '../../src/store/migrations/0004-delivery.ts';

/** What schema 4 left behind, with what `fill` puts into it. */
export function makeSchema4(path: string, fill: (db: Database.Database) => void): void {
  for (const left of ['', '-wal', '-shm']) rmSync(`${path}${left}`, { force: true });
  const db = new Database(path);
  db.pragma('page_size = 16384');
  db.pragma('journal_mode = WAL');
  db.exec(initial);
  migrateToQuarantine(db);
  db.exec(readIn);
  db.exec(delivery);
  db.pragma('user_version = 4');
  fill(db);
  db.close();
}
