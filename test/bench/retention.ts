import { setTimeout as wait } from 'node:timers/promises';
import { basic, FEED } from './askers.ts';
import { type Benchmark, createTally, percentile } from './benchmark.ts';
import { CONNECTOR_SECRET, writeBridgeFiles } from './bridge-files.ts';
import { startBridge, startFilledBridge } from './bridge-process.ts';
import { growStore } from './grown-store.ts';
import { residentMib } from './process-figures.ts';
import type { Workspace } from './workspace.ts';

/** Of the simulated world: two pages of it are in the store before, the rest is read while retention works. */
const ALERTS = 6200;
const OLD_EVENTS = 100_000;
const FORTY_DAYS_MS = 40 * 86_400_000;
/** Retention begins so long after the start (src/store/upkeep-runner.ts). */
const BEGINS_MS = 60_000;
const POLL_EVERY_MS = 50;
const RUNS = 3;

/** Retention at work on 100,000 events that are too old, while a connector polls and a backfill is read. */
export const retention: Benchmark = {
  name: 'retention',
  title: `Retention deletes ${OLD_EVENTS.toLocaleString('en')} events while a connector polls and a backfill is read`,
  columns: [
    { name: 'deleted', digits: 0 },
    { name: 'seconds', digits: 1 },
    { name: 'polls', digits: 0 },
    { name: 'failed', digits: 0 },
    { name: 'events', digits: 0 },
    { name: 'p50 ms', digits: 1 },
    { name: 'p99 ms', digits: 1 },
    { name: 'slowest ms', digits: 1 },
    { name: 'RSS MiB', digits: 0 },
  ],
  async measure({ workspace, progress }) {
    const tally = createTally();
    for (let run = 1; run <= RUNS; run += 1) {
      progress(`run ${run} of ${RUNS}: about three minutes`);
      for (const [label, figures] of Object.entries(await measureRun(workspace))) tally.add(label, figures);
    }
    return { rows: tally.rows(), notes: NOTES };
  },
};

type Figures = Readonly<Record<string, number | null>>;

async function measureRun(workspace: Workspace): Promise<Readonly<Record<string, Figures>>> {
  const upstream = await workspace.helper('./upstream.ts', [String(ALERTS)]);
  const folder = workspace.folder('retention');
  const plain = { upstream, tls: 'off' } as const;
  await (await startFilledBridge(workspace, writeBridgeFiles(folder, { ...plain, source: { budget: 2 } }))).stop();
  growStore(folder, OLD_EVENTS, FORTY_DAYS_MS);
  const slowly = { schedule: '*/5 * * * * *', budget: 1 };
  const bridge = startBridge(workspace, writeBridgeFiles(folder, { ...plain, source: slowly }));
  const { url } = await bridge.logged('started');
  const begins = performance.now() + BEGINS_MS;
  const connector = poll(String(url));
  const pruned = await bridge.logged('pruned');
  const ends = performance.now();
  const polls = await connector.stop();
  const rss = residentMib(bridge.pid);
  await bridge.stop();
  await upstream.end();
  workspace.remove(folder);
  const before = polls.filter(({ atMs }) => atMs < begins);
  const during = polls.filter(({ atMs }) => atMs >= begins && atMs <= ends);
  return {
    'before it begins': { ...figuresOf(before), seconds: BEGINS_MS / 1000 },
    'while it deletes': {
      ...figuresOf(during),
      seconds: (ends - begins) / 1000,
      deleted: Number(pruned['events']),
      'RSS MiB': rss,
    },
  };
}

interface Poll {
  readonly atMs: number;
  readonly durationMs: number;
  readonly status: number;
  readonly events: number;
}

/** A connector that follows the stamp and asks again a moment after each answer. */
function poll(url: string): { stop(): Promise<readonly Poll[]> } {
  const polls: Poll[] = [];
  let since = String(Date.now() - BEGINS_MS);
  const state = { isStopped: false };
  const running = (async () => {
    while (!state.isStopped) {
      const atMs = performance.now();
      const answer = await fetch(`${url}${FEED}?since=${since}`, {
        headers: { authorization: basic('arcsight-01', CONNECTOR_SECRET) },
      });
      const body = await answer.text();
      polls.push({
        atMs,
        durationMs: performance.now() - atMs,
        status: answer.status,
        events: body.split('"FeedSeq":').length - 1,
      });
      since = /"FeedTime":(\d+)\}\]$/.exec(body)?.[1] ?? since;
      await wait(POLL_EVERY_MS);
    }
    return polls;
  })();
  return {
    stop() {
      state.isStopped = true;
      return running;
    },
  };
}

function figuresOf(polls: readonly Poll[]): Figures {
  const durations = polls.map(({ durationMs }) => durationMs);
  return {
    polls: polls.length,
    failed: polls.filter(({ status }) => status !== 200).length,
    events: polls.reduce((sum, { events }) => sum + events, 0),
    'p50 ms': percentile(durations, 0.5),
    'p99 ms': percentile(durations, 0.99),
    'slowest ms': Math.max(...durations),
  };
}

const NOTES = [
  `Plain http; the connector asks again ${POLL_EVERY_MS} ms after each answer, and most answers are empty. Every 5 s a page of 200 alerts is read and stored.`,
  `Medians of ${RUNS} runs. Old: stored 40 days ago and delivered, so that 30 days of retention have passed.`,
];
