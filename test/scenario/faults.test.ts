import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { FAULTS, type FaultName } from '../../src/simulator/faults/fault-table.ts';
import { SERVICES, type Service } from '../../src/simulator/service.ts';
import { type Case, play } from './fault-play.ts';
import { createFaultRig, type FaultRig } from './fault-rig.ts';
import { FAULT_ROWS, type Outcome } from './fault-table.ts';

const ROWS: Readonly<Record<FaultName, Readonly<Partial<Record<Service, Outcome | readonly Outcome[]>>>>> = FAULT_ROWS;
const CASES: readonly Case[] = FAULTS.flatMap(({ name: fault, services }) =>
  services.flatMap((service) =>
    [ROWS[fault][service] ?? []].flat().map((outcome) => {
      return { name: outcome.kind === 'fails' ? `${fault}-fails` : fault, fault, service, outcome };
    }),
  ),
);
const isSlow = ({ outcome }: Case) => outcome.kind === 'fails' && outcome.isSlow === true;

describe.each(SERVICES)('a fault of %s', (service) => {
  const cases = CASES.filter((row) => row.service === service && !isSlow(row));
  let rig: FaultRig;
  beforeAll(async () => {
    const names = cases.map(({ name }) => name);
    rig = await createFaultRig(service, names);
  });
  afterEach(() => {
    rig.rig.simulator.faults.clear();
  });
  afterAll(() => rig.close());

  it.each(cases)('$fault $outcome.kind', async (row) => {
    await play(rig, row);
  });
});

/** Each with a bridge of its own, because their time is real and passes for all of them together. */
describe.concurrent.each(CASES.filter(isSlow))('a slow fault of $service', (row) => {
  it(`${row.fault} ${row.outcome.kind}`, async () => {
    const rig = await createFaultRig(row.service, [row.name], {
      realDrips: true,
      requestTimeoutMs: 2_000,
      simulator: { faultTimes: { dripEveryMs: 100, dripBytes: 10_000 } },
    });
    try {
      await play(rig, row);
    } finally {
      await rig.close();
    }
  });
});
