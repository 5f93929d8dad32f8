import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import type { SetAside } from '../../../src/store/detection-store.ts';
import { acquireInstanceLock } from '../../../src/store/instance-lock.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';
import { aBatch, aRecordAside, KEY, TENANT } from '../../contract/detection-store.ts';
import { instant } from '../../support/alerts.ts';

const HOSTILE = '{"id":"da-7",\n"title":"\u001b[31mred\u202e"}';
const STRETCH = {
  from: instant('2026-01-01T08:00:00.1234567Z'),
  to: instant('2026-01-01T08:00:00.1234568Z'),
  index: null,
};

let folder: string;
let database: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-quarantine-'));
  database = join(folder, 'data', 'events.db');
  writeFileSync(join(folder, 'secret'), 'a-secret', { mode: 0o600 });
  writeFileSync(
    join(folder, 'flexbridge.yaml'),
    `store: { path: data/events.db }
tenants:
  - name: ${TENANT.name}
    tenantId: ${TENANT.tenantId}
    credential: { clientId: client-1, secretFile: secret }
`,
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function command(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await run(['quarantine', ...args, '--config', join(folder, 'flexbridge.yaml')], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    input: Readable.from([]),
    cwd: folder,
    isTerminal: false,
  });
  return { code, out, err };
}

