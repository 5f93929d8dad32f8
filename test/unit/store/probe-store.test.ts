import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/domain/clock.ts';
import { probeStore } from '../../../src/store/probe-store.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aFeed, aPosition } from '../../contract/detection-store.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-probe-'));
  path = join(folder, 'flexbridge.db');
  const store = createSqliteStore({ path, clock: systemClock });
  await store.ensureFeeds([aFeed()]);
  await store.savePosition(aPosition());
  await store.close();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const WELL = { damage: null, unwritable: null };

describe('trying the store out', () => {
  it('finds nothing wrong with a whole one, and leaves every byte as it was', () => {
    const before = readFileSync(path);
    expect(probeStore(path)).toEqual(WELL);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['flexbridge.db']);
  });

  it('finds nothing wrong where there is no database or no folder yet', () => {
    expect(probeStore(join(folder, 'other.db'))).toEqual(WELL);
    expect(probeStore(join(folder, 'none', 'other.db'))).toEqual(WELL);
  });

  it('does not stand in the way of a bridge that has it open, and sees nothing wrong beside it', async () => {
    const store = createSqliteStore({ path, clock: systemClock, serving: true });
    expect(probeStore(path)).toEqual(WELL);
    await store.savePosition(aPosition({ connector: 'another' }));
    expect(store.unwritable()).toBeNull();
    await store.close();
  });

  it('says that another program holds the lock', () => {
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    expect(probeStore(path)).toMatchObject({ damage: null, unwritable: { code: 'STORE_BUSY' } });
    other.close();
  });

  it('finds overwritten pages, and then tries no transaction', () => {
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 3 * 16384, 6 * 16384);
    writeFileSync(path, bytes);
    expect(probeStore(path)).toMatchObject({ damage: { code: 'STORE_DAMAGED' }, unwritable: null });
  });

  it('finds a file that ends too early, and one that is no database', () => {
    truncateSync(path, statSync(path).size - 16384);
    expect(probeStore(path)).toMatchObject({ damage: { code: 'STORE_DAMAGED' } });
    const text = join(folder, 'text.db');
    writeFileSync(text, 'no database at all, but long enough to be looked at as one'.repeat(40));
    expect(probeStore(text)).toMatchObject({ damage: { code: 'STORE_DAMAGED' }, unwritable: null });
  });
});
