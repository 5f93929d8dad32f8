import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { salvageBefore } from '../../src/cli/serve-salvage.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type BridgeRig, createBridgeRig, SECRETS, TENANT } from '../support/bridge-rig.ts';
import { onStoredFile } from '../support/stored-file.ts';
import { configOf, runHere } from './bad-input-rig.ts';

const BACKLOG = 40;
const CONNECTOR = { user: 'arcsight-01', password: SECRETS.connector };

interface Received {
  readonly FeedSeq: number;
  readonly FeedTime: number;
  readonly AlertId: string;
  readonly DetectionId: string;
  readonly EventKind: string;
}

let rig: BridgeRig;
let connector: ReturnType<typeof createConnector>;
let path: string;

beforeEach(async () => {
  rig = await createBridgeRig({ backlog: BACKLOG, feed: 'page: { maxEvents: 10 }', schedule: '* * * * * *' });
  path = join(rig.folder, 'data', 'flexbridge.db');
  connector = createConnector();
  await rig.startBridge();
  await rig.seen('pollFinished');
});
afterEach(async () => {
  await rig.close();
});

/** A connector whose time is that of the newest event it has processed, over all that happens to the bridge. */
function createConnector() {
  const received: Received[] = [];
  let since = '';
  return {
    received,
    async poll(): Promise<number> {
      const answer = await rig.poll(since);
      expect(answer.status).toBe(200);
      const events = JSON.parse(answer.body) as readonly Received[];
      received.push(...events);
      const newest = events.at(-1);
      if (newest !== undefined) since = String(newest.FeedTime);
      return events.length;
    },
    async drain(): Promise<void> {
      // An empty answer may only say that a time was not the expected one: so more than one.
      for (let idle = 0, polls = 0; idle < 3; polls += 1) {
        if (polls > 200) throw new Error('the feed does not come to an end');
        idle = (await this.poll()) === 0 ? idle + 1 : 0;
      }
    },
  };
}

/** Every event that the store made, whatever happened in between. */
const nameOf = ({ DetectionId, EventKind }: Received): string => `${DetectionId} ${EventKind}`;

/** What the connector has had is all that a second one gets, and no number ever meant two things. */
function expectNothingLost(): void {
  const had = new Set(connector.received.map(nameOf));
  const meaning = new Map<number, string>();
  for (const event of connector.received) {
    expect([event.FeedSeq, meaning.get(event.FeedSeq) ?? nameOf(event)]).toEqual([event.FeedSeq, nameOf(event)]);
    meaning.set(event.FeedSeq, nameOf(event));
  }
  const alerts = new Set(connector.received.map(({ AlertId }) => AlertId));
  expect(rig.simulator.world.visible(TENANT, Date.now()).filter(({ id }) => !alerts.has(id))).toEqual([]);
  const all = onStoredFile(rig.folder, (db) => db.prepare<[], string>('SELECT content FROM emission').pluck().all());
  const emitted = all.map((content) => JSON.parse(content) as { detectionId: string; kind: string });
  expect(emitted.filter(({ detectionId, kind }) => !had.has(`${detectionId} ${kind}`))).toEqual([]);
}

async function command(...args: readonly string[]) {
  const [name = '', ...rest] = args;
  return runHere([name, ...configOf(rig.folder), ...rest], rig.folder);
}

describe('a backup and its way back', () => {
  it('costs repeats, not gaps', async () => {
    for (let page = 0; page < 2; page += 1) await connector.poll();
    expect(await command('backup', '--out', 'one.backup')).toMatchObject({ code: 0, err: '' });
    await connector.drain();
    const before = connector.received.length;
    await rig.stopBridge();
    expect(await command('restore', 'one.backup')).toMatchObject({ code: 0, err: '' });
    await rig.startBridge();
    await connector.drain();
    expect(connector.received.length).toBeGreaterThan(before);
    expectNothingLost();
  });

  it('takes up what Microsoft did in the meantime, under new numbers', async () => {
    await connector.drain();
    await command('backup', '--out', 'one.backup');
    await rig.stopBridge();
    await command('restore', 'one.backup');
    const [model] = rig.simulator.world.visible(TENANT, Date.now());
    if (model === undefined) throw new Error('Microsoft has no alert');
    const at = new Date(Date.now() - 10_000).toISOString();
    const highest = Math.max(...connector.received.map(({ FeedSeq }) => FeedSeq));
    rig.simulator.world.put(
      TENANT,
      { ...model, id: 'da-later', createdDateTime: at, lastUpdateDateTime: at },
      Date.now(),
    );
    const before = rig.events.length;
    await rig.startBridge();
    // Not the first poll in any case: Microsoft's Date has whole seconds, and within the same one there is nothing to read.
    await rig.seen('alertsArrived', before);
    await connector.drain();
    const isLater = ({ AlertId }: Received): boolean => AlertId === 'da-later';
    const later = connector.received.filter(isLater);
    expect(later.length).toBeGreaterThan(0);
    for (const { FeedSeq } of later) expect(FeedSeq).toBeGreaterThan(highest);
    expectNothingLost();
  });

  it('is refused while the bridge runs', async () => {
    await command('backup', '--out', 'one.backup');
    const { code, err } = await command('restore', 'one.backup');
    expect([code, err]).toEqual([1, expect.stringContaining('[INSTANCE_RUNNING]')]);
    expect(await connector.poll()).toBeGreaterThan(0);
  });

  it('makes the cursors of before invalid', async () => {
    const events = '/v1/feeds/default/events';
    const { next } = JSON.parse((await rig.ask(events, CONNECTOR)).body) as { readonly next: string };
    await command('backup', '--out', 'one.backup');
    await rig.stopBridge();
    await command('restore', 'one.backup');
    await rig.startBridge();
    expect((await rig.ask(`${events}?after=${next}`, CONNECTOR)).status).toBe(410);
  });

  it('says as JSON what it did, and on the other stream how far it is', async () => {
    const taken = await command('backup', '--out', '.', '--json');
    const { file, files } = JSON.parse(taken.out) as { readonly file: string; readonly files: readonly string[] };
    expect(files).toContain('tls/ca.pem');
    expect(taken.err).toContain('100%');
    const looked = await command('restore', file, '--check', '--json');
    expect(JSON.parse(looked.out)).toMatchObject({ alerts: BACKLOG, connectors: 0, files });
    await rig.stopBridge();
    const done = await command('restore', file, '--json');
    expect(JSON.parse(done.out)).toMatchObject({ contents: { file }, leftOut: files, placed: [] });
  });

  it('says in words what a file holds, and how it is put back', async () => {
    const taken = await command('backup', '--out', 'one.backup');
    expect(taken.out).toMatch(/one\.backup: 1? ?\d* ?MB, 40 alerts, looked through and whole\.\n/);
    expect(taken.out).toContain('Put it back with: flexbridge restore');
    const looked = await command('restore', 'one.backup', '--check');
    expect(looked).toMatchObject({
      code: 0,
      out: expect.stringContaining('It is whole, and can be put back.') as string,
    });
    const again = await command('backup', '--out', 'one.backup');
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('[BACKUP_EXISTS]')]);
  });
});

