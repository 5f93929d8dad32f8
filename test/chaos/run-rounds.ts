import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { renderParserFile } from '../../src/connector/parser-file.ts';
import { type RoundResult, unfinished } from './judge-round.ts';
import { planRound } from './plan.ts';
import { buildBridge } from './process/build.ts';
import { runRound } from './round.ts';
import type { Scheduled } from './schedule.ts';

export interface RunOptions {
  readonly rounds: readonly Scheduled[];
  /** Rounds that run at the same time. */
  readonly lanes: number;
  readonly trace?: (line: string) => void;
  readonly onRound: (result: RoundResult, done: number) => void;
}

/** Runs the rounds, each with a bridge of its own. Results in the order in which they ended. */
export async function runRounds({
  rounds,
  lanes,
  onRound,
  trace = () => undefined,
}: RunOptions): Promise<readonly RoundResult[]> {
  const build = await buildBridge();
  const text = renderParserFile({ feed: 'default', layout: 'microsoft', receiptTime: 'feed' });
  const tools = { trace, entryFile: build.entryFile, parser: loadParser(Buffer.from(text, 'latin1')).definition };
  const waiting = [...rounds];
  const results: RoundResult[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const plan = planRound(next.cell, next.seed);
      const result = await runRound(plan, tools).catch((thrown: unknown) => unfinished(plan, thrown));
      results.push(result);
      onRound(result, results.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    await build.remove();
  }
  return results;
}
