import { join } from 'node:path';
import { insertRows, readRows } from './bare-inserts.ts';
import { type BenchContext, type Benchmark, createTally, type Tally } from './benchmark.ts';
import { bridgeConfig } from './bridge-files.ts';
import { pull } from './pull.ts';
import { measurePhases } from './pull-phases.ts';
import type { Helper } from './workspace.ts';

const ALERTS = 4000;

/** One poll of a backlog against bare inserts of the rows that it stored. */
export const pullStore: Benchmark = {
  name: 'pull',
  title: `Pull and store ${ALERTS} alerts, against bare better-sqlite3 inserts of the same rows`,
  columns: [
    { name: 'ms', digits: 0 },
    { name: 'alerts/s', digits: 0 },
    { name: 'events/s', digits: 0 },
    { name: 'times bare', digits: 1 },
    { name: '% of pull', digits: 0 },
  ],
  async measure(context) {
    const { workspace, runs, progress } = context;
    const upstream = await workspace.helper('./upstream.ts', [String(ALERTS)]);
    const tally = createTally();
    let size = { events: 0, transactions: 0 };
    // Run 0 warms up and does not count; the simulated Microsoft prints its pages in it.
    for (let run = 0; run <= runs; run += 1) {
      progress(run === 0 ? 'warming up' : `run ${run} of ${runs}`);
      size = await measureRun(context, upstream, run === 0 ? createTally() : tally);
    }
    await upstream.end();
    return { rows: tally.rows(), notes: notes(size) };
  },
};

async function measureRun({ workspace }: BenchContext, upstream: Helper, tally: Tally) {
  const folder = workspace.folder('pull');
  const config = await bridgeConfig(folder, { upstream });
  const pulled = await pull(config);
  const rows = readRows(config.store.path);
  const bareMs = insertRows(join(folder, 'bare.db'), rows);
  const phases = await measurePhases(config);
  workspace.remove(folder);
  const rate = (ms: number) => ({
    ms,
    'alerts/s': (pulled.alerts / ms) * 1000,
    'events/s': (pulled.events / ms) * 1000,
    'times bare': ms / bareMs,
    '% of pull': (ms / pulled.ms) * 100,
  });
  tally.add('pull and store', rate(pulled.ms));
  tally.add('bare inserts', rate(bareMs));
  const parts = {
    'fetch over HTTPS, parse JSON': phases.fetch,
    'normalise alerts': phases.normalise,
    'compare with known state': phases.intake,
    'render events': phases.render,
    'write SQL (the bare inserts)': bareMs,
  };
  const known = Object.values(parts).reduce((sum, ms) => sum + ms, 0);
  for (const [part, ms] of Object.entries({ ...parts, 'the rest': pulled.ms - known })) {
    tally.add(`  ${part}`, { ms, '% of pull': (ms / pulled.ms) * 100 });
  }
  const stored = rows.transactions.reduce((sum, { feed_event: events }) => sum + events.length, 0);
  if (pulled.alerts !== ALERTS || stored !== pulled.events)
    throw new Error('the rows read back are not those of the pull');
  return { events: pulled.events, transactions: rows.transactions.length + 1 };
}

function notes({
  events,
  transactions,
}: {
  readonly events: number;
  readonly transactions: number;
}): readonly string[] {
  return [
    `${ALERTS} alerts give ${events} events in ${transactions} transactions; both sides write the same tables with the same pragmas (WAL, synchronous FULL).`,
    'Pull: one tick of the collector in this process, with a new connection and a new token, HTTPS to another process whose pages lie ready.',
    'The parts are measured alone afterwards, on the same data; the rest is the token, reading states, printing JSON and waiting.',
  ];
}