describe('a damaged database', () => {
  const said: string[] = [];
  const salvage = async (): Promise<string> => {
    said.length = 0;
    const config = await loadConfig({ argvPath: join(rig.folder, 'flexbridge.yaml'), env: {} });
    salvageBefore(config, { err: (text) => said.push(text) });
    return said.join('');
  };
  /** The pages of a table are overwritten. */
  const damage = (table: string): void => {
    const pages = onStoredFile(rig.folder, (db) =>
      db.prepare<[string], number>('SELECT pageno FROM dbstat WHERE name = ?').pluck().all(table),
    );
    const size = 16_384;
    const bytes = readFileSync(path);
    for (const page of pages) bytes.fill(0xa5, (page - 1) * size, page * size);
    writeFileSync(path, bytes);
  };

  it.each(['feed_event', 'feed', 'record', 'feed_event_emission'])(
    'is refused, then salvaged, and nothing is lost: %s',
    async (table) => {
      for (let page = 0; page < 2; page += 1) await connector.poll();
      await rig.stopBridge();
      damage(table);
      onceKilled();
      await expect(rig.startBridge()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
      expect(await salvage()).toMatch(/Salvaged: .*damaged[\s\S]*are kept as .*\.damaged-\d{8}T\d{6}Z/);
      await rig.startBridge();
      await connector.drain();
      expectNothingLost();
    },
  );

  /** A start after an orderly end looks at the ends of the tables only, and what is at an end may be whole. */
  function onceKilled(): void {
    try {
      const db = new Database(path);
      db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('serving', '')").run();
      db.close();
    } catch {
      // Too much is gone for that, and it will be found at once.
    }
  }

  it('of which nothing is left leads to a start as if it were the first, with the old file beside it', async () => {
    await rig.stopBridge();
    writeFileSync(path, 'no database '.repeat(5000));
    expect(await salvage()).toContain('Nothing in it could be read');
    await rig.startBridge();
    const isRead = (): boolean => rig.events.filter(({ name }) => name === 'pollFinished').length > 1;
    for (let polls = 0; polls < 500 && !isRead(); polls += 1) await connector.poll();
    await connector.drain();
    expectNothingLost();
    const [aside = ''] = readdirSync(join(rig.folder, 'data')).filter((name) => name.includes('.damaged-'));
    expect(readFileSync(join(rig.folder, 'data', aside), 'utf8')).toMatch(/^no database /);
  });

  it('is not made of one that is whole', async () => {
    await rig.stopBridge();
    const before = statSync(path).ino;
    expect(await salvage()).toContain('There is no damage: nothing was changed.');
    expect(statSync(path).ino).toBe(before);
  });

  it('is not touched while the bridge runs', async () => {
    await expect(salvage()).rejects.toMatchObject({ code: 'INSTANCE_RUNNING' });
  });
});

describe('the command migrate', () => {
  it('has nothing to do after a start of this version, and says where there is no database', async () => {
    await rig.stopBridge();
    for (const args of [['migrate'], ['migrate', '--check']])
      expect(await command(...args)).toMatchObject({
        code: 0,
        out: expect.stringContaining('There is nothing to do.') as string,
      });
    expect(JSON.parse((await command('migrate', '--json')).out)).toMatchObject({ from: 5, to: 5, done: true, path });
    rmSync(join(rig.folder, 'data'), { recursive: true });
    mkdirSync(join(rig.folder, 'data'));
    expect((await command('migrate')).err).toContain('[STORE_ABSENT]');
  });
});
