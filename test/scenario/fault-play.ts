import { expect } from 'vitest';
import type { FindingId } from '../../src/domain/finding.ts';
import { type FaultName, isPoison } from '../../src/simulator/faults/fault-table.ts';
import type { Service } from '../../src/simulator/service.ts';
import { type FaultRig, type FaultRun, MINUTE_MS } from './fault-rig.ts';
import type { Coping, Failing, Outcome, SettingAside } from './fault-table.ts';

/** One fault of one service, and what has to come of it. */
export interface Case {
  /** Of its tenant, too. */
  readonly name: string;
  readonly fault: FaultName;
  readonly service: Service;
  readonly outcome: Outcome;
}

const TURN_MS = 30_000;

/** Everything from a calm start to a calm end. */
export async function play(rig: FaultRig, row: Case): Promise<void> {
  const { outcome } = row;
  const run = rig.run(row.name);
  const lone = await begin(rig, run, row.service);
  switch (outcome.kind) {
    case 'fails':
      await fails(rig, run, row, outcome);
      break;
    case 'copes':
      await copes(rig, run, row, outcome, lone);
      break;
    case 'sets aside':
      await setsAside(rig, run, row, outcome, lone);
  }
  await end(rig, run);
}

/** A tenant that is read for the first time has its backlog; one that goes on has alerts of the last minutes to read. */
async function begin({ rig }: FaultRig, run: FaultRun, service: Service): Promise<string> {
  const lone = run.arrive({ backlog: 3, live: 8, withinMs: 8 * MINUTE_MS });
  const isFirst = service === 'login' || service === 'identity';
  if (!isFirst) await run.turn();
  await run.twinTurn();
  rig.clock.step(9 * MINUTE_MS);
  await run.twinTurn();
  run.mark();
  return lone;
}

/** Hours later nothing is missing, nothing is there twice, and all is as it is with the twin. */
async function end({ rig }: FaultRig, run: FaultRun): Promise<void> {
  rig.clock.step(5 * 60 * MINUTE_MS);
  await run.turn();
  await run.twinTurn();
  expect(await run.content()).toEqual(await run.twinContent());
  expect(await run.stored()).not.toHaveLength(0);
  expect(await run.twinTroubles()).toEqual([]);
  await expectCalm(run);
  run.mark();
}

