/**
 * Helper process: reads the array of `siem-upstream.ts` once and tells what that took, `siem-reader.ts WAY CONFIG`. A
 * process of its own for each reading, because memory that was used once is not given back.
 */
import { Agent, request } from 'undici';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { watchLoop } from './loop-delay.ts';
import { EVER, openSource } from './open-source.ts';
import { pull } from './pull.ts';

const SAMPLE_MS = 5;
const MIB = 2 ** 20;
const { signal } = new AbortController();

/** Each gives what counts the detections that it read: for later, counting must not be measured. */
const WAYS: Readonly<Record<string, (config: Config) => Promise<() => number>>> = {
  pages: readPages,
  store: storePages,
  parse: parseAtOnce,
};

/** As the bridge reads: elements are cut out of the body while it arrives, and page by page made records. */
async function readPages(config: Config) {
  const { source, close } = openSource(config);
  let detections = 0;
  for await (const { records } of source.pages(EVER, signal)) {
    for (const { evidence } of records) detections += evidence.length;
  }
  await close();
  return () => detections;
}

async function storePages(config: Config) {
  await pull(config);
  return () => {
    const db = openSqlite(config.store.path, { readOnly: true });
    const count = db.prepare<[], { readonly n: number }>('SELECT sum(json_array_length(raw)) AS n FROM record');
    const stored = count.get()?.n ?? 0;
    db.close();
    return stored;
  };
}

/** The least code that reads it. */
async function parseAtOnce({ tenants: [tenant] }: Config) {
  const dispatcher = new Agent({ connect: { ca: tenant?.caPem ?? '' } });
  const url = `${tenant?.endpoints.siem ?? ''}/api/alerts?sinceTimeUtc=${EVER.from}&untilTimeUtc=${EVER.to}`;
  const { body } = await request(url, { dispatcher });
  const detections: unknown = JSON.parse(await body.text());
  await dispatcher.close();
  return () => (Array.isArray(detections) ? detections.length : 0);
}

const [way = '', configFile = ''] = process.argv.slice(2);
const read = WAYS[way];
if (read === undefined) throw new Error(`there is no way ${way}`);
const config = await loadConfig({ argvPath: configFile, env: {} });
const before = process.memoryUsage.rss();
let sampled = before;
const sampling = setInterval(() => {
  sampled = Math.max(sampled, process.memoryUsage.rss());
}, SAMPLE_MS);
const loop = watchLoop();
const started = performance.now();
const count = await read(config);
const ms = performance.now() - started;
const longestBlockMs = await loop.longestMs();
clearInterval(sampling);
// Of the whole life of the process (getrusage counts in KiB); a peak before the reading is none of it.
const peak = process.resourceUsage().maxRSS * 1024;
const figures = {
  detections: count(),
  ms,
  longestBlockMs,
  beforeMib: before / MIB,
  sampledMib: (sampled - before) / MIB,
  peakMib: (peak - before) / MIB,
};
process.send?.(Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, String(figure)])));
