import type { FaultName } from '../../src/simulator/faults/fault-table.ts';
import type { CollectionRig } from '../support/collection-rig.ts';
import type { Stored } from './stored.ts';
import type { Tally } from './turns.ts';
import type { Verdict } from './verify.ts';
import type { Weather } from './weather.ts';
import type { Witness } from './witness.ts';

export interface Counts extends Tally {
  readonly poisoned: number;
  readonly alerts: number;
  readonly made: number;
  readonly seen: number;
  readonly overwritten: number;
  readonly lost: number;
  readonly hidden: number;
  readonly tooYoung: number;
  readonly stale: number;
  readonly records: number;
  /** By kind; updates that are not significant apart. */
  readonly told: Readonly<Record<string, number>>;
  readonly feedEvents: number;
  readonly requests: Readonly<Record<string, number>>;
  /** Refused by the simulator because of a published limit. */
  readonly limited: number;
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly outageHours: readonly number[];
  /** Things that were set aside, that could be taken later, and that are still there. */
  readonly quarantined: number;
  readonly settled: number;
  readonly leftInQuarantine: number;
  /** Polls that failed; each was tried again. */
  readonly retries: number;
  /** Times that a page was read in smaller parts. */
  readonly narrowed: number;
  readonly lookBacks: number;
  readonly missing: number;
  readonly twice: number;
  readonly wrong: number;
  readonly simulatedHours: number;
  readonly realSeconds: number;
}

export interface Facts {
  readonly rig: CollectionRig;
  readonly witness: Witness;
  readonly stored: Stored;
  readonly verdict: Verdict;
  readonly weather: Weather;
  readonly tally: Tally;
  readonly poisoned: number;
  readonly startMs: number;
  /** Of `performance.now`. */
  readonly startedAt: number;
}

export async function countsOf(facts: Facts): Promise<Counts> {
  const { rig, witness, stored, verdict, weather, tally, poisoned, startMs, startedAt } = facts;
  const { graph, defender, siem, login } = rig.simulator.requests;
  const records = [...stored.alerts.values()].flat();
  const happened = (name: string) => rig.events.filter((event) => event.name === name).length;
  const found = (kind: string) => verdict.discrepancies.filter((one) => one.kind === kind).length;
  const limits = rig.simulator.requests.throttled();
  return {
    ...tally,
    poisoned,
    alerts: verdict.alerts,
    made: verdict.made,
    seen: verdict.seen,
    overwritten: verdict.overwritten,
    lost: verdict.lost,
    hidden: verdict.hidden,
    tooYoung: verdict.tooYoung,
    stale: witness.stale(),
    records: records.length,
    told: tallied(
      records.flatMap(({ told }) => told.map(({ kind, change }) => (change === 'other' ? `${kind} (other)` : kind))),
    ),
    feedEvents: stored.feed.events,
    requests: { graph, defender, siem, login },
    limited: limits.graph + limits.defender + limits.siem,
    faults: Object.fromEntries(Object.entries(rig.simulator.faults.counts()).filter(([, count]) => count > 0)),
    outageHours: weather.outages.map(({ fromMs, toMs }) => (toMs - fromMs) / 3_600_000),
    quarantined: happened('recordSetAside'),
    settled: happened('setAsideSettled'),
    leftInQuarantine: (await rig.store.quarantine()).length,
    retries: happened('pollFailed'),
    narrowed: happened('narrowing'),
    lookBacks: happened('rescanFinished'),
    missing: found('missing'),
    twice: found('twice'),
    wrong: found('wrong'),
    simulatedHours: (rig.clock.now() - startMs) / 3_600_000,
    realSeconds: (performance.now() - startedAt) / 1000,
  };
}

function tallied(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
