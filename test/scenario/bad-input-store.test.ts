import { chmodSync, cpSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../src/store/schema.ts';
import { createBridgeRig, SECRETS } from '../support/bridge-rig.ts';
import { reportNotRun } from '../support/java.ts';
import { startProgram } from '../support/program.ts';
import {
  configOf,
  contentOf,
  createScratch,
  digestOf,
  expectParts,
  runHere,
  runProgram,
  runWithoutPrivileges,
  runWithReadOnly,
  VARIABLES,
  whyNoMounts,
} from './bad-input-rig.ts';

const scratch = createScratch();
afterAll(() => {
  scratch.remove();
});

describe('a port that another program has', () => {
  let taken: Server;
  let port: number;
  beforeAll(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterAll(() => {
    taken.close();
  });

  it('ends serve with 1, and with another port the same folder serves with the logins it has', async () => {
    const folder = scratch.folder();
    const env = { ...VARIABLES, FLEXBRIDGE_SERVER__PORT: String(port) };
    const { code, err } = await runProgram(['serve'], folder, env);
    expect(code).toBe(1);
    expectParts(err, [`cannot listen on 127.0.0.1 port ${port}`, '[LISTEN_FAILED]', '-> Stop the program that uses']);
    const credentials = readFileSync(join(folder, 'data', 'initial-credentials'), 'utf8');
    const serving = startProgram(['serve'], { cwd: folder, env: VARIABLES });
    await serving.logged('started');
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(join(folder, 'data', 'initial-credentials'), 'utf8')).toBe(credentials);
  });
});

describe('a data folder that cannot be made or written', () => {
  it.concurrent.for([
    ['below a regular file', 'file/data'],
    ['where no folder can be, though its parent is there', '/proc/flexbridge'],
  ])('%s ends serve with 1 and the remedy', async ([, place = '']) => {
    const folder = scratch.folder({ file: 'not a folder' });
    const before = contentOf(folder);
    const env = { ...VARIABLES, FLEXBRIDGE_STORE__PATH: join(place, 'flexbridge.db') };
    const { code, out, err } = await runProgram(['serve'], folder, env);
    expect([code, out]).toEqual([1, '']);
    expectParts(err, [
      'cannot make the data folder',
      place,
      '[DATA_FOLDER]',
      '-> Give the account that runs FlexBridge',
    ]);
    expect(contentOf(folder)).toEqual(before);
  });

  it.concurrent('by its mode', async () => {
    const folder = scratch.folder({ data: null });
    chmodSync(join(folder, 'data'), 0o500);
    const { code, err } = await runWithoutPrivileges(['serve'], folder);
    expect(code).toBe(1);
    expectParts(err, [join(folder, 'data'), '[STORE_', '-> ', 'the account that runs FlexBridge']);
    expect(contentOf(folder)).toEqual({ data: 'a folder' });
  });

  const reason = whyNoMounts();
  if (reason !== null) {
    reportNotRun('a read-only data folder', reason);
    return;
  }

  it.concurrent('on a read-only disk, new', async () => {
    const folder = scratch.folder({ data: null });
    const { code, err } = await runWithReadOnly(join(folder, 'data'), ['serve'], folder);
    expect(code).toBe(1);
    expectParts(err, [join(folder, 'data'), '[STORE_', '-> ', 'the account that runs FlexBridge']);
    expect(contentOf(folder)).toEqual({ data: 'a folder' });
  });
});

describe('a database that this program cannot read', () => {
  let good: string;
  let events: number;

  beforeAll(async () => {
    const rig = await createBridgeRig({ backlog: 60 });
    await rig.startBridge();
    ({ events } = await rig.seen('pollFinished'));
    await rig.stopBridge();
    good = scratch.folder();
    cpSync(rig.folder, good, { recursive: true });
    await rig.close();
  });

  /** The files of that bridge, its database changed. */
  function damaged(damage: (database: string) => void): { folder: string; database: string } {
    const folder = scratch.folder();
    cpSync(good, folder, { recursive: true });
    const database = join(folder, 'data', 'flexbridge.db');
    damage(database);
    return { folder, database };
  }

  function setVersion(database: string, version: number): void {
    const opened = new Database(database);
    opened.pragma(`user_version = ${version}`);
    opened.pragma('wal_checkpoint(TRUNCATE)');
    opened.close();
  }

  const cases: readonly (readonly [name: string, damage: (database: string) => void, parts: readonly string[]])[] = [
    [
      'written by a newer version',
      (database) => {
        setVersion(database, 99);
      },
      ['has schema version 99', 'A newer FlexBridge wrote it. Start that version, or restore a backup'],
    ],
    [
      'overwritten with something else',
      (database) => {
        writeFileSync(database, 'this is not a database '.repeat(1000));
      },
      ['is damaged', 'flexbridge restore FILE', 'flexbridge serve --salvage'],
    ],
    [
      'cut in the middle',
      (database) => {
        truncateSync(database, Math.floor(statSync(database).size / 2));
      },
      ['is damaged', 'flexbridge restore FILE', 'flexbridge serve --salvage'],
    ],
  ];

  it.concurrent.for(cases)('%s ends serve with 1 and is not touched', async ([, damage, parts]) => {
    const { folder, database } = damaged(damage);
    const before = digestOf(database);
    const { code, out, err } = await runProgram(['serve'], folder);
    expect([code, out]).toEqual([1, '']);
    expectParts(err, [database, '[STORE_', '-> ', ...parts]);
    expect(digestOf(database)).toBe(before);
  });

  it.for(cases)('%s is a failed finding of check and doctor, which touch it as little', async ([, damage, parts]) => {
    const { folder, database } = damaged(damage);
    const before = digestOf(database);
    for (const command of ['check', 'doctor']) {
      const { code, out, err } = await runHere([command, ...configOf(folder)], folder);
      expect([command, code, err]).toEqual([command, 1, '']);
      expectParts(out, ['FAILED  store  store', '-> ', ...parts]);
    }
    expect(digestOf(database)).toBe(before);
  });

  it.for([
    ['the lock file', 'flexbridge.db.lock', 'Delete it while no FlexBridge runs on this store'],
    ['the database of logins', 'access.db', 'new logins are written to initial-credentials'],
  ])(
    'is told from %s, which doctor and status name with its own remedy',
    async ([name = '', file = '', remedy = '']) => {
      const { folder } = damaged((database) => {
        writeFileSync(join(dirname(database), file), 'this is not a database '.repeat(1000));
      });
      const before = contentOf(join(folder, 'data'));
      for (const command of ['doctor', 'status']) {
        const { code, out, err } = await runHere([command, ...configOf(folder)], folder);
        expect([command, code, err]).toEqual([command, 1, '']);
        expectParts(out, ['FAILED  store', `${name} ${join(folder, 'data', file)} is damaged`, `-> `, remedy]);
      }
      expect(contentOf(join(folder, 'data'))).toEqual(before);
    },
  );

  it.concurrent('is served again with all that can be read of it, once serve is told to salvage', async () => {
    const { folder, database } = damaged((file) => {
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(0xa5, 0, 16_384));
    });
    expect((await runProgram(['serve'], folder)).code).toBe(1);
    const serving = startProgram(['serve', '--salvage', ...configOf(folder)], { cwd: folder });
    await serving.logged('started');
    serving.child.kill('SIGTERM');
    const { code, err } = await serving.ended;
    expect(code).toBe(0);
    expectParts(err, [`Salvaged: the database ${database}`, `are kept as ${database}.damaged-`, 'alert: 60 rows kept']);
    const { out } = await runHere(['check', ...configOf(folder)], folder);
    expect(out).toContain('Readable: 60 alerts');
  });

  it('is whole again once the version that wrote it, or a backup, is back', async () => {
    const { folder, database } = damaged((file) => {
      setVersion(file, 99);
    });
    expect((await runProgram(['serve'], folder)).code).toBe(1);
    setVersion(database, SCHEMA_VERSION);
    const { code, out } = await runHere(['check', ...configOf(folder)], folder);
    expect(code).toBe(0);
    expect(out).toContain(`Readable: 60 alerts, ${events / 2} events`);
  });
});

