/** The measuring process: `measure.ts FOLDER [--json] [--only NAME]`. Tables to standard output, progress to standard error. */
import { rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { duplicates } from './duplicates.ts';
import { idleMemory } from './idle-memory.ts';
import { page } from './page.ts';
import { pullStore } from './pull-store.ts';
import { type Finished, printJson, printTables } from './report.ts';
import { retention } from './retention.ts';
import { siemArray } from './siem-array.ts';
import { startUp } from './start-up.ts';
import { storeSize } from './store-size.ts';
import { createWorkspace } from './workspace.ts';

const RUNS = 5;
const BENCHMARKS: readonly Benchmark[] = [
  page,
  storeSize,
  pullStore,
  duplicates,
  siemArray,
  startUp,
  idleMemory,
  retention,
];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const [folder = ''] = positionals;
process.once('disconnect', () => {
  // Whoever watched was killed: nobody else is left to clean up.
  rmSync(folder, { recursive: true, force: true });
  process.kill(0, 'SIGKILL');
});

const workspace = createWorkspace(folder);
const [loadBefore = 0] = loadavg();
const started = performance.now();
const finished: Finished[] = [];
for (const benchmark of chosen()) {
  const progress = (text: string): void => {
    process.stderr.write(`bench ${benchmark.name}: ${text}\n`);
  };
  finished.push({ benchmark, outcome: await benchmark.measure({ workspace, runs: RUNS, progress }) });
}
const facts = { runs: RUNS, seconds: Math.round((performance.now() - started) / 1000), loadBefore };
process.stdout.write(options.json ? printJson(finished, facts) : printTables(finished, facts));
process.removeAllListeners('disconnect');
process.disconnect();

function chosen(): readonly Benchmark[] {
  const { only } = options;
  if (only === undefined) return BENCHMARKS;
  const names = BENCHMARKS.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(', ')}; there are ${names.join(', ')}`);
  return BENCHMARKS.filter(({ name }) => only.includes(name));
}
