import { join } from 'node:path';
import { normaliseAlerts } from '../../src/defender/map/graph-payload.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { AlertRecord } from '../../src/domain/detection.ts';
import { NO_CHECKPOINT } from '../../src/domain/window.ts';
import { createWorld } from '../../src/simulator/world.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { alertKey } from '../../src/store/row-key.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { BENCH_TENANT, FEED_RULES } from './bench-tenant.ts';
import { type BenchContext, type Benchmark, createTally } from './benchmark.ts';
import { watchLoop } from './loop-delay.ts';

const RECORDS = 20_000;
/** Of Graph. */
const PAGE_RECORDS = 200;
const SEED = 7;

/** What the hourly look back over a whole day costs while nothing has changed. */
export const duplicates: Benchmark = {
  name: 'duplicates',
  title: `${RECORDS} unchanged records through the store again, against bare lookups of the same keys`,
  columns: [
    { name: 'ms', digits: 0 },
    { name: 'records/s', digits: 0 },
    { name: 'times bare', digits: 1 },
    { name: 'of first', digits: 3 },
    { name: 'longest block ms', digits: 1 },
  ],
  async measure({ workspace, runs, progress }: BenchContext) {
    progress(`storing ${RECORDS} records`);
    const folder = workspace.folder('duplicates');
    const path = join(folder, 'flexbridge.db');
    const records = makeRecords();
    const tally = createTally();
    const store = createSqliteStore({ path, clock: systemClock });
    await store.ensureFeeds([FEED_RULES]);
    const first = await measureAppend(store, pagesOf(records, PAGE_RECORDS), 'fresh');
    // Run 0 warms up and does not count.
    for (let run = 0; run <= runs; run += 1) {
      progress(run === 0 ? 'warming up' : `run ${run} of ${runs}`);
      const bareMs = lookUp(path, records);
      const again = await measureAppend(store, pagesOf(records, PAGE_RECORDS), 'duplicate');
      const atOnce = await measureAppend(store, [records], 'duplicate');
      if (run === 0) continue;
      const row = ({ ms, longestMs }: { readonly ms: number; readonly longestMs: number | null }) => ({
        ms,
        'records/s': (RECORDS / ms) * 1000,
        'times bare': ms / bareMs,
        'of first': ms / first.ms,
        'longest block ms': longestMs,
      });
      if (run === 1) tally.add(`the first time, in pages of ${PAGE_RECORDS} (once)`, row(first));
      tally.add(`again, in pages of ${PAGE_RECORDS}`, row(again));
      tally.add(`again, all ${RECORDS} in one call`, row(atOnce));
      tally.add('bare lookups', row({ ms: bareMs, longestMs: null }));
    }
    await store.close();
    workspace.remove(folder);
    return { rows: tally.rows(), notes: notes(records) };
  },
};

function makeRecords(): readonly AlertRecord[] {
  const { tenantId } = BENCH_TENANT;
  const startMs = systemClock.now();
  const options = { startMs, backlog: RECORDS, live: 0, livePeriodMs: 60_000 };
  const world = createWorld({ seed: SEED, tenantIds: [tenantId], options });
  return normaliseAlerts(world.visible(tenantId, startMs)).records;
}

function pagesOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const pages = Math.ceil(items.length / size);
  return Array.from({ length: pages }, (_, page) => items.slice(page * size, (page + 1) * size));
}

/** Throws unless every record counts as what is expected. */
async function measureAppend(
  store: DetectionStore,
  pages: readonly (readonly AlertRecord[])[],
  expected: 'fresh' | 'duplicate',
): Promise<{ readonly ms: number; readonly longestMs: number }> {
  const source = 'graph-alerts';
  const batch = { tenant: BENCH_TENANT, source, sources: [source], setAside: [], settles: [] } as const;
  const loop = watchLoop();
  const started = performance.now();
  let counted = 0;
  for (const records of pages) {
    const counts = await store.append({ ...batch, records, checkpoint: NO_CHECKPOINT });
    counted += counts[expected];
  }
  const ms = performance.now() - started;
  if (counted !== RECORDS) throw new Error(`${counted} of ${RECORDS} records were ${expected}`);
  return { ms, longestMs: await loop.longestMs() };
}

/** The least that finds out that all are known: one keyed read each, in as many transactions as there are pages. */
function lookUp(path: string, records: readonly AlertRecord[]): number {
  const db = openSqlite(path, { readOnly: true });
  const select = db.prepare<[Buffer]>('SELECT seen FROM alert WHERE alert_key = ?');
  const pages = pagesOf(
    records.map(({ alertId }) => alertKey(BENCH_TENANT.tenantId, alertId)),
    PAGE_RECORDS,
  );
  const read = db.transaction((keys: readonly Buffer[]) => keys.filter((key) => select.get(key) !== undefined).length);
  const started = performance.now();
  const found = pages.reduce((sum, keys) => sum + read(keys), 0);
  const ms = performance.now() - started;
  db.close();
  if (found !== RECORDS) throw new Error(`${found} of ${RECORDS} keys were found`);
  return ms;
}

function notes(records: readonly AlertRecord[]): readonly string[] {
  const bytes = records.reduce((sum, { raw }) => sum + raw.length, 0) / RECORDS;
  return [
    `Records of ${(bytes / 1000).toFixed(1)} KB. The bare lookups know the keys; the store makes them, and compares a digest of each record's text.`,
    'longest block: the longest that the event loop of the process was held up at a time, garbage collection included.',
  ];
}
