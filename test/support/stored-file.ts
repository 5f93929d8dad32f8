import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Opens the database of a stopped or running bridge behind its back. */
export function onStoredFile<Result>(folder: string, work: (db: Database.Database) => Result): Result {
  const database = new Database(join(folder, 'data', 'flexbridge.db'));
  try {
    return work(database);
  } finally {
    database.close();
  }
}
