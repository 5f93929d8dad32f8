import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { damageOf } from '../../../src/store/sqlite-integrity.ts';
import { aBatch, aFeed } from '../../contract/detection-store.ts';
import { anAlert } from '../../support/alerts.ts';
import { steppedClock } from '../../support/clock.ts';

const PAGE = 16_384;
const DAMAGED = expect.objectContaining({
  code: 'STORE_DAMAGED',
  kind: 'operator',
  hint: expect.stringMatching(/flexbridge restore FILE.*flexbridge serve --salvage/) as string,
}) as Error;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-integrity-'));
  path = join(folder, 'events.db');
  const store = serve();
  await store.ensureFeeds([aFeed()]);
  const raw = JSON.stringify({ text: 'x'.repeat(3000) });
  const records = Array.from({ length: 100 }, (_, index) => anAlert({ alertId: `da-${index}`, raw }));
  await store.append(aBatch({ records }));
  await store.close();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const serve = () => createSqliteStore({ path, clock: steppedClock('2026-01-01T12:00:00Z'), serving: true });

/** The pages of a table, in the order of their rows. */
function leaves(table: string): readonly number[] {
  const db = new Database(path);
  const pages = db
    .prepare<[string], number>("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path")
    .pluck()
    .all(table);
  db.close();
  return pages;
}

function overwrite(page: number): void {
  const content = readFileSync(path);
  content.fill(0xa5, (page - 1) * PAGE, page * PAGE);
  writeFileSync(path, content);
}

function middle(pages: readonly number[]): number {
  return pages[Math.floor(pages.length / 2)] ?? 0;
}

/** As a kill leaves it. */
function killed(): void {
  const db = new Database(path);
  db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('serving', '')").run();
  db.close();
}

describe('the look for damage at a start', () => {
  it.each(['record', 'emission_alert'])('finds it anywhere after an end that was not an orderly one: %s', (table) => {
    killed();
    overwrite(middle(leaves(table)));
    const before = readFileSync(path);
    expect(serve).toThrow(DAMAGED);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('looks at the ends of each table after an orderly one, so that a start is quick', async () => {
    const pages = leaves('record');
    overwrite(middle(pages));
    await serve().close();
    for (const end of [pages[0] ?? 0, pages.at(-1) ?? 0]) {
      overwrite(end);
      expect(serve).toThrow(DAMAGED);
    }
  });

  it('takes an end for orderly only when the store was closed', async () => {
    const pages = leaves('record');
    const living = serve();
    const copy = join(folder, 'killed.db');
    writeFileSync(copy, readFileSync(path));
    writeFileSync(`${copy}-wal`, readFileSync(`${path}-wal`));
    await living.close();
    path = copy;
    new Database(path).close();
    overwrite(middle(pages));
    expect(serve).toThrow(DAMAGED);
  });

  it('finds a file that is cut', () => {
    truncateSync(path, statSync(path).size - PAGE);
    expect(serve).toThrow(DAMAGED);
  });

  it('is not made by commands, which only want to say what they can', async () => {
    killed();
    overwrite(middle(leaves('record')));
    const store = createSqliteStore({ path, clock: steppedClock(0), readOnly: true });
    expect((await store.stats()).alerts).toBe(100);
    await store.close();
  });
});

describe('the look for damage before a salvage', () => {
  it('finds an index that does not fit its table', () => {
    expect(damageOf(path)).toBeNull();
    const db = new Database(path);
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    db.exec("DELETE FROM sqlite_schema WHERE name = 'emission_alert'");
    db.close();
    const again = new Database(path);
    again.unsafeMode(true);
    again.pragma('writable_schema = ON');
    again.close();
    expect(damageOf(path)).toMatchObject({ code: 'STORE_DAMAGED' });
  });
});
