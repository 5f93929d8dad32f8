import { CELLS, type Cell, cellName, promiseOf } from './cells.ts';
import type { RoundResult } from './judge-round.ts';
import { PATHS } from './paths/path.ts';

/** Sums of the rounds of a cell. */
export interface CellResult {
  readonly cell: string;
  readonly promised: 'processed' | 'received' | 'nothing';
  readonly rounds: number;
  readonly events: number;
  readonly lost: number;
  readonly notReceived: number;
  readonly predicted: number;
  readonly passedOver: number;
  readonly repeats: number;
  readonly outOfOrder: number;
  readonly polls: number;
  readonly kills: number;
  readonly stops: number;
  readonly failedRounds: number;
}

export function sumCells(results: readonly RoundResult[]): readonly CellResult[] {
  return CELLS.flatMap((cell) => {
    const own = results.filter((result) => result.cell === cellName(cell));
    return own.length === 0 ? [] : [sumCell(cell, own)];
  });
}

function sumCell(cell: Cell, own: readonly RoundResult[]): CellResult {
  const sum = (value: (result: RoundResult) => number): number => own.reduce((total, one) => total + value(one), 0);
  return {
    cell: cellName(cell),
    promised: promiseOf(cell),
    rounds: own.length,
    events: sum(({ stored }) => stored),
    lost: sum(({ lost }) => lost),
    notReceived: sum(({ notReceived }) => notReceived),
    predicted: sum(({ predicted }) => predicted),
    passedOver: sum(({ passedOver }) => passedOver),
    repeats: sum(({ repeats }) => Object.values(repeats).reduce((total, one) => total + one, 0)),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    polls: sum(({ polls }) => polls),
    kills: sum(({ kills }) => kills),
    stops: sum(({ stops }) => stops),
    failedRounds: own.filter(({ problems }) => problems.length > 0).length,
  };
}

/** How to see one round again. */
export function reproduction({ cell, seed }: Pick<RoundResult, 'cell' | 'seed'>): string {
  return `npm run chaos -- --rounds 1 --seed ${seed} --cells '${cell}'`;
}

export function roundLine({
  cell,
  seed,
  variant,
  stored,
  lost,
  predicted,
  repeats,
  kills,
  stops,
  durationMs,
  problems,
}: RoundResult): string {
  const again = Object.values(repeats).reduce((total, one) => total + one, 0);
  const figures = `${stored} events, ${lost} lost (${predicted} predicted), ${again} again, ${kills} kills, ${stops} stops`;
  const head = `${problems.length === 0 ? 'ok    ' : 'FAILED'} ${cell.padEnd(23)} seed ${String(seed).padEnd(4)} ${figures}, ${(durationMs / 1000).toFixed(1)} s (${variant})`;
  return [head, ...problems.map((problem) => `         ${problem}`)].join('\n');
}

const COLUMNS: readonly (readonly [title: string, value: (row: CellResult) => string | number])[] = [
  ['meaning / path', ({ cell }) => cell],
  ['promised', ({ promised }) => (promised === 'nothing' ? '-' : promised)],
  ['rounds', ({ rounds }) => rounds],
  ['events', ({ events }) => events],
  ['lost', ({ lost }) => lost],
  ['predicted', ({ predicted }) => predicted],
  ['on the way', ({ notReceived }) => notReceived],
  ['passed over', ({ passedOver }) => passedOver],
  ['again', ({ repeats }) => repeats],
  ['out of order', ({ outOfOrder }) => outOfOrder],
  ['polls', ({ polls }) => polls],
  ['kills', ({ kills }) => kills],
  ['stops', ({ stops }) => stops],
  ['failed', ({ failedRounds }) => failedRounds],
];

export function cellTable(rows: readonly CellResult[]): string {
  const lines = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, value]) => String(value(row))))];
  const widths = COLUMNS.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const print = (line: readonly string[]): string =>
    line.map((text, at) => (at < 2 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0))).join('  ');
  return `${lines.map(print).join('\n')}\n`;
}

/** Why events came again, over all rounds. */
export function repeatTable(results: readonly RoundResult[]): string {
  const reasons = new Map<string, number>();
  for (const { repeats } of results)
    for (const [reason, count] of Object.entries(repeats)) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  const rows = [...reasons].toSorted(([, a], [, b]) => b - a);
  return rows.map(([reason, count]) => `${String(count).padStart(7)}  ${reason}\n`).join('');
}

/** For docs/delivery.md: what was lost, by meaning of the time and path; bold where it is promised that nothing is. */
export function markdownTable(rows: readonly CellResult[]): string {
  const meanings = [...new Set(CELLS.map(({ meaning }) => meaning))];
  const field = (name: string): string => {
    const row = rows.find(({ cell }) => cell === name);
    return row === undefined ? '-' : lossText(row);
  };
  const line = (fields: readonly string[]): string => `| ${fields.join(' | ')} |\n`;
  return [
    line(['the time is', ...PATHS]),
    line(['---', ...PATHS.map(() => '---')]),
    ...meanings.map((meaning) => line([meaning, ...PATHS.map((path) => field(cellName({ meaning, path })))])),
  ].join('');
}

function lossText({ promised, events, lost, notReceived, passedOver }: CellResult): string {
  const passed = passedOver === 0 ? '' : `, ${passedOver} passed over`;
  switch (promised) {
    case 'processed':
      return `**${lost - passedOver} of ${events}**${passed}`;
    case 'received':
      return `**${notReceived} of ${events}** on the way, ${lost - notReceived} behind it`;
    case 'nothing':
      return `${lost - passedOver} of ${events}${passed}`;
  }
}
