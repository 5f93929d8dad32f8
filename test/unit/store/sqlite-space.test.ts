import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqlite, type Sqlite } from '../../../src/store/sqlite.ts';
import { createSpace } from '../../../src/store/sqlite-space.ts';

const MEGABYTE = 1_000_000;

let folder: string;
let path: string;
let db: Sqlite;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-space-'));
  path = join(folder, 'events.db');
  db = openSqlite(path);
  db.exec('CREATE TABLE blob (content)');
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const fill = (bytes: number): void => {
  db.prepare('INSERT INTO blob VALUES (zeroblob(?))').run(bytes);
};
const logBytes = (): number => statSync(`${path}-wal`).size;

describe('the space of the store', () => {
  it('is what is in use: what was deleted does not count, though the file stays as large', () => {
    const space = createSpace(db, path);
    const empty = space.usedBytes();
    fill(5 * MEGABYTE);
    expect(space.usedBytes()).toBeGreaterThan(empty + 4 * MEGABYTE);
    const bytes = space.fileBytes();
    db.exec('DELETE FROM blob');
    expect([space.usedBytes(), space.fileBytes()]).toEqual([empty, bytes]);
    expect(space.now()).toEqual({ usedBytes: empty, freeBytes: expect.any(Number) as number });
  });

  it('is given back by a long log, but not while a reader still needs it', () => {
    const space = createSpace(db, path);
    db.pragma('wal_autocheckpoint = 0');
    db.pragma('synchronous = OFF');
    db.pragma('busy_timeout = 1');
    const reader = openSqlite(path, { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM blob').get();
    fill(70 * MEGABYTE);
    space.trimLog();
    expect(logBytes()).toBeGreaterThan(70 * MEGABYTE);
    reader.close();
    space.trimLog();
    expect(logBytes()).toBe(0);
  });

  it('is left alone while the log has its usual size', () => {
    fill(MEGABYTE);
    const before = logBytes();
    createSpace(db, path).trimLog();
    expect(logBytes()).toBe(before);
  });
});
