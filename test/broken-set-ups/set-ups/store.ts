import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDisk } from '../../chaos/disk.ts';
import { connect } from '../connector.ts';
import { type SetUp, start, startAll } from '../set-up.ts';

/** `nobody` on every Linux: an account to which file modes apply, unlike root. */
const NOBODY = 65_534;
const EVERY_SECOND = '*/1 * * * * *';

/** What is wrong with the disk and the database. */
export const STORE_SET_UPS = {
  'disk-full': {
    title: 'disk full',
    whyNot: whyNoSmallDisk,
    async make(stage) {
      const disk = createDisk(join(stage.folder, 'data'));
      stage.onClear(() => {
        disk.remove();
      });
      await start(stage, { written: { schedule: EVERY_SECOND } });
      disk.fill();
      const noticed = stage.logged('storeUnwritable');
      await connect(stage, { polls: 2 });
      await noticed;
      return undefined;
    },
  },
  'database-locked': {
    title: 'database locked',
    async make(stage) {
      await start(stage, { written: { schedule: EVERY_SECOND } });
      const holder = await holdLock(stage.database);
      stage.onClear(() => holder.kill('SIGKILL'));
      const noticed = stage.logged('storeUnwritable');
      await connect(stage, { polls: 2 });
      await noticed;
      return undefined;
    },
  },
  'database-damaged': {
    title: 'database damaged',
    async make(stage) {
      await startAll(stage);
      await stage.stop();
      damage(stage.database);
      return undefined;
    },
  },
  'folder-unwritable': {
    title: 'data folder unwritable',
    whyNot: whyNoOtherAccount,
    async make(stage) {
      await startAll(stage);
      await stage.stop();
      const account = otherAccount();
      if (account !== undefined) spawnSync('chown', ['-R', `${account}:${account}`, stage.folder]);
      const data = join(stage.folder, 'data');
      chmodSync(data, 0o555);
      stage.onClear(() => {
        chmodSync(data, 0o700);
      });
      return account;
    },
  },
} as const satisfies Readonly<Record<string, SetUp>>;

/** A program that writes and does not come to an end. */
async function holdLock(path: string): Promise<ChildProcess> {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3');
  const script = `const db = new (require(${JSON.stringify(driver)}))(${JSON.stringify(path)});
    db.exec('BEGIN IMMEDIATE'); console.log('held'); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

/** Every second block after the first is noise now: the header is whole, what it leads to is not. */
function damage(path: string): void {
  const block = 16_384;
  const file = openSync(path, 'r+');
  for (let at = block; at < statSync(path).size; at += 2 * block) writeSync(file, randomBytes(block), 0, block, at);
  closeSync(file);
}

function whyNoSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-disk-'));
  const disk = createDisk(join(folder, 'small'));
  disk.remove();
  rmSync(folder, { recursive: true });
  return disk.unlimited;
}

/** Root ignores file modes, so then it is another account; undefined: this one will do. */
function otherAccount(): number | undefined {
  return process.getuid?.() === 0 ? NOBODY : undefined;
}

function whyNoOtherAccount(): string | null {
  const account = otherAccount();
  if (account === undefined) return null;
  const { status, stderr } = spawnSync('chown', ['--version'], { encoding: 'utf8', uid: account, gid: account });
  return status === 0 ? null : `this account can start no program as another one: ${stderr}`;
}
