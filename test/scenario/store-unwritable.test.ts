import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createDisk } from '../chaos/disk.ts';
import { type BridgeRig, createBridgeRig, TENANT } from '../support/bridge-rig.ts';
import { reportNotRun } from '../support/java.ts';
import { type MovedClock, movedClock } from '../support/moved-clock.ts';
import { onStoredFile } from '../support/stored-file.ts';

/** Something that keeps the store from being written, and takes that back. */
interface Trouble {
  readonly codes: readonly string[];
  /** Before the bridge is started; null: nothing is to be prepared. */
  prepare?(folder: string): void;
  begin(folder: string): Promise<void> | void;
  end(folder: string): Promise<void> | void;
  remove?(folder: string): void;
}

const BACKLOG = 30;
const PAGE = 5;
const LIMIT_MS = 20_000;

let rig: BridgeRig | null = null;
let clean: () => void = () => undefined;

afterEach(async () => {
  await rig?.stopBridge();
  clean();
  await rig?.close();
  rig = null;
  clean = () => undefined;
});

interface Received {
  readonly FeedSeq: number;
  readonly FeedTime: number;
  readonly AlertId: string;
  readonly DetectionId: string;
  readonly EventKind: string;
}

/** A connector whose time is that of the newest event it has processed. */
function createConnector(on: BridgeRig) {
  const received: Received[] = [];
  let since = '';
  return {
    received,
    async poll(): Promise<number> {
      const answer = await on.poll(since);
      expect(answer.status).toBe(200);
      const events = JSON.parse(answer.body) as readonly Received[];
      received.push(...events);
      const newest = events.at(-1);
      if (newest !== undefined) since = String(newest.FeedTime);
      return events.length;
    },
  };
}

async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  while (!(await isSo())) {
    if (limit.aborted) throw new Error(`never happened: ${what}`);
    await pause(50);
  }
}

/** New alerts at Microsoft, made from one that is there. */
function addAlerts(to: BridgeRig, count: number): { readonly ids: readonly string[]; readonly at: string } {
  const [model] = to.simulator.world.visible(TENANT, Date.now());
  if (model === undefined) throw new Error('Microsoft has no alert');
  const at = new Date().toISOString();
  const ids = Array.from({ length: count }, (_, index) => {
    const id = `da-added-${index}`;
    to.simulator.world.put(TENANT, { ...model, id, createdDateTime: at, lastUpdateDateTime: at }, Date.now());
    return id;
  });
  return { ids, at };
}

const stored = (from: BridgeRig) =>
  onStoredFile(from.folder, (db) => ({
    watermark: db.prepare<[], string>('SELECT watermark FROM source').pluck().get(),
    alerts: db.prepare<[], number>('SELECT count(*) FROM alert').pluck().get(),
    acknowledged: db
      .prepare<[], number>("SELECT acknowledged FROM position WHERE connector = 'arcsight-01'")
      .pluck()
      .get(),
  }));

const readiness = async (of: BridgeRig): Promise<{ readonly status: string; readonly reasons: readonly string[] }> => {
  const answer = await of.ask('/readyz');
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body) as { readonly status: string; readonly reasons: readonly string[] };
};

async function startRig(clock: MovedClock, trouble: Trouble): Promise<BridgeRig> {
  const made = await createBridgeRig({
    backlog: BACKLOG,
    clock,
    feed: `page: { maxEvents: ${PAGE} }`,
    schedule: '* * * * * *',
  });
  rig = made;
  trouble.prepare?.(made.folder);
  clean = () => trouble.remove?.(made.folder);
  await made.startBridge();
  await made.seen('pollFinished');
  return made;
}

