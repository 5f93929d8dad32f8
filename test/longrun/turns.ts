import { setImmediate } from 'node:timers/promises';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import type { SourceName } from '../../src/domain/detection.ts';
import type { Random } from '../../src/simulator/random.ts';
import type { Api } from '../../src/simulator/service.ts';
import { CONTOSO, type CollectionRig } from '../support/collection-rig.ts';
import type { Position } from './coverage.ts';
import { createProof, lastRecord } from './proof.ts';
import type { Ending } from './weather.ts';
import type { Witness } from './witness.ts';

const MINUTE_MS = 60_000;

export const APIS: Readonly<Record<SourceName, Api>> = {
  'graph-alerts': 'graph',
  'defender-alerts': 'defender',
  'siem-detections': 'siem',
};

/** How the process fared. */
export interface Tally {
  readonly turns: number;
  readonly stops: number;
  readonly kills: number;
  /** In the middle of a turn. */
  readonly broken: number;
}

/** The turns of the sources, one after the other, and the ends of their process. */
export interface Turns {
  run(ending: Ending | null): Promise<void>;
  tally(): Tally;
  /** To be told of every request. */
  readonly onRequest: () => void;
}

export interface TurnsDeps {
  readonly rig: () => CollectionRig;
  readonly witness: Witness;
  readonly random: Random;
}

export function createTurns(deps: TurnsDeps): Turns {
  const { witness, random } = deps;
  let tally: Tally = { turns: 0, stops: 0, kills: 0, broken: 0 };
  let onRequest = (): void => undefined;

  /** Resolves when the moment has come at which the process ends; never without one. */
  const reached = async (ending: Ending | null): Promise<'reached'> => {
    let requests = 0;
    await new Promise<void>((resolve) => {
      onRequest = () => {
        requests += 1;
        if (ending !== null && requests === ending.afterRequests) resolve();
      };
    });
    for (let round = 0; round < (ending?.rounds ?? 0); round += 1) await setImmediate();
    return 'reached';
  };

  const end = async ({ kind }: Ending, abort: AbortController, done: Promise<unknown>): Promise<void> => {
    const rig = deps.rig();
    if (kind === 'kill') {
      await rig.crash(abort);
      tally = { ...tally, kills: tally.kills + 1 };
    } else {
      // As the scheduler does.
      abort.abort(new Error('stopping'));
      await done;
      await rig.restart();
      tally = { ...tally, stops: tally.stops + 1 };
    }
    rig.clock.step(random.integer(1_000, 10 * MINUTE_MS));
  };

  return {
    tally: () => tally,
    onRequest: () => {
      onRequest();
    },
    async run(ending) {
      const rig = deps.rig();
      const before = { record: lastRecord(rig.database), events: rig.events.length };
      const abort = new AbortController();
      const moment = reached(ending);
      const done = rig.tick(undefined, abort.signal).then(() => 'done' as const);
      const isBroken = (await Promise.race([done, moment])) === 'reached';
      if (ending !== null) await end(ending, abort, done);
      tally = { ...tally, turns: tally.turns + 1, broken: tally.broken + Number(isBroken) };
      const troubles = new Set(rig.events.slice(before.events).flatMap(codeOf));
      witness.settle({
        mayHaveLost: isBroken || troubles.has('NETWORK_TIMEOUT'),
        trouble: [...troubles].join(' '),
        proof: lazily(() => createProof(rig.database, CONTOSO.tenantId, before.record)),
        positions: await positionsOf(rig),
      });
    },
  };
}

function codeOf(event: BridgeEvent): readonly string[] {
  return 'error' in event ? [event.error.code] : [];
}

async function positionsOf({ store }: CollectionRig): Promise<ReadonlyMap<Api, Position>> {
  const entries = await store.quarantine();
  const checkpoints = await store.checkpoints();
  return new Map(
    checkpoints.map(({ source, watermark, window, rescan }) => {
      const setAside = entries.flatMap((entry) => (entry.source === source ? (entry.stretch ?? []) : []));
      return [APIS[source], { watermark, progress: window?.progress ?? null, lookBack: rescan.window, setAside }];
    }),
  );
}

/** Everything has been looked at again since, and nothing that can be read is set aside any more. */
export async function isCalm({ store }: CollectionRig, sinceMs: number): Promise<boolean> {
  const checkpoints = await store.checkpoints();
  const quarantine = await store.quarantine();
  const statuses = await store.statuses();
  const since = new Date(sinceMs).toISOString();
  return (
    statuses.every(({ lastError, catchingUp }) => lastError === null && catchingUp === null) &&
    quarantine.every(({ stretch }) => stretch === null) &&
    checkpoints.every(({ rescan: { window } }) => window !== null && window.progress === window.to && window.to > since)
  );
}

function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
