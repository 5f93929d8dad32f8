import { startBareNode } from './bare-node.ts';
import { type BenchContext, type Benchmark, createTally, type Tally } from './benchmark.ts';
import { writeBridgeFiles } from './bridge-files.ts';
import { startBridge } from './bridge-process.ts';
import { freePort, whenAnswering } from './first-answer.ts';
import type { Helper } from './workspace.ts';

/** From the start of the process to the first 200 on /readyz. */
export const startUp: Benchmark = {
  name: 'start',
  title: 'Start-up, from the start of the process to its first 200',
  columns: [
    { name: 'ms', digits: 0 },
    { name: 'times node', digits: 1 },
  ],
  async measure(context) {
    const upstream = await context.workspace.helper('./upstream.ts', ['0']);
    const tally = createTally();
    // Run 0 reads the files into the memory of the system and does not count.
    for (let run = 0; run <= context.runs; run += 1) {
      context.progress(run === 0 ? 'warming up' : `run ${run} of ${context.runs}`);
      await measureRun(context, upstream, run === 0 ? createTally() : tally);
    }
    await upstream.end();
    return {
      rows: tally.rows(),
      notes: [
        'flexbridge serve: dist/main.js with https and a simulated Microsoft, asked on /readyz every 5 ms.',
        'The first start makes database, CA and certificate; the next one finds them.',
      ],
    };
  },
};

async function measureRun({ workspace }: BenchContext, upstream: Helper, tally: Tally): Promise<void> {
  const port = await freePort();
  const bareMs = await timeToAnswer(() => startBareNode(workspace, port), `http://127.0.0.1:${port}`);
  const folder = workspace.folder('start');
  const config = writeBridgeFiles(folder, { upstream, port });
  const bridgeMs = (): Promise<number> =>
    timeToAnswer(() => startBridge(workspace, config), `https://127.0.0.1:${port}/readyz`);
  const times = [
    ['node with a node:http server', bareMs],
    ['flexbridge serve, first start', await bridgeMs()],
    ['flexbridge serve, next start', await bridgeMs()],
  ] as const;
  for (const [label, ms] of times) tally.add(label, { ms, 'times node': ms / bareMs });
  workspace.remove(folder);
}

async function timeToAnswer(start: () => { stop(): Promise<void> }, url: string): Promise<number> {
  const started = performance.now();
  const running = start();
  await whenAnswering(url);
  const ms = performance.now() - started;
  await running.stop();
  return ms;
}
