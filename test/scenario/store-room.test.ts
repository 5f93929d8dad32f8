import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { backup } from '../../src/store/sqlite-backup.ts';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { restore } from '../../src/store/sqlite-restore.ts';
import { createDisk, type Disk } from '../chaos/disk.ts';
import { aBatch, aFeed } from '../contract/detection-store.ts';
import { anAlert } from '../support/alerts.ts';
import { reportNotRun } from '../support/java.ts';
import { makeSchema3 } from '../support/schema3.ts';

const { status } = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]);
if (status === 0) describe('too little room', describeRoom);
else reportNotRun('too little room for a copy of the store', 'nothing can be mounted here');

function describeRoom(): void {
  let root: string;
  let disk: Disk;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'flexbridge-room-'));
    disk = createDisk(join(root, 'small'));
  });
  afterEach(() => {
    disk.remove();
    rmSync(root, { recursive: true });
  });

  const NO_ROOM = { code: 'STORE_NO_ROOM', kind: 'operator' };
  const open = (path: string) => createSqliteStore({ path, clock: systemClock, serving: true });
  const fillStore = async (path: string): Promise<void> => {
    const store = open(path);
    await store.ensureFeeds([aFeed()]);
    await store.append(aBatch({ records: [anAlert()] }));
    await store.close();
  };
  const places = (folder: string) => ({ storePath: join(folder, 'events.db'), dataDir: folder });
  const copy = { withTls: true, replace: false, program: '1', nowMs: 0, progress: () => undefined };

  it('for the copy before an upgrade leaves the database as it is', () => {
    const path = join(disk.folder, 'events.db');
    makeSchema3(path, 1);
    const before = readFileSync(path);
    expect(() => open(path)).toThrow(expect.objectContaining(NO_ROOM) as Error);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(disk.folder).filter((name) => name.includes('backup'))).toEqual([]);
  });

  it('for a backup leaves nothing behind', async () => {
    const data = join(root, 'data');
    await fillStore(join(data, 'events.db'));
    disk.fill();
    await expect(backup({ ...copy, ...places(data), out: disk.folder })).rejects.toMatchObject(NO_ROOM);
    expect(readdirSync(disk.folder)).toEqual(['filler']);
  });

  it('for a restore leaves the store that is there', async () => {
    const data = join(root, 'data');
    await fillStore(join(data, 'events.db'));
    const { file } = await backup({ ...copy, ...places(data), out: root });
    await fillStore(join(disk.folder, 'events.db'));
    const before = statSync(join(disk.folder, 'events.db')).ino;
    disk.fill();
    const request = {
      file,
      ...places(disk.folder),
      all: false,
      requestedBy: 'kim',
      nowMs: 0,
      progress: () => undefined,
    };
    await expect(restore(request)).rejects.toMatchObject(NO_ROOM);
    expect(statSync(join(disk.folder, 'events.db')).ino).toBe(before);
    expect(readdirSync(disk.folder).toSorted()).toEqual(['events.db', 'filler']);
  });
}
