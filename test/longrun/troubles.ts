import type { FaultName } from '../../src/simulator/faults/fault-table.ts';
import { CONTOSO, type CollectionRig } from '../support/collection-rig.ts';
import type { Weather } from './weather.ts';

/** A secret that is wrong or over stays so until a person replaces it: it never comes and goes by itself. */
const NEED_A_PERSON: readonly FaultName[] = ['login-wrong-secret', 'login-expired-secret'];

export interface Troubles {
  /** Lets loose what is due and cures what is over. */
  update(): void;
  end(): void;
  /** Records that were poisoned for a while. */
  poisoned(): number;
}

/** Faults of single requests, and records that nobody can read for hours. @param share of requests that go wrong */
export function createTroubles({ simulator, clock }: CollectionRig, weather: Weather, share: number): Troubles {
  const { faults, world } = simulator;
  const active = new Map<Weather['poisons'][number], string>();
  const over = new Set<Weather['poisons'][number]>();
  const letLoose = (): void => {
    faults.clear();
    faults.probability('any', share, { except: NEED_A_PERSON });
    for (const [{ name }, alertId] of active) faults.poison(CONTOSO.tenantId, alertId, name);
  };
  const poison = (due: Weather['poisons'][number]): void => {
    const visible = world.visibleVersions(CONTOSO.tenantId, clock.now());
    // One of the latest tenth, most of which are read or read again.
    const { id } = visible[Math.floor(visible.length * (0.9 + due.at / 10))]?.alert ?? {};
    if (id !== undefined) active.set(due, id);
  };
  letLoose();
  return {
    update() {
      const nowMs = clock.now();
      const begun = weather.poisons.filter((due) => due.fromMs <= nowMs && !active.has(due) && !over.has(due));
      for (const due of begun) poison(due);
      const cured = [...active.keys()].filter(({ toMs }) => toMs <= nowMs);
      for (const due of cured) {
        active.delete(due);
        over.add(due);
      }
      if (begun.length + cured.length > 0) letLoose();
    },
    end: () => {
      faults.clear();
    },
    poisoned: () => active.size + over.size,
  };
}