describe('a database that is damaged where the events are', () => {
  it('is a 503 with the reason in the log, and from then on every view of health names it', async () => {
    const rig = await createBridgeRig({ backlog: 60 });
    try {
      await rig.startBridge();
      await rig.seen('pollFinished');
      await rig.stopBridge();
      overwriteEvents(join(rig.folder, 'data', 'flexbridge.db'));
      await rig.startBridge();
      const answer = await rig.poll();
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.body)).toMatchObject({
        code: 'STORE_DAMAGED',
        hint: expect.stringContaining('doctor') as string,
      });
      expect(answer.headers['retry-after']).toBeDefined();
      const ready = await rig.ask('/readyz');
      expect([ready.status, JSON.parse(ready.body)]).toEqual([
        503,
        { status: 'unavailable', reasons: ['store: failed'] },
      ]);
      const status = await rig.ask('/status.json', { user: 'ops', password: SECRETS.operator });
      expectParts(status.body, ['is damaged or is no SQLite database', 'flexbridge restore FILE']);
      expect((await rig.ask('/livez')).status).toBe(200);
    } finally {
      await rig.close();
    }
  });
});

/** Damages pages of the table of rendered events, and no others: not its ends, which a start looks at. */
function overwriteEvents(path: string): void {
  const database = new Database(path);
  database.pragma('wal_checkpoint(TRUNCATE)');
  const pages = database
    .prepare<[], { pageno: number }>(
      "SELECT pageno FROM dbstat WHERE name = 'feed_event' AND pagetype = 'leaf' ORDER BY path",
    )
    .all()
    .slice(1, -1);
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  const bytes = readFileSync(path);
  for (const { pageno } of pages) bytes.fill(0xa5, (pageno - 1) * size, pageno * size);
  writeFileSync(path, bytes);
}
