import { parseArgs } from 'node:util';
import { SOURCE_NAMES, type SourceName } from '../../src/domain/detection.ts';
import { printCounts, printDiscrepancies } from './printout.ts';
import { type Progress, runLong } from './run.ts';

/**
 * `npm run longrun`: simulated days of collecting through faults, outages and restarts. At the end what is stored and
 * told is held against everything that Microsoft's answers contained.
 */
const { values } = parseArgs({
  options: {
    alerts: { type: 'string', default: '20000' },
    days: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '0.2' },
    api: { type: 'string', default: 'graph-alerts' },
    outage: { type: 'string', default: '48' },
  },
});
const isTerminal = process.stdout.isTTY;
let told = -1;

process.stdout.write(
  `long run: ${Object.entries(values)
    .map(([name, value]) => `--${name} ${value}`)
    .join(' ')}\n`,
);
const result = await runLong(
  {
    alerts: numberOf(values.alerts),
    days: numberOf(values.days),
    seed: numberOf(values.seed),
    faults: numberOf(values.faults),
    apis: apisOf(values.api),
    longOutageHours: numberOf(values.outage),
  },
  tell,
);
if (isTerminal) process.stdout.write('\n');
process.stdout.write(printCounts(result.counts));
if (result.discrepancies.length > 0) process.stdout.write(`\n${printDiscrepancies(result)}`);
process.stdout.write(result.discrepancies.length > 0 ? 'long run: FAILED\n' : 'long run: everything once\n');
process.exitCode = result.discrepancies.length > 0 ? 1 : 0;

function numberOf(text: string): number {
  const number = Number(text);
  if (text === '' || !(number >= 0)) throw new Error(`${text} is no number`);
  return number;
}

function apisOf(name: string): readonly SourceName[] {
  const apis = SOURCE_NAMES.filter((known) => name === 'all' || name === known);
  if (apis.length === 0) throw new Error(`--api is one of ${SOURCE_NAMES.join(', ')}, all`);
  return apis;
}

/** One line that is written over on a terminal, else a line for every tenth. */
function tell({ share, simulatedMs, requests, restarts }: Progress): void {
  const step = Math.floor(share * (isTerminal ? 1000 : 10));
  if (step === told) return;
  told = step;
  const text = `${(share * 100).toFixed(isTerminal ? 1 : 0)} %, ${(simulatedMs / 3_600_000).toFixed(1)} h, ${requests} requests, ${restarts} restarts`;
  process.stdout.write(isTerminal ? `\r${text.padEnd(70)}` : `${text}\n`);
}
