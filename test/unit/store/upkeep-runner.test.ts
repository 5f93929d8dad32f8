import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../../src/domain/bridge-event.ts';
import { BridgeError } from '../../../src/domain/errors.ts';
import type { Pruned, PruneRequest } from '../../../src/store/upkeep.ts';
import { createUpkeep, type Upkeep } from '../../../src/store/upkeep-runner.ts';
import { heldClock } from '../../support/held-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const POLICY = { ageMs: 1, sizeBytes: null, undeliveredMs: 2 };
const READERS = [{ feed: 'default', connectors: ['arcsight-01'] }];
const FULL = new BridgeError({ code: 'STORE_FULL', kind: 'operator', message: 'full', hint: 'free space' });

const running: Upkeep[] = [];
afterEach(async () => {
  for (const upkeep of running.splice(0)) await upkeep.stop();
});

function pruned(overrides: Partial<Pruned> = {}): Pruned {
  return { events: 0, records: 0, emissions: 0, alerts: 0, undelivered: {}, done: true, ...overrides };
}

/** An upkeep whose store answers as the script says, then that nothing is left. */
function rig(script: readonly (Partial<Pruned> | Error)[] = []) {
  const clock = heldClock('2026-01-01T12:00:00Z');
  const answers = [...script];
  const requests: PruneRequest[] = [];
  const events: BridgeEvent[] = [];
  let trims = 0;
  let wallAheadMs = 0;
  const upkeep = createUpkeep({
    store: {
      prune: (request) => {
        requests.push(request);
        const answer = answers.shift() ?? {};
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(pruned(answer));
      },
      trimLog: () => {
        trims += 1;
        return Promise.resolve();
      },
    },
    clock: { ...clock, now: () => clock.now() + wallAheadMs },
    emit: (event) => events.push(event),
    policy: POLICY,
    readers: () => READERS,
  });
  running.push(upkeep);
  upkeep.start();
  const settle = async () => {
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
  };
  return {
    requests,
    events,
    upkeep,
    trims: () => trims,
    stepWallClock: (ms: number) => {
      wallAheadMs += ms;
    },
    pass: async (ms: number) => {
      await settle();
      clock.step(ms);
      await settle();
    },
  };
}

describe('the upkeep of the store', () => {
  it('runs a minute after the start, then every hour, with the policy and the readers', async () => {
    const { requests, pass, trims } = rig();
    await pass(MINUTE - 1);
    expect(requests).toHaveLength(0);
    await pass(1);
    expect(requests).toEqual([{ policy: POLICY, readers: READERS, maxRows: expect.any(Number) as number }]);
    await pass(HOUR - 1);
    expect(requests).toHaveLength(1);
    await pass(1);
    expect([requests.length, trims()]).toEqual([2, 2]);
  });

  it('goes on in short steps with a rest after each, and tells the sum once', async () => {
    const { requests, events, pass } = rig([
      { events: 2, records: 2, undelivered: { default: 1, other: 1 }, done: false },
      { alerts: 3, undelivered: { default: 2 }, done: false },
      { events: 1 },
    ]);
    await pass(MINUTE);
    expect([requests.length, events]).toEqual([1, []]);
    await pass(20);
    expect(requests).toHaveLength(2);
    await pass(20);
    expect(requests).toHaveLength(3);
    expect(events).toEqual([{ name: 'pruned', events: 3, records: 2, alerts: 3, undelivered: 4 }]);
  });

  it('says nothing when there was nothing to delete', async () => {
    const { events, pass } = rig();
    await pass(MINUTE);
    expect(events).toEqual([]);
  });

  it('tells a failure, with what went before it, and tries again after five minutes', async () => {
    const { requests, events, pass } = rig([{ events: 5, done: false }, FULL, { events: 1 }]);
    await pass(MINUTE);
    await pass(20);
    expect(events).toEqual([
      { name: 'pruned', events: 5, records: 0, alerts: 0, undelivered: 0 },
      { name: 'upkeepFailed', error: FULL },
    ]);
    await pass(5 * MINUTE);
    expect(requests).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({ name: 'pruned', events: 1 });
    await pass(5 * MINUTE);
    expect(requests).toHaveLength(3);
  });

  it('deletes nothing in the turn in which the wall clock was found to have jumped', async () => {
    const { requests, pass, stepWallClock } = rig();
    await pass(MINUTE);
    stepWallClock(400 * 24 * HOUR);
    await pass(HOUR);
    expect(requests).toHaveLength(1);
    stepWallClock(-400 * 24 * HOUR);
    await pass(HOUR);
    expect(requests).toHaveLength(1);
    await pass(HOUR);
    expect(requests).toHaveLength(2);
  });

  it('stops in the middle of a rest, without a failure', async () => {
    const { requests, events, upkeep, pass } = rig([{ done: false }, { events: 1 }]);
    await pass(MINUTE);
    await upkeep.stop();
    await pass(HOUR);
    expect([requests.length, events]).toEqual([1, []]);
  });

  it('can be stopped without having been started', async () => {
    const upkeep = createUpkeep({
      store: { prune: () => Promise.resolve(pruned()), trimLog: () => Promise.resolve() },
      clock: heldClock(0),
      emit: () => undefined,
      policy: POLICY,
      readers: () => [],
    });
    await expect(upkeep.stop()).resolves.toBeUndefined();
  });
});
