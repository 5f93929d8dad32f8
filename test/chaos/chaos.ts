import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { TimeMeaning } from '../../src/connector/poller.ts';
import { type RoundResult, runRound } from './round.ts';

/**
 * `npm run chaos`: the bridge is killed again and again while Microsoft produces alerts and a connector polls. At the end
 * what Microsoft had, what the store holds and what the connector received are compared.
 */
const MEANINGS: readonly TimeMeaning[] = ['newest-event', 'wall-clock'];

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
const mainFile = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

let failed = false;
for (const [index, meaning] of MEANINGS.entries()) {
  process.stdout.write(`\nconnector's time = ${meaning}, ${kills} SIGKILLs of the bridge, seed ${seed + index}\n`);
  const result = await runRound({
    meaning,
    kills,
    seed: seed + index,
    mainFile,
    say: (text) => process.stdout.write(`  ${text}\n`),
  });
  process.stdout.write(report(result));
  failed ||=
    result.lost.length > 0 ||
    result.notStored.length > 0 ||
    result.repeatedPages > result.kills ||
    result.outOfOrder > 0;
}
process.stdout.write(failed ? '\nchaos: FAILED\n' : '\nchaos: nothing lost\n');
process.exitCode = failed ? 1 : 0;

function report(result: RoundResult): string {
  const rows: readonly (readonly [string, number, string])[] = [
    ['kills', result.kills, ''],
    ['failed polls', result.failedPolls, 'the connector met a dead bridge'],
    ['alerts Microsoft had', result.microsoft, 'visible and settled'],
    ['not stored', result.notStored.length, result.notStored.slice(0, 3).join(' ')],
    ['events stored', result.stored, ''],
    ['announced twice', result.twice.length, result.twice.slice(0, 3).join(' ')],
    ['events received', result.received, 'each counted once'],
    ['lost', result.lost.length, result.lost.slice(0, 5).join(' ')],
    ['out of order', result.outOfOrder, 'a first sight older than one before it'],
    ['repeated pages', result.repeatedPages, `${result.repeatedEvents} events; at most one page in flight a kill`],
  ];
  return rows.map(([name, count, note]) => `  ${name.padEnd(22)}${String(count).padStart(7)}  ${note}\n`).join('');
}
