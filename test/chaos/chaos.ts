import { parseArgs } from 'node:util';
import { CELLS, chooseCells } from './cells.ts';
import { runKillPoints } from './kill-points.ts';
import { createProgress } from './progress.ts';
import { cellTable, markdownTable, repeatTable, reproduction, roundLine, sumCells } from './report.ts';
import { runRounds } from './run-rounds.ts';
import { scheduleRounds } from './schedule.ts';

/**
 * `npm run chaos`: Microsoft with faults, the bridge as a process that is killed, stopped, paused, set and filled up, and a
 * connector that dies; every meaning of the connector's time on every path. At the end of each round truth, store and what
 * the connector processed are compared. Exit code 1 when anything was lost that is promised, or that no rule predicts.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    cells: { type: 'string' },
    lanes: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    'kill-points': { type: 'boolean', default: false },
    max: { type: 'string', default: 'Infinity' },
  },
});
const FULL_ROUNDS = 5;

if (values['kill-points']) {
  const isWell = await runKillPoints({ max: Number(values.max), say: (text) => process.stdout.write(`${text}\n`) });
  process.exit(isWell ? 0 : 1);
}

const seed = Number(values.seed);
const cells = values.cells === undefined ? CELLS : chooseCells(values.cells);
const rounds = scheduleRounds(cells, Number(values.rounds), seed);
if (rounds.length === 0)
  throw new Error(
    `no rounds: --cells takes parts of names such as ${CELLS.slice(0, 2)
      .map(({ meaning, path }) => `${meaning}/${path}`)
      .join(', ')}`,
  );

const say = (text: string): void => {
  (values.json ? process.stderr : process.stdout).write(`${text}\n`);
};
const progress = createProgress(rounds.length, process.stderr);
say(`chaos: ${rounds.length} rounds over ${cells.length} cells, seed ${seed}`);
if (rounds.length < cells.length * FULL_ROUNDS)
  say(`chaos: fewer than ${FULL_ROUNDS} rounds a cell; --rounds ${cells.length * FULL_ROUNDS} is the whole run`);
const began = performance.now();
const results = await runRounds({
  rounds,
  lanes: Number(values.lanes),
  ...(values.trace && { trace: (line: string) => process.stderr.write(`${line}\n`) }),
  onRound(result, done, trail) {
    progress.clear();
    say(roundLine(result));
    if (result.problems.length > 0) {
      say(`         again: ${reproduction(result)}`);
      for (const line of trail) say(`           ${line}`);
    }
    progress.show(done);
  },
});
progress.clear();

const rows = sumCells(results);
const failed = results.filter(({ problems }) => problems.length > 0);
if (values.json) process.stdout.write(`${JSON.stringify({ seed, rows, rounds: results }, null, 2)}\n`);
else if (values.table) process.stdout.write(`\n${markdownTable(rows)}`);
else process.stdout.write(`\n${cellTable(rows)}\nEvents that came again, by reason:\n${repeatTable(results)}`);
say(
  `\nchaos: ${failed.length === 0 ? 'all rounds as promised and predicted' : `${failed.length} rounds FAILED`}, ${Math.round((performance.now() - began) / 1000)} s`,
);
for (const result of failed) say(`  ${reproduction(result)}`);
process.exitCode = failed.length === 0 ? 0 : 1;