async function withStore<Result>(work: (store: ReturnType<typeof createSqliteStore>) => Promise<Result>) {
  const store = createSqliteStore({ path: database, clock: systemClock });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const setAside = (...things: readonly SetAside[]) => withStore((store) => store.append(aBatch({ setAside: things })));
const due = () => withStore(async (store) => (await store.dueQuarantine(KEY, 10)).map(({ entryId }) => entryId));

describe('flexbridge quarantine list', () => {
  it('shows one line for each thing, with what it is and why, safe for a terminal', async () => {
    await setAside(
      aRecordAside({ id: 'da-7', reason: 'odd\u001b[31m' }),
      aRecordAside(),
      aRecordAside({ code: 'unanswered', reason: 'Microsoft answered 500', stretch: STRETCH }),
      aRecordAside({ code: 'unanswered', reason: 'Microsoft answered 500', stretch: { ...STRETCH, index: 2 } }),
    );
    const { code, out, err } = await command('list');
    expect([code, err]).toEqual([0, '']);
    const [head, ...lines] = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(head).toEqual(['id', 'source', 'since', 'tries', 'next try', 'what', 'reason']);
    expect(lines.map(([id, source, , tries, , ...rest]) => [id, source, tries, ...rest])).toEqual([
      ['1', 'contoso/graph-alerts', '1', 'da-7', 'odd\ufffd[31m'],
      ['2', 'contoso/graph-alerts', '1', 'a record without id', 'the alert has no id'],
      ['3', 'contoso/graph-alerts', '1', `${STRETCH.from} to ${STRETCH.to}`, 'Microsoft answered 500'],
      ['4', 'contoso/graph-alerts', '1', `record 3 of ${STRETCH.from}`, 'Microsoft answered 500'],
    ]);
    for (const [, , since = '', , next = ''] of lines) {
      expect([since, next].join()).toMatch(/^(\d{4}-\d\d-\d\dT\d\d:\d\dZ,?){2}$/);
    }
  });

  it('shows one entry with the text that Microsoft sent, safe for a terminal', async () => {
    await setAside(aRecordAside({ id: 'da-7', raw: HOSTILE }));
    const { code, out } = await command('list', '--show', '1');
    expect(code).toBe(0);
    expect(out).toMatch(/^reason +the alert has no id \(no-id\)$/m);
    expect(out).toContain('\n{"id":"da-7",\n"title":"\ufffd[31mred\ufffd"}\n');
  });

  it('prints JSON for scripts, with the text as it was sent for the entry that is asked for', async () => {
    await setAside(aRecordAside({ id: 'da-7', raw: HOSTILE }), aRecordAside({ stretch: STRETCH }));
    const rows = JSON.parse((await command('list', '--json')).out) as Record<string, unknown>[];
    expect(rows).toMatchObject([
      { id: 1, tenant: 'contoso', source: 'graph-alerts', alertId: 'da-7', code: 'no-id', stretch: null, tries: 1 },
      { id: 2, alertId: null, stretch: STRETCH },
    ]);
    expect(rows.map((row) => 'raw' in row)).toEqual([false, false]);
    expect(JSON.parse((await command('list', '--show', '1', '--json')).out)).toMatchObject({ id: 1, raw: HOSTILE });
  });

  it('says when nothing is set aside', async () => {
    await setAside();
    expect(await command('list')).toEqual({ code: 0, out: 'Nothing is set aside.\n', err: '' });
    expect((await command('list', '--json')).out).toBe('[]\n');
  });
});

describe('flexbridge quarantine retry', () => {
  beforeEach(async () => {
    await setAside(aRecordAside(), aRecordAside({ raw: '{}' }), aRecordAside({ raw: '[]' }));
  });

  it('makes the named entries due and says that a start will take them', async () => {
    const { code, out } = await command('retry', '1', '3');
    expect(code).toBe(0);
    expect(out).toContain(
      '2 entries are due now.\nFlexBridge is not running: what is due is tried with the first poll',
    );
    expect(await due()).toEqual([1, 3]);
    expect((await command('list')).out).toMatch(/^1 .* next poll /m);
  });

  it('makes all due and says that the running bridge takes them with its next poll', async () => {
    const lock = acquireInstanceLock(database, process.pid);
    const { out } = await command('retry', '--all');
    lock.release();
    expect(out).toContain(`3 entries are due now.\nFlexBridge is running (pid ${process.pid})`);
    expect(await due()).toEqual([1, 2, 3]);
  });

  it('names the sources that are read no more', async () => {
    await withStore((store) => store.append(aBatch({ source: 'siem-detections', setAside: [aRecordAside()] })));
    expect((await command('retry', '1')).out).not.toContain('Not configured');
    expect((await command('retry', '4')).out).toContain(
      'Not configured any more, so nothing is tried there: contoso/siem-detections.',
    );
  });

  it('prints JSON for scripts', async () => {
    expect(JSON.parse((await command('retry', '2', '--json')).out)).toEqual({ due: 1, pid: null });
  });

  it('has nothing to do where nothing is set aside', async () => {
    await withStore((store) => store.append(aBatch({ settles: [1, 2, 3] })));
    expect(await command('retry', '--all')).toEqual({ code: 0, out: 'Nothing is set aside.\n', err: '' });
  });

  it('changes nothing when one of the entries is not there', async () => {
    const { code, out, err } = await command('retry', '1', '9');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('the quarantine has no entry 9 [QUARANTINE_UNKNOWN]\n  -> flexbridge quarantine list');
    expect(await due()).toEqual([]);
  });
});

describe('flexbridge quarantine, misused', () => {
  it.each([
    [['retry'], 'retry was not told what to try'],
    [['retry', '1', '--all'], 'both ids and --all'],
    [['retry', '1', '--show', '1'], 'retry takes no --show'],
    [['list', '1'], 'list takes no ids'],
    [['list', '--all'], 'list takes no ids'],
    [['list', '--show', 'x1'], '"x1" is no number of an entry'],
    [['list', '--show', '5'], 'the quarantine has no entry 5'],
    [['drop'], 'Allowed choices are list, retry'],
  ])('%j ends with 1 and what is wrong', async (args, message) => {
    await setAside();
    const { code, out, err } = await command(...args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(message);
  });

  it('without a database says so and makes none', async () => {
    for (const args of [['list'], ['retry', '--all']]) {
      const { code, err } = await command(...args);
      expect(code).toBe(1);
      expect(err).toContain(`there is no database at ${database} yet [STORE_ABSENT]\n  -> The first flexbridge serve`);
    }
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('with a wrong configuration ends with 78', async () => {
    writeFileSync(join(folder, 'flexbridge.yaml'), 'tenants: 7\n');
    expect((await command('list')).code).toBe(78);
  });
});
