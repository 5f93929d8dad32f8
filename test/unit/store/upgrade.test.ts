import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { lookAtUpgrade, upgradeStore } from '../../../src/store/sqlite-migrate.ts';
import { steppedClock } from '../../support/clock.ts';
import { makeSchema3 } from '../../support/schema3.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const FIRST = 'events.db.schema3-20260101T120000Z.backup';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-upgrade-'));
  path = join(folder, 'events.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const schema3 = (sources: number): void => {
  makeSchema3(path, sources);
};

function serveOnce(nowMs = NOW): readonly BridgeEvent[] {
  const events: BridgeEvent[] = [];
  void createSqliteStore({
    path,
    clock: steppedClock(nowMs),
    serving: true,
    emit: (event) => events.push(event),
  }).close();
  return events;
}

function version(file: string): unknown {
  const db = new Database(file, { readonly: true });
  const found = db.pragma('user_version', { simple: true });
  db.close();
  return found;
}

const backups = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.backup'));

describe('a database of an older schema', () => {
  it('is copied as it was before serve brings it up to date, and the copy can be opened', () => {
    schema3(3);
    expect(serveOnce()).toEqual([{ name: 'storeUpgraded', from: 3, to: 5, backup: join(folder, FIRST) }]);
    expect([version(path), version(join(folder, FIRST))]).toEqual([5, 3]);
    expect(statSync(join(folder, FIRST)).mode & 0o777).toBe(0o600);
    const copy = new Database(join(folder, FIRST), { readonly: true });
    expect(copy.prepare('SELECT count(*) FROM source').pluck().get()).toBe(3);
    copy.close();
    expect(serveOnce()).toEqual([]);
  });

  it('is not copied while there is nothing in it', () => {
    schema3(0);
    expect(serveOnce()).toEqual([{ name: 'storeUpgraded', from: 3, to: 5, backup: null }]);
    expect(backups()).toEqual([]);
  });

  it('keeps the two newest copies', () => {
    for (const day of [0, 1, 2]) {
      schema3(1);
      serveOnce(NOW + day * 86_400_000);
    }
    expect(backups()).toEqual([
      'events.db.schema3-20260102T120000Z.backup',
      'events.db.schema3-20260103T120000Z.backup',
    ]);
  });

  it('is not opened for writing by anything else', () => {
    schema3(1);
    const before = readFileSync(path);
    expect(() => createSqliteStore({ path, clock: steppedClock(NOW) })).toThrow(
      expect.objectContaining({ code: 'STORE_OLDER' }) as Error,
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('is looked at without being changed', () => {
    schema3(1);
    const before = readFileSync(path);
    expect(lookAtUpgrade(path, NOW)).toEqual({
      ...{ from: 3, to: 5, backup: join(folder, FIRST) },
      bytes: expect.any(Number) as number,
    });
    expect([readFileSync(path).equals(before), backups()]).toEqual([true, []]);
  });

  it('can be brought up to date without a copy', () => {
    schema3(1);
    const told: unknown[] = [];
    const done = upgradeStore(path, { nowMs: NOW, withBackup: false, tell: (upgrade) => told.push(upgrade) });
    expect(done).toMatchObject({ from: 3, to: 5, backup: null });
    expect([told, version(path), backups()]).toEqual([[done], 5, []]);
    expect(upgradeStore(path, { nowMs: NOW, withBackup: true, tell: (upgrade) => told.push(upgrade) })).toMatchObject({
      ...{ from: 5, to: 5 },
    });
    expect(told).toHaveLength(1);
  });

  it('stays as it is when the copy cannot be made', () => {
    schema3(1);
    mkdirSync(join(folder, `${FIRST}.part`));
    expect(serveOnce).toThrow(expect.objectContaining({ kind: 'operator' }) as Error);
    expect(version(path)).toBe(3);
  });
});