/** Collection pauses, the feed goes on, and all resumes by itself with nothing lost or twice. */
async function survives(trouble: Trouble): Promise<void> {
  const clock = movedClock(0);
  const on = await startRig(clock, trouble);
  const connector = createConnector(on);
  expect(await connector.poll()).toBe(PAGE);

  await trouble.begin(on.folder);
  const added = addAlerts(on, 3);
  const failed = () => on.events.filter((event) => event.name === 'pollFailed');
  await until('a poll that fails', () => failed().length > 0);
  expect(trouble.codes).toContain(failed()[0]?.error.code);
  for (let page = 0; page < 3; page += 1) expect(await connector.poll()).toBe(PAGE);
  expect(connector.received.map(({ FeedSeq }) => FeedSeq)).toEqual(Array.from({ length: 4 * PAGE }, (_, at) => at + 1));
  const { status, reasons } = await readiness(on);
  expect(status).toBe('degraded');
  expect(reasons.join()).toMatch(/store\.writable: (warning|failed)/);
  const { watermark = '', alerts } = stored(on);
  expect([alerts, watermark <= added.at]).toEqual([BACKLOG, true]);

  await trouble.end(on.folder);
  // Past the wait after a failure.
  clock.pass(15 * 60_000);
  const isComplete = (): boolean => added.ids.every((id) => connector.received.some(({ AlertId }) => AlertId === id));
  await until('the added alerts reach the connector', async () => (await connector.poll()) === 0 && isComplete());
  const ids = connector.received.map(({ FeedSeq }) => FeedSeq);
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, at) => at + 1));
  await until('the store is writable', async () => !(await readiness(on)).reasons.join().includes('store.writable'));
  await until('the position is written', async () => {
    await connector.poll();
    return stored(on).acknowledged === ids.length;
  });
  expect(on.events.map(({ name }) => name)).toEqual(expect.arrayContaining(['storeUnwritable', 'storeWritable']));
  expect(on.events.filter(({ name }) => name === 'storeUnwritable')).toHaveLength(1);
}

describe('a store that cannot be written for a while', () => {
  it('because another process holds it', async () => {
    const held: { process: ChildProcess | null } = { process: null };
    await survives({
      codes: ['STORE_BUSY'],
      async begin(folder) {
        held.process = await holdLock(join(folder, 'data', 'flexbridge.db'));
      },
      async end() {
        const ended = held.process === null ? null : once(held.process, 'exit');
        held.process?.kill('SIGKILL');
        await ended;
      },
      remove() {
        held.process?.kill('SIGKILL');
      },
    });
  });

  const noDisk = whyNoSmallDisk();
  if (noDisk !== null) reportNotRun('a full disk', noDisk);
  else
    it('because the disk is full', async () => {
      await survives(fullDisk());
    });

  const notImmutable = whyNotImmutable();
  if (notImmutable !== null) reportNotRun('a database that became immutable', notImmutable);
  else
    it('because its files became immutable', async () => {
      await survives(immutableFiles());
    });

  if (noDisk !== null) reportNotRun('a start on a full disk', noDisk);
  else
    it('serves what it has when it is started on a full disk', async () => {
      const clock = movedClock(0);
      const disk = fullDisk();
      const on = await startRig(clock, disk);
      const connector = createConnector(on);
      await connector.poll();
      await disk.begin(on.folder);
      await connector.poll();
      await on.stopBridge();
      await disk.begin(on.folder);
      await on.startBridge();
      // Positions that could not be written are older: repeats, not gaps.
      await until('everything is received', async () => (await connector.poll()) === 0);
      const seqs = connector.received.map(({ FeedSeq }) => FeedSeq);
      expect([...new Set(seqs)].toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: Math.max(...seqs) }, (_, at) => at + 1),
      );
      expect((await readiness(on)).status).toBe('degraded');
    });
});

function fullDisk(): Trouble {
  let disk: ReturnType<typeof createDisk> | null = null;
  return {
    codes: ['STORE_FULL'],
    prepare(folder) {
      disk = createDisk(join(folder, 'data'));
    },
    begin() {
      disk?.fill();
    },
    end() {
      disk?.empty();
    },
    remove() {
      disk?.remove();
    },
  };
}

function immutableFiles(): Trouble {
  const change = (flag: string, folder: string): void => {
    const files = ['', '-wal'].map((log) => join(folder, 'data', `flexbridge.db${log}`));
    spawnSync('chattr', [flag, ...files]);
  };
  return {
    codes: ['STORE_WRITE_FAILED', 'STORE_READ_ONLY'],
    begin(folder) {
      change('+i', folder);
    },
    end(folder) {
      change('-i', folder);
    },
    remove(folder) {
      change('-i', folder);
    },
  };
}

/** A process that writes and does not come to an end. */
async function holdLock(path: string): Promise<ChildProcess> {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3');
  const script = `const db = new (require(${JSON.stringify(driver)}))(${JSON.stringify(path)});
    db.exec('BEGIN IMMEDIATE'); console.log('held'); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

function whyNoSmallDisk(): string | null {
  const { status, stderr } = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
    encoding: 'utf8',
  });
  return status === 0 ? null : `nothing can be mounted here: ${stderr}`;
}

function whyNotImmutable(): string | null {
  const probe = spawnSync(
    'sh',
    ['-c', 'file=$(mktemp) && chattr +i "$file" && chattr -i "$file"; code=$?; rm -f "$file"; exit $code'],
    {
      encoding: 'utf8',
    },
  );
  return probe.status === 0 ? null : `no file can be made immutable here: ${probe.stderr}`;
}
