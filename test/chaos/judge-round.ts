import { cellName, promiseOf, variantText } from './cells.ts';
import type { Drained } from './drain.ts';
import type { Plan } from './plan.ts';
import type { Rig } from './rig.ts';
import type { Party } from './round.ts';
import { notStored, readStored } from './stored.ts';

/** What a round came to. Events are counted, not pages. */
export interface RoundResult {
  readonly cell: string;
  readonly seed: number;
  readonly variant: string;
  readonly stored: number;
  /** Never processed: all, and those of them that never reached the connector whole. */
  readonly lost: number;
  readonly notReceived: number;
  /** Lost by the rules, from what was seen on the wire. */
  readonly predicted: number;
  /** Given up by the bridge after many tries, as the rules say (*forced*); part of `lost` and `predicted`. */
  readonly passedOver: number;
  readonly repeats: Readonly<Record<string, number>>;
  readonly outOfOrder: number;
  readonly polls: number;
  readonly failedPolls: number;
  readonly kills: number;
  readonly stops: number;
  readonly refusedStarts: number;
  readonly stopMs: number;
  readonly durationMs: number;
  /** Empty when everything holds. */
  readonly problems: readonly string[];
}

export interface Evidence {
  readonly plan: Plan;
  readonly rig: Rig;
  readonly tested: Party;
  readonly bystander: Party;
  readonly drained: Drained;
  readonly kills: number;
  readonly stops: number;
  readonly refusedStarts: number;
  readonly stopMs: number;
  readonly durationMs: number;
}

/** SIGTERM drains within this time (docs/delivery.md). */
const STOP_LIMIT_MS = 10_500;

/** Truth, store and what the connector got, compared. */
export function judgeRound(evidence: Evidence): RoundResult {
  const { plan, rig, tested, bystander, drained, kills, stops, refusedStarts, stopMs, durationMs } = evidence;
  const stored = readStored(rig.database);
  const own = reckon(tested, stored.seqs);
  const other = reckon(bystander, stored.seqs);
  const missing = notStored(rig.simulator, drained.truthMs, stored);
  const problems = [
    ...drained.problems,
    ...tested.witness.violations,
    ...tested.tally.unexplained,
    ...mismatch(own),
    ...broken(plan, own),
    ...other.problems.map((text) => `the bystander: ${text}`),
    ...bystander.witness.violations.map((text) => `the bystander: ${text}`),
    ...bystander.tally.unexplained.map((text) => `the bystander: ${text}`),
    ...(other.lost.length > 0 ? [`the bystander lost ${list(other.lost)}`] : []),
    ...(tested.tally.outOfOrder > 0 ? [`${tested.tally.outOfOrder} events out of order`] : []),
    ...(missing.length > 0 ? [`not stored: ${missing.length} alerts, such as ${missing[0] ?? ''}`] : []),
    ...(stored.twice.length > 0 ? [`announced twice: ${stored.twice.length}, such as ${stored.twice[0] ?? ''}`] : []),
    ...(stored.integrity === 'ok' ? [] : [`the database is damaged: ${stored.integrity}`]),
    ...(stopMs > STOP_LIMIT_MS ? [`SIGTERM took ${Math.round(stopMs)} ms`] : []),
  ];
  return {
    cell: cellName(plan.cell),
    seed: plan.seed,
    variant: variantText(plan.mode),
    stored: stored.seqs.length,
    lost: own.lost.length,
    notReceived: own.notReceived.length,
    predicted: own.predicted.length,
    passedOver: own.passedOver.length,
    repeats: Object.fromEntries(tested.tally.repeats),
    outOfOrder: tested.tally.outOfOrder,
    polls: tested.tally.polls,
    failedPolls: tested.tally.failedPolls,
    kills,
    stops,
    refusedStarts,
    stopMs: Math.round(stopMs),
    durationMs: Math.round(durationMs),
    problems,
  };
}

/** A round that broke off: nothing was shown. */
export function unfinished({ cell, seed, mode }: Plan, thrown: unknown): RoundResult {
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    cell: cellName(cell),
    seed,
    variant: variantText(mode),
    stored: 0,
    lost: 0,
    notReceived: 0,
    predicted: 0,
    passedOver: 0,
    repeats: {},
    outOfOrder: 0,
    polls: 0,
    failedPolls: 0,
    kills: 0,
    stops: 0,
    refusedStarts: 0,
    stopMs: 0,
    durationMs: 0,
    problems: [`the round broke off: ${said}`],
  };
}

interface Reckoning {
  /** By which rule what was lost had counted as delivered. */
  readonly reasons: readonly string[];
  readonly lost: readonly number[];
  readonly passedOver: readonly number[];
  readonly notReceived: readonly number[];
  readonly predicted: readonly number[];
  readonly problems: readonly string[];
}

function reckon({ connector, witness }: Party, seqs: readonly number[]): Reckoning {
  const { processed, received } = connector.ledger;
  const reached = new Set<number>();
  for (const { from, to } of witness.model.taken()) {
    for (const seq of seqs) if (seq >= from && (to === null || seq <= to)) reached.add(seq);
  }
  const lost = seqs.filter((seq) => !processed.has(seq));
  const predicted = [...reached].filter((seq) => !processed.has(seq));
  const end = witness.model.acknowledged();
  const last = seqs.at(-1) ?? 0;
  const passedOver = witness.model
    .taken()
    .filter(({ by }) => by === 'passed-over')
    .map(({ from }) => from)
    .filter((seq) => !processed.has(seq));
  const reasons = witness.model
    .taken()
    .filter(({ from, to }) => lost.some((seq) => seq >= from && (to === null || seq <= to)))
    .map(({ from, to, by, why }) => `${from} to ${to ?? '?'} by ${by} (${why})`);
  return {
    reasons,
    passedOver,
    lost,
    notReceived: seqs.filter((seq) => !received.has(seq)),
    predicted,
    problems:
      end === Infinity || end === last ? [] : [`by the rules ${end ?? '?'} of ${last} are acknowledged at the end`],
  };
}

function mismatch({ lost, predicted, problems }: Reckoning): readonly string[] {
  const expected = new Set(predicted);
  const wrong = [...lost.filter((seq) => !expected.has(seq)), ...predicted.filter((seq) => !lost.includes(seq))];
  return wrong.length === 0 ? problems : [...problems, `lost ${list(lost)}, predicted ${list(predicted)}`];
}

/** What the bridge says it gives up, it may give up. */
function broken({ cell }: Plan, own: Reckoning): readonly string[] {
  const { reasons, passedOver } = own;
  const [lost, notReceived] = [own.lost, own.notReceived].map((seqs) =>
    seqs.filter((seq) => !passedOver.includes(seq)),
  );
  if (lost === undefined || notReceived === undefined) return [];
  switch (promiseOf(cell)) {
    case 'processed':
      return lost.length === 0 ? [] : [`a promised cell lost ${list(lost)}: ${reasons.join('; ')}`];
    case 'received':
      return notReceived.length === 0
        ? []
        : [`a promised cell lost ${list(notReceived)} on the way: ${reasons.join('; ')}`];
    case 'nothing':
      return [];
  }
}

function list(seqs: readonly number[]): string {
  return seqs.length === 0
    ? 'nothing'
    : `${seqs.length} (${seqs.slice(0, 8).join(' ')}${seqs.length > 8 ? ' ...' : ''})`;
}
