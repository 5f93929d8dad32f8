import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import type { ParserDefinition } from '../../src/connector/interpreter/parser-definition.ts';
import { renderParserFile } from '../../src/connector/parser-file.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import { byKind, choose, type KillPoint, killPoints, kindOf } from './kill-points/choose.ts';
import { judgeLife, type Verdict } from './kill-points/judge-life.ts';
import { liveThrough } from './kill-points/life.ts';
import { whyNotTraced } from './kill-points/tracer.ts';
import { buildBridge } from './process/build.ts';

export interface KillPointsOptions {
  /** How many places; all of them without it. */
  readonly max: number;
  readonly say: (text: string) => void;
}

/** What became of one place. */
interface Outcome {
  readonly point: KillPoint;
  /** Where the process ended, as a place; null when it came to its end without being killed. */
  readonly at: KillPoint | null;
  readonly verdict: Verdict;
}

const LANES = 2;
/** A process also writes to itself, in every run as often as it happens to: then the next one is tried, so many times. */
const MOST_AIMS = 4;
/** Calls are not the same in number in every run; more than this share of places without a kill shows too little. */
const MOST_MISSED = 0.2;

/**
 * `npm run chaos -- --kill-points`: one small scenario, in which the bridge is killed before and after its commits and
 * its writes to sockets, one place in each life. It starts again, is drained, and truth, store and what the connector
 * processed are compared. Answers whether all is well.
 */
export async function runKillPoints({ max, say }: KillPointsOptions): Promise<boolean> {
  const reason = whyNotTraced();
  if (reason !== null) {
    say(`NOT RUN: kill points because ${reason}`);
    return false;
  }
  const began = performance.now();
  const build = await buildBridge();
  const text = renderParserFile({
    feed: 'default',
    layout: 'microsoft',
    receiptTime: 'feed',
    choices: DEFAULT_CHOICES,
  });
  const tools: Tools = { ...build, parser: loadParser(Buffer.from(text, 'latin1')).definition };
  try {
    const [tls, plain] = await Promise.all([true, false].map((secured) => judged(tools, null, secured)));
    if (tls === undefined || plain === undefined) return false;
    for (const { problems } of [tls, plain]) for (const problem of problems) say(`without a kill: ${problem}`);
    const all = [...killPoints(tls.calls, true), ...killPoints(plain.calls, false)];
    const chosen = choose(all, max);
    say(`kill points: ${chosen.length} of ${all.length} places, each in a life of its own`);
    const outcomes = await visit(chosen, tools, say);
    say(table(all, outcomes));
    const isWell = tls.problems.length + plain.problems.length === 0 && areWell(outcomes);
    say(
      `${summary(outcomes)}, ${Math.round((performance.now() - began) / 1000)} s: ${isWell ? 'as promised' : 'FAILED'}`,
    );
    return isWell;
  } finally {
    await build.remove();
  }
}

interface Tools {
  readonly entryFile: string;
  readonly parser: ParserDefinition;
}

async function visit(
  points: readonly KillPoint[],
  tools: Tools,
  say: (text: string) => void,
): Promise<readonly Outcome[]> {
  const waiting = [...points];
  const outcomes: Outcome[] = [];
  const lane = async (): Promise<void> => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
      for (const outcome of await aimAt(point, tools)) {
        outcomes.push(outcome);
        const { call } = outcome.point;
        for (const problem of outcome.verdict.problems)
          say(`${kindOf(outcome.at ?? point)}, ${call.name} ${call.number}: ${problem}`);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcomes;
}

/** A life for each try to hit such a place. */
async function aimAt(wanted: KillPoint, tools: Tools): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let further = 0; further < MOST_AIMS; further += 1) {
    const { call } = wanted;
    const point: KillPoint = { ...wanted, call: { ...call, number: call.number + further } };
    const verdict = await judged(tools, point, point.tls);
    const last = verdict.killed ? verdict.calls.at(-1) : undefined;
    outcomes.push({ point, at: last === undefined ? null : { ...point, call: last }, verdict });
    if (last?.target !== 'other') break;
  }
  return outcomes;
}

/** A life that broke off has shown nothing. */
async function judged({ entryFile, parser }: Tools, place: KillPoint | null, tls: boolean): Promise<Verdict> {
  try {
    return await liveThrough({ entryFile, parser, tls, place }, judgeLife);
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    return { calls: [], killed: false, lost: 0, twice: 0, repeats: 0, problems: [`it broke off: ${said}`] };
  }
}

function areWell(outcomes: readonly Outcome[]): boolean {
  const missed = outcomes.filter(({ at }) => at === null).length;
  return outcomes.every(({ verdict }) => verdict.problems.length === 0) && missed <= outcomes.length * MOST_MISSED;
}

/** By kind: places there are, killed there. A call's number may be another call's in another run: what counts is where. */
function table(all: readonly KillPoint[], outcomes: readonly Outcome[]): string {
  const there = byKind(all);
  const killed = byKind(outcomes.flatMap(({ at }) => at ?? []));
  const rows = [...new Set([...there.keys(), ...killed.keys()])].toSorted();
  return rows
    .map((kind) => `${count(killed.get(kind))} killed of ${count(there.get(kind))} places  ${kind}`)
    .join('\n');
}

function count(points: readonly KillPoint[] = []): string {
  return String(points.length).padStart(5);
}

function summary(outcomes: readonly Outcome[]): string {
  const sum = (of: (verdict: Verdict) => number): number =>
    outcomes.reduce((total, { verdict }) => total + of(verdict), 0);
  const killed = outcomes.filter(({ at }) => at !== null).length;
  const repeats = sum((verdict) => verdict.repeats);
  return (
    `kill points: ${killed} kills, ${outcomes.length - killed} ended before their place; ` +
    `lost ${sum((verdict) => verdict.lost)}, twice ${sum((verdict) => verdict.twice)}, repeated ${repeats} events in flight`
  );
}
