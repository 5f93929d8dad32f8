import { parseArgs } from 'node:util';
import { SET_UP_NAMES, SET_UPS, type SetUpName } from './expectations.ts';
import { inLanes } from './lanes.ts';
import { outcomeLine, tableOf } from './report.ts';
import { type Outcome, runSetUp } from './run-set-up.ts';
import type { SetUp } from './set-up.ts';

/**
 * `npm run broken-set-ups`: makes every set-up for real (a simulated Microsoft, the bridge as a process, real proxies,
 * disks, locks and certificates), asks `flexbridge doctor`, and compares its first line that is not ok with what it has to
 * be. Exit code 1 when one is otherwise.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    lanes: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
});

const chosen = values.only === undefined ? SET_UP_NAMES : SET_UP_NAMES.filter((name) => values.only?.includes(name));
if (chosen.length === 0 || chosen.length < (values.only?.length ?? 0))
  throw new Error(`--only takes one of: ${SET_UP_NAMES.join(', ')}`);

const say = (text: string): void => {
  (values.json ? process.stderr : process.stdout).write(`${text}\n`);
};
const began = performance.now();
const done: readonly Outcome[] = await inLanes(Number(values.lanes), slowFirst(chosen), async (name) => {
  const outcome = await runSetUp(name);
  say(outcomeLine(outcome));
  return outcome;
});
const outcomes = done.toSorted((a, b) => SET_UP_NAMES.indexOf(a.name) - SET_UP_NAMES.indexOf(b.name));
if (values.json) process.stdout.write(`${JSON.stringify({ setUps: outcomes }, null, 2)}\n`);
else say(`\n${tableOf(outcomes)}`);
const wrong = outcomes.filter((outcome) => outcome.kind === 'ran' && outcome.problem !== null);
const notRun = outcomes.filter(({ kind }) => kind === 'not run');
say(
  `broken-set-ups: ${outcomes.length - wrong.length - notRun.length} of ${outcomes.length} as expected, ${wrong.length} otherwise, ${notRun.length} not run, in ${Math.round((performance.now() - began) / 1000)} s`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;

function slowFirst(all: readonly SetUpName[]): readonly SetUpName[] {
  const isSlow = (name: SetUpName): boolean => {
    const { isSlow: slow }: SetUp = SET_UPS[name];
    return slow === true;
  };
  return [...all.filter(isSlow), ...all.filter((name) => !isSlow(name))];
}
