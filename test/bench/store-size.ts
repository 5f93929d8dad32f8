import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pollingAsker } from './askers.ts';
import { type BenchContext, type Benchmark, createTally } from './benchmark.ts';
import { writeBridgeFiles } from './bridge-files.ts';
import { startFilledBridge } from './bridge-process.ts';
import { type GrownStore, growStore } from './grown-store.ts';
import { load } from './load.ts';
import { residentMib } from './process-figures.ts';

/** Of the simulated world: a little more than ten pages of events. */
const ALERTS = 6200;
const PAGES = 10;
const REQUESTS = 60;
const SIZES = [10_000, 1_000_000];
const TWO_DAYS_MS = 2 * 86_400_000;

/** A connector's page, whatever the size of the store. */
export const storeSize: Benchmark = {
  name: 'store-size',
  title: 'A page of 1,000 events, polled by a connector from a small and a large store',
  columns: [
    { name: 'events', digits: 0 },
    { name: 'file MB', digits: 0 },
    { name: 'p50 ms', digits: 2 },
    { name: 'p99 ms', digits: 1 },
    { name: 'p50 of the small one', digits: 2 },
    { name: 'RSS MiB', digits: 0 },
  ],
  async measure(context) {
    const tally = createTally();
    const stores = [];
    for (const size of SIZES) {
      context.progress(`making a store of about ${size} events`);
      stores.push(await makeStore(context, size));
    }
    // In turns, so that what else the machine does meets both.
    for (let run = 0; run <= context.runs; run += 1) {
      let small = Number.NaN;
      for (const store of stores) {
        context.progress(`${store.grown.events} events: ${run === 0 ? 'warming up' : `run ${run} of ${context.runs}`}`);
        const figures = await measureStore(context, store, run);
        if (Number.isNaN(small)) small = figures['p50 ms'];
        const counted = run === 0 ? createTally() : tally;
        counted.add(store.label, { ...figures, 'p50 of the small one': figures['p50 ms'] / small });
      }
    }
    for (const store of stores) await store.close();
    return { rows: tally.rows(), notes: NOTES };
  },
};

interface Store {
  readonly label: string;
  readonly folder: string;
  readonly configFile: string;
  readonly grown: GrownStore;
  close(): Promise<void>;
}

async function makeStore({ workspace, runs }: BenchContext, size: number): Promise<Store> {
  const upstream = await workspace.helper('./upstream.ts', [String(ALERTS)]);
  const folder = workspace.folder('store-size');
  const connectors = Array.from({ length: runs + 1 }, (_, run) => connectorNames(run)).flat();
  const configFile = writeBridgeFiles(folder, { upstream, connectors, tls: 'off' });
  await (await startFilledBridge(workspace, configFile)).stop();
  return {
    label: `${size.toLocaleString('en')} events`,
    folder,
    configFile,
    grown: growStore(folder, size, TWO_DAYS_MS),
    async close() {
      await upstream.end();
      workspace.remove(folder);
    },
  };
}

async function measureStore({ workspace }: BenchContext, { folder, configFile, grown }: Store, run: number) {
  const bridge = await startFilledBridge(workspace, configFile);
  const fresh = connectorNames(run).values();
  const { p50Ms, p99Ms } = await load({
    url: bridge.url,
    connections: 1,
    amount: REQUESTS,
    asker: () => pollingAsker(fresh, PAGES, grown.before),
  });
  const figures = {
    events: grown.events,
    'file MB': statSync(join(folder, 'data', 'flexbridge.db')).size / 1e6,
    'p50 ms': p50Ms,
    'p99 ms': p99Ms,
    'RSS MiB': residentMib(bridge.pid),
  };
  await bridge.stop();
  return figures;
}

function connectorNames(run: number): readonly string[] {
  return Array.from({ length: REQUESTS / PAGES }, (_, index) => `bench-${run}-${index + 1}`);
}

const NOTES = [
  `Plain http, one connection; ${REQUESTS} polls a run by ${REQUESTS / PAGES} connectors that read the newest ${PAGES} pages, as a connector does that keeps up. p99 is the slowest of them.`,
  'The large store has copies of the alerts, records, emissions and events of the small one, in the days before.',
  'RSS: of the bridge after its polls; the page cache of SQLite (32 MiB) is full then.',
];
