import { join } from 'node:path';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { reconcileAll } from '../../src/cli/reconcile-all.ts';
import { chooseSources } from '../../src/cli/reconcile-choice.ts';
import { isComplete } from '../../src/cli/reconcile-row.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { type BridgeRig, createBridgeRig, TENANT } from '../support/bridge-rig.ts';
import { createCollectionRig } from '../support/collection-rig.ts';

let rig: BridgeRig;

async function reconcile(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await run(['reconcile', ...args, '--config', join(rig.folder, 'flexbridge.yaml')], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    input: Readable.from([]),
    cwd: rig.folder,
    isTerminal: false,
  });
  return { code, out, err };
}

/** Ids of the alerts of one poll; a later time than that of the poll before acknowledges it. */
async function poll(): Promise<readonly string[]> {
  polls += 1;
  const { body } = await rig.poll(new Date(systemClock.now() + polls * 1000).toISOString());
  return (JSON.parse(body) as { AlertId: string }[]).map(({ AlertId }) => AlertId);
}
let polls = 0;

/** Takes every trace of an alert out of the store, as a damaged disk or a hand in the file might. */
function forget(alertId: string): void {
  const database = new Database(join(rig.folder, 'data', 'flexbridge.db'));
  const [row] = database
    .prepare<[string], { alert_key: Buffer }>('SELECT alert_key FROM alert WHERE alert_id = ?')
    .all(alertId);
  const key = row?.alert_key;
  database
    .prepare('DELETE FROM feed_event WHERE emission_id IN (SELECT emission_id FROM emission WHERE alert_key = ?)')
    .run(key);
  for (const table of ['emission', 'record', 'alert'])
    database.prepare(`DELETE FROM ${table} WHERE alert_key = ?`).run(key);
  database.close();
}

describe('an alert that has vanished from the store beside a running bridge', () => {
  beforeEach(async () => {
    rig = await createBridgeRig({ backlog: 12 });
    await rig.startBridge();
    await rig.seen('pollFinished');
  });
  afterEach(() => rig.close());

  it('is named by reconcile, fetched by reconcile --fetch and delivered by the next poll of the connector', async () => {
    const ids = rig.simulator.world.visible(TENANT, systemClock.now()).map(({ id }) => id);
    const lost = ids[5] ?? '';
    expect(new Set(await poll())).toEqual(new Set(ids));
    expect(await poll()).toEqual([]);
    const whole = await reconcile();
    expect(whole.code).toBe(0);
    expect(whole.out).toMatch(/^contoso\/graph-alerts +12 +12 +0 +default +arcsight-01 +12 +0 +0 +0$/m);

    forget(lost);
    const named = await reconcile();
    expect(named.code).toBe(1);
    expect(named.out).toMatch(/^contoso\/graph-alerts +12 +11 +1 +default +arcsight-01 +11 +0 +0 +0$/m);
    expect(named.out).toMatch(new RegExp(`^ {2}${lost}  .*Z  (no reason is known|it was last updated before)`, 'm'));
    expect(await poll()).toEqual([]);

    const fetched = await reconcile('--fetch');
    expect(fetched.code).toBe(0);
    expect(fetched.out).toMatch(/^contoso\/graph-alerts +12 +12 +0 +default +arcsight-01 +11 +1 +0 +0$/m);
    expect(fetched.out).toMatch(new RegExp(`^ {2}${lost} .* -> fetched: new, events: \\d+$`, 'm'));
    expect(new Set(await poll())).toEqual(new Set([lost]));
    expect(await poll()).toEqual([]);

    const again = await reconcile('--json');
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({
      complete: true,
      rows: [{ tenant: 'contoso', api: 'graph-alerts', microsoft: 12, stored: 12, missing: [] }],
    });
    const database = new Database(join(rig.folder, 'data', 'flexbridge.db'), { readonly: true });
    const audit = database
      .prepare<[], { details: string }>("SELECT details FROM audit WHERE action = 'reconcile'")
      .all();
    database.close();
    expect(audit.map(({ details }) => JSON.parse(details) as object)).toMatchObject([
      { tenant: 'contoso', api: 'graph-alerts', microsoft: 12, fetched: 1, missing: 0, toldAgain: 0 },
    ]);
  });
});

describe('a day of each of the three APIs', () => {
  const tenants = (['graph-alerts', 'defender-alerts', 'siem-detections'] as const).map((api, index) => ({
    name: api,
    tenantId: `${index + 1}1111111-2222-4333-8444-555555555555`,
    apis: [api],
  }));
  const silent = { show: () => undefined, say: () => undefined, end: () => undefined };

  it('is complete once it was read, and was not before', async () => {
    const collection = await createCollectionRig({ tenants, world: { backlog: 60, live: 60, livePeriodMs: 600_000 } });
    const { config, store, clock } = collection;
    const compare = (fetch: boolean) =>
      reconcileAll(chooseSources(config, {}), {
        store,
        feeds: [],
        request: { fromMs: null, toMs: null, fetch },
        clock,
        progress: silent,
        signal: new AbortController().signal,
      });
    try {
      clock.step(6 * 3_600_000);
      const before = await compare(false);
      expect(before.map(({ comparison }) => comparison?.stored)).toEqual([[], [], []]);
      for (let turn = 0; turn < 5; turn += 1) await collection.tick();
      const [after, events] = [await compare(false), await collection.feed()];
      for (const [index, row] of after.entries()) {
        expect(row.comparison).toMatchObject({ missing: [], unread: [] });
        expect(row.comparison?.microsoft).toBe(before[index]?.comparison?.microsoft);
        expect(row.comparison?.microsoft).toBeGreaterThan(30);
        expect(isComplete(row)).toBe(true);
      }
      // What is complete is not told again by fetching, and the collector goes on where it was.
      await compare(true);
      await collection.tick();
      expect(await collection.feed()).toHaveLength(events.length);
    } finally {
      await collection.close();
    }
  });

  it('is brought by fetching alone, and the collector then finds nothing new', async () => {
    const collection = await createCollectionRig({ tenants, world: { backlog: 60 }, source: 'initialLookback: 24h' });
    const { config, store, clock } = collection;
    try {
      clock.step(3_600_000);
      const rows = await reconcileAll(chooseSources(config, {}), {
        store,
        feeds: [],
        request: { fromMs: clock.now() - 48 * 3_600_000, toMs: null, fetch: true },
        clock,
        progress: silent,
        signal: new AbortController().signal,
      });
      expect(rows.every(isComplete)).toBe(true);
      const fetched = (await collection.feed()).length;
      expect(fetched).toBeGreaterThan(100);
      for (let turn = 0; turn < 5; turn += 1) await collection.tick();
      expect(await collection.feed()).toHaveLength(fetched);
    } finally {
      await collection.close();
    }
  });
});
