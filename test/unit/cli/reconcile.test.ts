import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { feedRules } from '../../../src/bridge-feeds.ts';
import { run } from '../../../src/cli/program.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { acquireInstanceLock } from '../../../src/store/instance-lock.ts';
import { createSqliteStore } from '../../../src/store/sqlite-detection-store.ts';

const CONTOSO = '11111111-2222-4333-8444-555555555555';
const FABRIKAM = '22222222-3333-4444-8555-666666666666';
const CLIENT = { clientId: 'client-1', clientSecret: 'a~secret+value/1' };

let simulator: Simulator;
let microsoft: { readonly url: string; readonly caPem: string };
let folder: string;

beforeAll(async () => {
  simulator = createSimulator({
    seed: 3,
    clock: systemClock,
    // Fabrikam has not granted the permission.
    tenants: [
      { tenantId: CONTOSO, ...CLIENT },
      { tenantId: FABRIKAM, ...CLIENT, roles: [] },
    ],
    world: { startMs: systemClock.now(), backlog: 6, live: 0, livePeriodMs: 60_000 },
  });
  microsoft = await simulator.start();
});
afterAll(() => simulator.stop());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flexbridge-reconcile-'));
  writeFileSync(join(folder, 'ca.pem'), microsoft.caPem);
  writeFileSync(join(folder, 'secret'), CLIENT.clientSecret, { mode: 0o600 });
  writeConfig('{ name: default }');
  const { store } = await loadConfig({ argvPath: join(folder, 'flexbridge.yaml'), env: {} });
  await createSqliteStore({ path: store.path, clock: systemClock }).close();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function writeConfig(feed: string): void {
  const tenant = (name: string, id: string) => `
  - name: ${name}
    tenantId: ${id}
    cloud: custom
    endpoints: { login: "${microsoft.url}", graph: "${microsoft.url}" }
    caFile: ca.pem
    credential: { clientId: ${CLIENT.clientId}, secretFile: secret }
    sources: [{ api: graph-alerts, settle: 0s }]`;
  writeFileSync(
    join(folder, 'flexbridge.yaml'),
    `store: { path: data/events.db }\ntenants:${tenant('contoso', CONTOSO)}${tenant('fabrikam', FABRIKAM)}\nfeeds: [${feed}]\n`,
  );
}

async function reconcile(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await run(['reconcile', ...args, '--config', join(folder, 'flexbridge.yaml')], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    input: Readable.from([]),
    cwd: folder,
    isTerminal: false,
  });
  return { code, out, err };
}

describe('flexbridge reconcile', () => {
  it('compares the tenants that can be asked and says of the others why not', async () => {
    const { code, out, err } = await reconcile();
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/^contoso\/graph-alerts +6 +0 +6 +default +- +- +- +0 +0$/m);
    expect(out).toMatch(/^fabrikam\/graph-alerts +not asked$/m);
    expect(out).toMatch(/^fabrikam\/graph-alerts could not be asked: .* \[[A-Z_]+\]\n {2}-> \S/m);
    expect(out.match(/Z {2}the reading has not got there yet$/gm)).toHaveLength(6);
    expect(out).toMatch(/^Missing: 6\. Fetch and deliver it: the same command with --fetch\. Not everything could be/m);
    expect(out).toMatch(/^100% {2}24 of 24 {2}contoso\/graph-alerts: 6 alerts$/m);
  });

  it('fetches what is missing, and ends with 0 once nothing is', async () => {
    const fetched = await reconcile('--tenant', 'contoso', '--fetch');
    expect(fetched.code).toBe(0);
    expect(fetched.out.match(/ -> fetched: new, events: \d+$/gm)).toHaveLength(6);
    expect(fetched.out).toMatch(/^Nothing is missing\.$/m);
    expect((await reconcile('--tenant', CONTOSO, '--api', 'graph-alerts')).code).toBe(0);
  });

  it('prints JSON for scripts, and how far it is beside it', async () => {
    const { code, out, err } = await reconcile('--json', '--from', '40d');
    expect(code).toBe(1);
    const { complete, rows, notes } = JSON.parse(out) as { complete: boolean; rows: object[]; notes: string[] };
    expect(complete).toBe(false);
    expect(rows).toMatchObject([
      { tenant: 'contoso', problem: null, microsoft: 6, stored: 0, feeds: [{ feed: 'default', connectors: [] }] },
      { tenant: 'fabrikam', complete: false, problem: { code: 'UPSTREAM_FORBIDDEN' }, feeds: [] },
    ]);
    expect(rows[0]).toHaveProperty('missing.0.reason', 'unread');
    expect(rows[0]).toHaveProperty('missing.0.meaning', 'the reading has not got there yet');
    expect(notes).toEqual([expect.stringContaining('more than 30 days ago')]);
    expect(err).toContain('100%  100 of 100  contoso/graph-alerts: 6 alerts\n');
  });

  it('does not fetch beside a bridge that was started with other settings of its feeds', async () => {
    const { feeds, tenants, store: place } = await loadConfig({ argvPath: join(folder, 'flexbridge.yaml'), env: {} });
    const store = createSqliteStore({ path: place.path, clock: systemClock });
    await store.ensureFeeds(feeds.map((feed) => feedRules(feed, tenants)));
    await store.close();
    const lock = acquireInstanceLock(place.path, process.pid);
    const [same] = [await reconcile('--tenant', 'contoso', '--fetch')];
    writeConfig('{ name: default, filter: { minSeverity: High } }');
    const other = await reconcile('--tenant', 'contoso', '--fetch');
    const compared = await reconcile('--tenant', 'contoso');
    lock.release();
    expect([same.code, other.code, compared.code]).toEqual([0, 1, 0]);
    expect(other.err).toContain(`the running FlexBridge (pid ${process.pid}) was started with other settings`);
    expect(other.err).toContain('[SETTINGS_DIFFER]');
  });

  it.each([
    [
      ['--tenant', 'adatum'],
      'the configuration has no tenant "adatum" [TENANT_UNKNOWN]\n  -> Its tenants are: contoso',
    ],
    [['--api', 'siem-detections'], 'read by "siem-detections" [API_UNKNOWN]\n  -> They are read by: graph-alerts.'],
    [['--from', 'yesterday'], 'cannot read "yesterday" as the time of --from [TIME_UNREADABLE]'],
    [['--from', '1h', '--to', '2h'], 'there is nothing between --from 1h and --to 2h [RANGE_EMPTY]'],
  ])('%j ends with 1 and what is wrong', async (args, message) => {
    const { code, out, err } = await reconcile(...args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(message);
  });

  it('without a database says so', async () => {
    rmSync(join(folder, 'data'), { recursive: true });
    for (const args of [[], ['--fetch']]) expect((await reconcile(...args)).err).toContain('[STORE_ABSENT]');
  });
});
