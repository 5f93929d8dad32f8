import type { Outcome } from './run-set-up.ts';

const LONGEST = 110;

/** One line as it is done. */
export function outcomeLine(outcome: Outcome): string {
  if (outcome.kind === 'not run') return `NOT RUN: ${outcome.title} because ${outcome.because}`;
  if (outcome.problem === null) return `ok      ${outcome.title}`;
  return `WRONG   ${outcome.title}: ${outcome.problem}`;
}

/** The table: set-up, expected finding, first line of doctor, whether that is right, seconds. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(cellsOf);
  const head = ['', 'set-up', 'expected', 'ok?', 's', 'first line of doctor that is not ok'];
  const all = [head, ...rows.map((cells, at) => [String(at + 1), ...cells])];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? '').length)));
  return all
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cellsOf(outcome: Outcome): readonly string[] {
  if (outcome.kind === 'not run') return [outcome.title, '', 'not run', '', outcome.because];
  const { title, expected, problem, ms, first } = outcome;
  const words = first === null ? 'every row is ok' : `${first.state} ${first.id} ${first.subject}: ${first.meaning}`;
  const line = words.length > LONGEST ? `${words.slice(0, LONGEST - 3)}...` : words;
  return [title, expected, problem === null ? 'yes' : 'NO', (ms / 1000).toFixed(1), line];
}
