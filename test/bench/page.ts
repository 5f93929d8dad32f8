import { PAGE_EVENTS, pollingAsker } from './askers.ts';
import { type BenchContext, type Benchmark, createTally, type Tally } from './benchmark.ts';
import { type LoadFigures, type LoadRequest, load } from './load.ts';
import { createPageStage, type PageStage, type Scheme, type Server } from './page-stage.ts';
import { processorMs } from './process-figures.ts';

/** Enough for PAGES full pages: an alert of the simulated world gives about 1.7 events. */
const ALERTS = 6200;
const PAGES = 10;
const REQUESTS = 80;
const CONNECTIONS = [1, 4];
const SCHEMES: readonly Scheme[] = ['http', 'https'];

/** The feed against node:http and node:https sending the same bytes from memory. */
export const page: Benchmark = {
  name: 'page',
  title: `A page of ${PAGE_EVENTS} events from the feed, against node:http or node:https sending the same bytes from memory`,
  columns: [
    { name: 'req/s', digits: 0 },
    { name: 'p50 ms', digits: 1 },
    { name: 'p99 ms', digits: 1 },
    { name: 'MB/s', digits: 0 },
    { name: 'of raw', digits: 2 },
    { name: 'server CPU ms', digits: 1 },
  ],
  async measure(context) {
    context.progress('filling the store');
    const connectors = connectorNames(context.runs);
    const stage = await createPageStage(context.workspace, { alerts: ALERTS, connectors });
    const tally = createTally();
    const fresh = connectors.values();
    for (const scheme of SCHEMES) await measureScheme(context, { scheme, stage, tally, fresh });
    await stage.close();
    return { rows: tally.rows(), notes: notes(stage.pageBytes) };
  },
};

interface Measured {
  readonly scheme: Scheme;
  readonly stage: PageStage;
  readonly tally: Tally;
  /** Connectors that have not polled yet. */
  readonly fresh: Iterator<string, undefined>;
}

async function measureScheme({ runs, progress }: BenchContext, { scheme, stage, tally, fresh }: Measured) {
  const servers = await stage.startServers(scheme);
  const { bridge, raw } = servers;
  const samePage = () => stage.samePage();
  // Run 0 warms the processes up and does not count.
  for (let run = 0; run <= runs; run += 1) {
    progress(run === 0 ? `${scheme}: warming up` : `${scheme}: run ${run} of ${runs}`);
    const counted = run === 0 ? createTally() : tally;
    for (const connections of CONNECTIONS) {
      const label = (what: string): string => `${scheme} x${connections}  ${what}`;
      const times = { connections, amount: REQUESTS };
      const base = await measureServer(raw, { ...times, asker: samePage });
      counted.add(label('raw, from memory'), row(base, base));
      const read = await measureServer(bridge, { ...times, asker: samePage });
      counted.add(label('bridge, read'), row(read, base));
      const poll = await measureServer(bridge, { ...times, asker: () => pollingAsker(fresh, PAGES) });
      counted.add(label('bridge, connector polls'), row(poll, base));
    }
  }
  await servers.stop();
}

type ServerFigures = LoadFigures & { readonly processorMs: number | null };

async function measureServer({ url, pid }: Server, request: Omit<LoadRequest, 'url'>): Promise<ServerFigures> {
  const before = processorMs(pid);
  const figures = await load({ url, ...request });
  const after = processorMs(pid);
  return { ...figures, processorMs: before === null || after === null ? null : (after - before) / request.amount };
}

function row(figures: ServerFigures, base: ServerFigures): Readonly<Record<string, number | null>> {
  return {
    'req/s': figures.perSecond,
    'p50 ms': figures.p50Ms,
    'p99 ms': figures.p99Ms,
    'MB/s': figures.megabytesPerSecond,
    'of raw': figures.perSecond / base.perSecond,
    'server CPU ms': figures.processorMs,
  };
}

/** A connector reads the feed once, from its first page to its last. */
function connectorNames(runs: number): readonly string[] {
  const perRun = CONNECTIONS.map((connections) => connections * Math.ceil(REQUESTS / connections / PAGES));
  const needed = SCHEMES.length * (runs + 1) * perRun.reduce((sum, connectors) => sum + connectors, 0);
  return Array.from({ length: needed }, (_, index) => `bench-${index + 1}`);
}

function notes(pageBytes: number): readonly string[] {
  return [
    `The page has ${(pageBytes / 1e6).toFixed(2)} MB. x1, x4: connections, each with one request at a time; ${REQUESTS} requests a run in all, so p99 is the slowest of them.`,
    'raw: a process of its own that sends the page from a Buffer. bridge: dist/main.js serve.',
    'read: by an operator, moves no position; the password was checked with scrypt once, in the warm-up.',
    'connector polls: each acknowledges the page before it and takes the next, with two commits to the disk (page sent, answer gone).',
    'The load generator (autocannon) is part of every time and shares the processors; server CPU is the server process alone, per request.',
  ];
}