async function expectCalm(run: FaultRun): Promise<void> {
  const rows = await run.findings();
  expect(rows.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(rows.map(({ id }) => id)).toEqual(['token', 'source.poll']);
}

function inject({ rig }: FaultRig, run: FaultRun, { fault, service }: Case, requests: number): void {
  // Whoever finds a certificate that is not trusted looks at it once more, to name who issued it.
  const count = fault === 'certificate-change' ? 2 * requests : requests;
  rig.simulator.faults.next(count, fault, { api: service, tenantId: run.tenantId });
}

async function fails(faults: FaultRig, run: FaultRun, row: Case, outcome: Failing): Promise<void> {
  const { rig } = faults;
  const { requests = 1, asked = { [row.service]: requests } } = outcome;
  const before = await run.stored();
  inject(faults, run, row, requests);
  await run.turn();
  if (asked !== null) expect(run.asked()).toEqual(asked);
  expect(sorted(await run.stored())).toEqual(sorted(outcome.stored === 'all' ? await run.twinStored() : before));
  await expectFailure(run, outcome);
  expect(await run.twinTroubles()).toEqual([]);
  rig.simulator.faults.clear();
  await recovers(faults, run, outcome);
  if (outcome.isSlow === true) return;
  await survivesRenewal(faults, run, row);
  await lasts(faults, run, row, outcome);
}

async function expectFailure(run: FaultRun, outcome: Failing): Promise<void> {
  const { code, state, meaning, remedy, token = 'ok' } = outcome;
  const rows = await run.findings();
  const find = (id: FindingId) => rows.find((row) => row.id === id);
  expect(find('source.poll')).toMatchObject({
    state,
    meaning: expect.stringMatching(/ Next try at \d\d:\d\d:\d\dZ\.$/) as string,
    remedy: expect.stringContaining(remedy) as string,
  });
  expect(find('source.poll')?.meaning).toContain(meaning);
  expect(find('token')?.state).toBe(token);
  if (code.startsWith('TOKEN_')) expect(find('token')?.meaning).toContain(meaning);
  else if (token !== 'ok') expect(find('token')?.remedy).toContain('source.poll');
  const level = state === 'failed' ? 'error' : 'warn';
  expect(run.logged().filter(({ event }) => event === 'pollFailed')).toEqual([{ level, event: 'pollFailed', code }]);
  expect(await run.status()).toMatchObject({ failures: 1, lastError: { code } });
}

/** Nothing is asked before the time for it has come; then one turn makes everything whole, and no person acts. */
async function recovers({ rig }: FaultRig, run: FaultRun, { waitMs = 0 }: Failing): Promise<void> {
  const { nextTryMs, lastTryMs } = await run.status();
  expect((nextTryMs ?? 0) - (lastTryMs ?? 0)).toBeGreaterThanOrEqual(Math.max(waitMs, 10_000));
  const leftMs = (nextTryMs ?? 0) - rig.clock.now();
  run.mark();
  rig.clock.step(leftMs - 1);
  await run.turn();
  expect(run.asked()).toEqual({});
  expect(run.logged()).toEqual([{ level: 'debug', event: 'pollSkipped', code: undefined }]);
  rig.clock.step(1);
  await run.turn();
  await run.twinTurn();
  expect(await run.content()).toEqual(await run.twinContent());
  await expectCalm(run);
  expect(await run.twinTroubles()).toEqual([]);
  run.mark();
}

/** A token that is still valid outlives every failure to replace it. */
async function survivesRenewal(faults: FaultRig, run: FaultRun, row: Case): Promise<void> {
  if (row.service !== 'login' && row.service !== 'identity') return;
  const { rig } = faults;
  rig.clock.step(50 * MINUTE_MS);
  run.mark();
  inject(faults, run, row, 1);
  await run.turn();
  await run.twinTurn();
  rig.simulator.faults.clear();
  expect(await run.content()).toEqual(await run.twinContent());
  await expectCalm(run);
  const told = run.logged().filter(({ event }) => event === 'tokenKept' || event === 'pollFailed');
  expect(told.map(({ event }) => event)).toEqual(['tokenKept']);
  rig.clock.step(15 * MINUTE_MS);
  run.mark();
}

/** An hour of it: Microsoft is not hammered, nothing is set aside that is not to blame, and nothing is lost. */
async function lasts(faults: FaultRig, run: FaultRun, row: Case, outcome: Failing): Promise<void> {
  const { rig } = faults;
  const { mostAnHour = 45 } = outcome;
  run.arrive({ live: 6, withinMs: 20 * MINUTE_MS });
  const scope = { api: row.service, tenantId: run.tenantId };
  if (row.fault === 'certificate-change') rig.simulator.faults.next(1000, row.fault, scope);
  else rig.simulator.faults.probability(row.fault, 1, scope);
  const startMs = rig.clock.now();
  while (rig.clock.now() < startMs + 60 * MINUTE_MS) {
    rig.clock.step(MINUTE_MS);
    await run.turn();
  }
  const asked = run.asked();
  expect(asked[row.service] ?? 0).toBeLessThanOrEqual(mostAnHour);
  expect(asked.login ?? 0).toBeLessThanOrEqual(30);
  const [worst] = (await run.findings()).filter(({ id }) => id === 'source.poll');
  expect(worst).toMatchObject({ state: outcome.state });
  expect(worst?.meaning).toContain(outcome.meaning);
  expect(await run.quarantine()).toEqual([]);
  rig.simulator.faults.clear();
  await recovers(faults, run, outcome);
}

async function copes(faults: FaultRig, run: FaultRun, row: Case, outcome: Coping, lone: string): Promise<void> {
  const { rig } = faults;
  const { asked, isLate = false } = outcome;
  if (isPoison(row.fault)) rig.simulator.faults.poison(run.tenantId, lone, row.fault);
  else inject(faults, run, row, 1);
  for (let turn = 0; turn < (isLate ? 2 : 1); turn += 1) {
    if (turn > 0) rig.clock.step(TURN_MS);
    await run.turn();
  }
  expect(run.asked()).toEqual(asked);
  await run.twinTurn();
  expect(await run.content()).toEqual(await run.twinContent());
  expect(run.logged().map(({ event }) => event)).not.toContain('pollFailed');
  await expectCalm(run);
  rig.simulator.faults.clear();
  if (outcome.isOdd === true) await staysOdd(faults, run, row);
  await goesOn(faults, run);
}

/** Ten minutes of it, in which more comes. */
async function staysOdd({ rig }: FaultRig, run: FaultRun, row: Case): Promise<void> {
  rig.simulator.faults.probability(row.fault, 1, { api: row.service, tenantId: run.tenantId });
  run.arrive({ live: 3, withinMs: 6 * MINUTE_MS });
  for (let turn = 0; turn < 5; turn += 1) {
    rig.clock.step(2 * MINUTE_MS);
    await run.turn();
  }
  expect(run.logged().map(({ event }) => event)).not.toContain('pollFailed');
  rig.simulator.faults.clear();
}

/** Whatever was believed of such answers, what comes next is there a quarter of an hour later. */
async function goesOn({ rig }: FaultRig, run: FaultRun): Promise<void> {
  run.arrive({ live: 3, withinMs: 4 * MINUTE_MS });
  for (let turn = 0; turn < 7; turn += 1) {
    rig.clock.step(2 * MINUTE_MS);
    await run.turn();
  }
  await run.twinTurn();
  expect(await run.stored()).toEqual(expect.arrayContaining([...(await run.twinStored())]));
}

/** Twice: once it is left to itself, once somebody asks for it. */
async function setsAside(
  faults: FaultRig,
  run: FaultRun,
  row: Case,
  outcome: SettingAside,
  lone: string,
): Promise<void> {
  const { rig } = faults;
  await setsOneAside(faults, run, row, outcome, lone);
  const [entry] = await run.quarantine();
  rig.clock.step((entry?.nextTryMs ?? 0) - rig.clock.now());
  await settles(faults, run);
  const another = run.arrive({ live: 6, withinMs: 8 * MINUTE_MS });
  rig.clock.step(9 * MINUTE_MS);
  await run.twinTurn();
  run.mark();
  await setsOneAside(faults, run, row, outcome, another);
  expect(await rig.store.retryQuarantine('all')).toBeGreaterThan(0);
  await settles(faults, run);
}

async function setsOneAside(
  { rig }: FaultRig,
  run: FaultRun,
  row: Case,
  { code, reason, raw, isSearched }: SettingAside,
  victim: string,
): Promise<void> {
  if (!isPoison(row.fault)) throw new Error(`${row.fault} is no poison`);
  rig.simulator.faults.poison(run.tenantId, victim, row.fault);
  for (let turn = 0; turn < (isSearched ? 4 : 1); turn += 1) {
    const { nextTryMs } = await run.status();
    rig.clock.step(Math.max(0, (nextTryMs ?? 0) - rig.clock.now()));
    await run.turn();
  }
  await run.twinTurn();
  const others = async () => (await run.twinStored()).filter((alertId) => alertId !== victim);
  expect(sorted(await run.stored())).toEqual(sorted(await others()));
  expect(run.asked()[row.service]).toBeLessThanOrEqual(isSearched ? 90 : 1);

  const entries = await run.quarantine();
  expect(entries).toHaveLength(1);
  const [entry] = entries;
  expect(entry).toMatchObject({ code, reason: expect.stringContaining(reason) as string });
  expect(entry?.stretch === null).toBe(!isSearched);
  if (raw === null) expect(entry?.raw).toBe('');
  else expect(entry?.raw.slice(0, raw.length)).toBe(raw);
  const rows = (await run.findings()).filter(({ state }) => state !== 'ok');
  expect(rows).toMatchObject([
    { id: 'source.records', state: 'warning', remedy: expect.stringContaining('quarantine list') as string },
  ]);
  const lines = run.logged();
  expect(lines.filter(({ event }) => event === 'recordSetAside')).toEqual([
    { level: 'warn', event: 'recordSetAside', code },
  ]);

  // Collection goes on meanwhile, and does not come by it again.
  run.arrive({ live: 3, withinMs: 4 * MINUTE_MS });
  run.mark();
  for (let turn = 0; turn < 6; turn += 1) {
    rig.clock.step(1.5 * MINUTE_MS);
    await run.turn();
  }
  await run.twinTurn();
  expect(sorted(await run.stored())).toEqual(sorted(await others()));
  expect(run.asked()[row.service]).toBeLessThanOrEqual(6 * 2 + 4);
  expect(run.logged().map(({ event }) => event)).not.toContain('recordSetAside');
}

async function settles({ rig }: FaultRig, run: FaultRun): Promise<void> {
  rig.simulator.faults.clear();
  run.mark();
  await run.turn();
  await run.twinTurn();
  expect(await run.quarantine()).toEqual([]);
  expect(await run.content()).toEqual(await run.twinContent());
  expect(run.logged()).toContainEqual({ level: 'info', event: 'setAsideSettled', code: undefined });
  await expectCalm(run);
  run.mark();
}

function sorted(ids: readonly string[]): readonly string[] {
  return ids.toSorted();
}
