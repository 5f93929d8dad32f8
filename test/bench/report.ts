import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import { type Benchmark, type Column, median, type Outcome, type Row } from './benchmark.ts';

export interface Finished {
  readonly benchmark: Benchmark;
  readonly outcome: Outcome;
}

export interface RunFacts {
  readonly runs: number;
  readonly seconds: number;
  /** Of the last minute before the start; well above 0, others were at work too. */
  readonly loadBefore: number;
}

/** For people: a table a benchmark, every figure the median of the runs. */
export function printTables(finished: readonly Finished[], { runs, seconds, loadBefore }: RunFacts): string {
  const { processor, processors, node, system, folder } = machine();
  const head = [
    `Figures are medians of ${runs} runs; ratios are taken within one run. ${seconds.toFixed(0)} s in all.`,
    `${processors} x ${processor}, ${system}, Node ${node}, data in ${folder}, load before the start ${loadBefore.toFixed(1)}`,
  ];
  const tables = finished.map(({ benchmark, outcome }) =>
    [benchmark.title, ...table(benchmark.columns, outcome.rows), ...outcome.notes.map((note) => `  ${note}`)].join(
      '\n',
    ),
  );
  return `${[head.join('\n'), ...tables].join('\n\n')}\n`;
}

/** For programs: the same with the figures of every run. */
export function printJson(finished: readonly Finished[], facts: RunFacts): string {
  const benchmarks = finished.map(({ benchmark: { name, title }, outcome: { rows, notes } }) => ({
    name,
    title,
    notes,
    rows: rows.map(({ label, figures }) => ({
      label,
      figures: Object.fromEntries(
        Object.entries(figures).map(([column, runs]) => [column, { median: median(runs), runs }]),
      ),
    })),
  }));
  return `${JSON.stringify({ machine: machine(), ...facts, benchmarks }, null, 2)}\n`;
}

function machine() {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    processors: availableParallelism(),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    folder: tmpdir(),
  };
}

function table(columns: readonly Column[], rows: readonly Row[]): readonly string[] {
  const lines = [
    ['', ...columns.map(({ name }) => name)],
    ...rows.map(({ label, figures }) => [label, ...columns.map((column) => cell(column, figures[column.name]))]),
  ];
  const widths = lines[0]?.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0))) ?? [];
  return lines.map((line) =>
    line
      .map((text, index) => (index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0)))
      .join('  '),
  );
}

function cell({ digits }: Column, figures: readonly number[] | undefined): string {
  return figures === undefined ? '-' : median(figures).toFixed(digits);
}
