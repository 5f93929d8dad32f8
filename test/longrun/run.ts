import type { SourceName } from '../../src/domain/detection.ts';
import { createRandom, seedFor } from '../../src/simulator/random.ts';
import { CONTOSO } from '../support/collection-rig.ts';
import { type Counts, countsOf } from './counts.ts';
import { createHardRig } from './hard-rig.ts';
import type { Discrepancy } from './judge.ts';
import { readStored } from './stored.ts';
import { createTroubles } from './troubles.ts';
import { APIS, createTurns, isCalm } from './turns.ts';
import { type Verdict, verify } from './verify.ts';
import { createWeather } from './weather.ts';
import { createWitness } from './witness.ts';

export interface LongRunOptions {
  readonly alerts: number;
  /** Simulated days, the long outage not counted. */
  readonly days: number;
  readonly seed: number;
  /** Share of requests that go wrong, 0 to 1. */
  readonly faults: number;
  readonly apis: readonly SourceName[];
  readonly longOutageHours: number;
  /** Real time, for one answer: how long a request that hangs costs; default a second. */
  readonly requestTimeoutMs?: number;
  /** One in so many turns of the sources ends the process; default 20. */
  readonly turnsARestart?: number;
}

export interface Progress {
  /** Of the simulated time, 0 to 1. */
  readonly share: number;
  readonly simulatedMs: number;
  readonly requests: number;
  readonly restarts: number;
}

export interface LongRunResult {
  readonly counts: Counts;
  readonly discrepancies: readonly Discrepancy[];
  /** What is known of an alert, for people. */
  readonly history: (alertId: string) => readonly string[];
}

const START_MS = Date.parse('2026-03-02T06:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** After the trouble: a look back may have just been taken, by a clock that was an hour ahead. */
const QUIET_MS = 4 * HOUR_MS;
/** The last look back has to be finished by then, or something hangs. */
const MOST_QUIET_MS = 24 * HOUR_MS;

/** Collects for simulated days through faults, outages and restarts; then holds what is stored against what was shown. */
export async function runLong(options: LongRunOptions, tell: (progress: Progress) => void): Promise<LongRunResult> {
  const { alerts, days, seed, apis, longOutageHours } = options;
  const startedAt = performance.now();
  const endMs = START_MS + (days * 24 + longOutageHours) * HOUR_MS;
  const random = createRandom(seedFor(seed, 'long run'));
  const weather = createWeather({
    random,
    startMs: START_MS,
    endMs,
    longOutageMs: longOutageHours * HOUR_MS,
    turnsARestart: options.turnsARestart ?? 20,
  });
  let isOver = false;
  const witness = createWitness(() => rig.clock.now());
  const turns = createTurns({ rig: () => rig, witness, random });
  const rig = await createHardRig({
    seed,
    random,
    apis,
    alerts,
    requestTimeoutMs: options.requestTimeoutMs ?? 1_000,
    startMs: START_MS,
    endMs,
    isOut: (nowMs) => !isOver && weather.isOut(nowMs),
    onServed: witness.note,
    onRequest: turns.onRequest,
  });

  const report = (): void => {
    const { graph, defender, siem, login } = rig.simulator.requests;
    const simulatedMs = rig.clock.now() - START_MS;
    const share = Math.min(1, simulatedMs / (endMs - START_MS));
    const { stops, kills } = turns.tally();
    tell({ share, simulatedMs, requests: graph + defender + siem + login, restarts: stops + kills });
  };

  try {
    const troubles = createTroubles(rig, weather, options.faults);
    while (rig.clock.now() < endMs) {
      rig.clock.step(random.integer(MINUTE_MS, 5 * MINUTE_MS));
      troubles.update();
      await turns.run(weather.ending());
      report();
    }
    isOver = true;
    troubles.end();
    await rig.store.retryQuarantine('all');
    const quietMs = rig.clock.now();
    const isEnough = async (): Promise<boolean> =>
      rig.clock.now() > quietMs + MOST_QUIET_MS ||
      (rig.clock.now() > quietMs + QUIET_MS && (await isCalm(rig, quietMs)));
    while (!(await isEnough())) {
      rig.clock.step(5 * MINUTE_MS);
      await turns.run(null);
    }
    const stored = readStored(rig.database, CONTOSO.tenantId);
    const reach = { quietMs, endMs: rig.clock.now(), tenantId: CONTOSO.tenantId, apis: apis.map((name) => APIS[name]) };
    const verdict = withCalm(verify(witness, stored, rig.simulator.world, reach), await isCalm(rig, quietMs));
    const poisoned = troubles.poisoned();
    const facts = {
      rig,
      witness,
      stored,
      verdict,
      weather,
      tally: turns.tally(),
      poisoned,
      startMs: START_MS,
      startedAt,
    };
    return { counts: await countsOf(facts), ...verdict };
  } finally {
    await rig.close();
  }
}

function withCalm(verdict: Verdict, calm: boolean): Verdict {
  if (calm) return verdict;
  const what = 'a day after the trouble it has not become calm: see the quarantine and the status';
  return { ...verdict, discrepancies: [...verdict.discrepancies, { alertId: '', kind: 'wrong', what }] };
}
