import { setTimeout as wait } from 'node:timers/promises';
import { startBareNode } from './bare-node.ts';
import { type BenchContext, type Benchmark, createTally } from './benchmark.ts';
import { writeBridgeFiles } from './bridge-files.ts';
import { startFilledBridge } from './bridge-process.ts';
import { freePort, whenAnswering } from './first-answer.ts';
import { residentMib } from './process-figures.ts';
import type { Helper } from './workspace.ts';

const ALERTS = 1000;
const SETTLE_MS = 3000;

/** Resident memory of a bridge that has nothing to do. */
export const idleMemory: Benchmark = {
  name: 'memory',
  title: `Idle memory, ${SETTLE_MS / 1000} s after the last work`,
  columns: [
    { name: 'RSS MiB', digits: 0 },
    { name: 'times node', digits: 1 },
  ],
  async measure(context) {
    const { workspace, runs, progress } = context;
    const empty = await workspace.helper('./upstream.ts', ['0']);
    const full = await workspace.helper('./upstream.ts', [String(ALERTS)]);
    const tally = createTally();
    for (let run = 1; run <= runs; run += 1) {
      progress(`run ${run} of ${runs}`);
      const [bare, ...bridges] = await measureRun(context, [empty, full]);
      const figures = [
        ['node with a node:http server', bare],
        ['flexbridge serve, empty store', bridges[0]],
        [`flexbridge serve, after one poll of ${ALERTS} alerts`, bridges[1]],
      ] as const;
      for (const [label, mib] of figures) {
        tally.add(label, { 'RSS MiB': mib ?? null, 'times node': mib != null && bare != null ? mib / bare : null });
      }
    }
    await Promise.all([empty.end(), full.end()]);
    const measured = process.platform === 'linux' ? [] : ['Not measured: this needs /proc of Linux.'];
    return {
      rows: tally.rows(),
      notes: ['VmRSS of processes that idle side by side; no request was answered.', ...measured],
    };
  },
};

/** MiB of a bare node and of a bridge for each upstream; null where it cannot be measured. */
async function measureRun(
  { workspace }: BenchContext,
  upstreams: readonly Helper[],
): Promise<readonly (number | null)[]> {
  const bare = startBareNode(workspace, await freePort());
  await whenAnswering(bare.url);
  const bridges = await Promise.all(
    upstreams.map((upstream) =>
      startFilledBridge(workspace, writeBridgeFiles(workspace.folder('memory'), { upstream })),
    ),
  );
  await wait(SETTLE_MS);
  const running = [bare, ...bridges];
  const figures = running.map(({ pid }) => residentMib(pid));
  await Promise.all(running.map((one) => one.stop()));
  return figures;
}
