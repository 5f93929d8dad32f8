import { type BenchContext, type Benchmark, createTally, type Tally } from './benchmark.ts';
import { writeBridgeFiles } from './bridge-files.ts';
import type { Helper } from './workspace.ts';

const MEGABYTES = 50;
const RUNS = 3;
const SMALL_HEAP_MIB = 96;

interface Way {
  readonly label: string;
  /** Of siem-reader.ts. */
  readonly way: 'parse' | 'pages' | 'store';
  readonly node?: readonly string[];
}

const BASE: Way = { label: 'JSON.parse of the whole body', way: 'parse' };
const WAYS: readonly Way[] = [
  { label: 'bridge, read only', way: 'pages' },
  { label: 'bridge, read and stored', way: 'store' },
];
/** Slow, as everything is then that makes garbage. */
const SMALL_HEAP: Way = {
  label: `  the same, heap of ${SMALL_HEAP_MIB} MiB (once)`,
  way: 'store',
  node: [`--max-old-space-size=${SMALL_HEAP_MIB}`],
};

/** One answer of the old SIEM API that is too large to be held. */
export const siemArray: Benchmark = {
  name: 'siem',
  title: `An array of ${MEGABYTES} MB from the old SIEM API, against JSON.parse of the whole body`,
  columns: [
    { name: 'peak MiB', digits: 0 },
    { name: 'sampled MiB', digits: 0 },
    { name: 'of parse', digits: 2 },
    { name: 'before MiB', digits: 0 },
    { name: 'ms', digits: 0 },
    { name: 'times parse', digits: 1 },
    { name: 'MB/s', digits: 1 },
    { name: 'longest block ms', digits: 0 },
  ],
  async measure(context) {
    context.progress('printing the array');
    const upstream = await context.workspace.helper('./siem-upstream.ts', [String(MEGABYTES)]);
    const tally = createTally();
    for (let run = 1; run <= RUNS; run += 1) {
      context.progress(`run ${run} of ${RUNS}`);
      await measureRun(context, upstream, tally, run === 1 ? [...WAYS, SMALL_HEAP] : WAYS);
    }
    await upstream.end();
    return { rows: tally.rows(), notes: notes(upstream) };
  },
};

async function measureRun(context: BenchContext, upstream: Helper, tally: Tally, ways: readonly Way[]): Promise<void> {
  const base = await readOnce(context, upstream, BASE);
  const add = ({ label }: Way, told: Reading): void => {
    tally.add(label, {
      'peak MiB': told.peakMib,
      'sampled MiB': told.sampledMib,
      'of parse': told.peakMib / base.peakMib,
      'before MiB': told.beforeMib,
      ms: told.ms,
      'times parse': told.ms / base.ms,
      'MB/s': Number(upstream.told['bytes']) / 1e3 / told.ms,
      'longest block ms': told.longestBlockMs,
    });
  };
  add(BASE, base);
  for (const way of ways) add(way, await readOnce(context, upstream, way));
}

type Reading = Awaited<ReturnType<typeof readOnce>>;

async function readOnce({ workspace }: BenchContext, upstream: Helper, { label, way, node }: Way) {
  const folder = workspace.folder('siem');
  const config = writeBridgeFiles(folder, { upstream, api: 'siem-detections' });
  const reader = await workspace.helper('./siem-reader.ts', [way, config], node);
  await reader.end();
  workspace.remove(folder);
  const figure = (name: string): number => Number(reader.told[name]);
  if (reader.told['detections'] !== upstream.told['detections']) {
    throw new Error(`${label}: ${reader.told['detections']} of ${upstream.told['detections']} detections were read`);
  }
  return {
    ms: figure('ms'),
    beforeMib: figure('beforeMib'),
    sampledMib: figure('sampledMib'),
    peakMib: figure('peakMib'),
    longestBlockMs: figure('longestBlockMs'),
  };
}

function notes({ told: { bytes, detections } }: Helper): readonly string[] {
  const mean = Number(bytes) / Number(detections) / 1000;
  return [
    `${detections} detections of ${mean.toFixed(1)} KB, ${(Number(bytes) / 1e6).toFixed(1)} MB in chunks over TLS from another process; medians of ${RUNS} runs, each reading in a new process.`,
    'peak, sampled: resident memory above what the process had before, by getrusage and by looking every 5 ms.',
    'stored: one tick of the collector with token and SQLite, whose page cache of 32 MiB fills up in it and stays.',
    `The heap of ${SMALL_HEAP_MIB} MiB tells memory that is needed from garbage that node leaves lying while memory is plenty.`,
  ];
}
