import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { renderParserFile } from '../../src/connector/parser-file.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import { type RoundResult, unfinished } from './judge-round.ts';
import { planRound } from './plan.ts';
import { buildBridge } from './process/build.ts';
import type { Rig } from './rig.ts';
import { runRound } from './round.ts';
import type { Scheduled } from './schedule.ts';

export interface RunOptions {
  readonly rounds: readonly Scheduled[];
  /** Rounds that run at the same time. */
  readonly lanes: number;
  readonly trace?: (line: string) => void;
  /** @param trail every poll of the round, one a line */
  readonly onRound: (result: RoundResult, done: number, trail: readonly string[]) => void;
}

/** Mounts and processes are not left behind. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const BROKEN_OFF = 130;

/** Runs the rounds, each with a bridge of its own. Results in the order in which they ended. */
export async function runRounds({
  rounds,
  lanes,
  onRound,
  trace = () => undefined,
}: RunOptions): Promise<readonly RoundResult[]> {
  const build = await buildBridge();
  const text = renderParserFile({
    feed: 'default',
    layout: 'microsoft',
    receiptTime: 'feed',
    choices: DEFAULT_CHOICES,
  });
  const open = new Set<Rig>();
  const tools = { open, entryFile: build.entryFile, parser: loadParser(Buffer.from(text, 'latin1')).definition };
  const waiting = [...rounds];
  const results: RoundResult[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const plan = planRound(next.cell, next.seed);
      const trail: string[] = [];
      const note = (line: string): void => {
        trail.push(line);
        trace(line);
      };
      const running = runRound(plan, { ...tools, trace: note });
      const result = await running.catch((thrown: unknown) => unfinished(plan, thrown));
      results.push(result);
      onRound(result, results.length, trail);
    }
  };
  const breakOff = (): void => {
    const closing = [...open].map((rig) => rig.close());
    void Promise.allSettled([...closing, build.remove()]).finally(() => process.exit(BROKEN_OFF));
  };
  for (const signal of SIGNALS) process.once(signal, breakOff);
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    for (const signal of SIGNALS) process.off(signal, breakOff);
    await build.remove();
  }
  return results;
}
