import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireInstanceLock, runningInstance } from '../../../src/store/instance-lock.ts';

const MODULE = new URL('../../../src/store/instance-lock.ts', import.meta.url).href;

let folder: string;
let store: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-lock-'));
  store = join(folder, 'data', 'events.db');
});
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  rmSync(folder, { recursive: true });
});

/** Another process that runs `script` with the two functions in reach; resolves with its first output. */
async function another(script: string): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const source = `import { acquireInstanceLock, runningInstance } from '${MODULE}';\nconst store = '${store}';\n${script}`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

const HOLD = `const lock = acquireInstanceLock(store, process.pid); console.log('held'); setInterval(() => lock, 1000);`;

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

describe('the lock of an instance', () => {
  it('refuses a second process and names the pid of the first', async () => {
    const { child } = await another(HOLD);
    expect(() => acquireInstanceLock(store, process.pid)).toThrow(
      expect.objectContaining({
        code: 'INSTANCE_RUNNING',
        kind: 'operator',
        message: `another FlexBridge (pid ${child.pid ?? 0}) is already serving ${store}`,
      }) as Error,
    );
    expect(runningInstance(store)).toBe(child.pid);
  });

  it('is free again when its holder was killed, and shows the next one', async () => {
    const { child } = await another(HOLD);
    await kill(child);
    expect(runningInstance(store)).toBeNull();
    const lock = acquireInstanceLock(store, process.pid);
    expect(runningInstance(store)).toBe(process.pid);
    lock.release();
    expect(runningInstance(store)).toBeNull();
  });

  it('refuses a second one in the same process as well, and lets it in after the release', () => {
    const first = acquireInstanceLock(store, 1111);
    expect(() => acquireInstanceLock(store, 2222)).toThrow('pid 1111');
    expect(() => acquireInstanceLock(store, 3333)).toThrow('pid 1111');
    expect(runningInstance(store)).toBe(1111);
    first.release();
    const second = acquireInstanceLock(store, 2222);
    expect(runningInstance(store)).toBe(2222);
    second.release();
  });

  it('is one per store', () => {
    const locks = [acquireInstanceLock(store, 1), acquireInstanceLock(join(folder, 'other.db'), 2)];
    expect([runningInstance(store), runningInstance(join(folder, 'other.db'))]).toEqual([1, 2]);
    for (const lock of locks) lock.release();
  });

  it('is not disturbed by others who look', async () => {
    const { child } = await another(`
      acquireInstanceLock(store, 1).release();
      console.log('looking');
      for (;;) runningInstance(store);
    `);
    for (let start = 0; start < 50; start += 1) {
      acquireInstanceLock(store, process.pid).release();
    }
    expect(child.exitCode).toBeNull();
  });

  it('goes to exactly one of several that start together, under its own pid', async () => {
    const race = `
      try { const lock = acquireInstanceLock(store, process.pid); console.log('held'); setInterval(() => lock, 1000); }
      catch (error) { console.log(error.code); }
    `;
    const all = await Promise.all([another(race), another(race), another(race)]);
    expect(all.map(({ said }) => said).toSorted()).toEqual(['INSTANCE_RUNNING', 'INSTANCE_RUNNING', 'held']);
    expect(runningInstance(store)).toBe(all.find(({ said }) => said === 'held')?.child.pid);
  });
});

describe('looking for an instance', () => {
  it('finds none where there never was one, and makes no file', () => {
    expect(runningInstance(store)).toBeNull();
    expect(existsSync(`${store}.lock`)).toBe(false);
  });

  it('finds none where the lock file is empty', () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(`${store}.lock`, '');
    expect(runningInstance(store)).toBeNull();
  });

  it('says what is wrong with a lock file that is none', () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(`${store}.lock`, 'not a database, but long enough to be looked at '.repeat(10));
    const damaged = expect.objectContaining({
      code: 'STORE_DAMAGED',
      message: expect.stringContaining(`the lock file ${store}.lock is damaged`) as string,
      hint: expect.stringContaining('Delete it while no FlexBridge runs') as string,
    }) as Error;
    expect(() => runningInstance(store)).toThrow(damaged);
    expect(() => acquireInstanceLock(store, 1)).toThrow(damaged);
  });

  it('says where a lock cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => acquireInstanceLock(join(folder, 'file', 'events.db'), 1)).toThrow(
      expect.objectContaining({ code: 'STORE_FAILED', kind: 'operator' }) as Error,
    );
  });
});
