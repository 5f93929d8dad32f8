import type { SimulatorAnswer } from '../exchange.ts';
import type { Random } from '../random.ts';
import type { Service } from '../service.ts';
import { FAULT_ACTIONS } from './fault-actions.ts';
import type { FaultContext } from './fault-context.ts';
import { createFaultDraw, type FaultScope } from './fault-draw.ts';
import { FAULTS, type FaultName, type PoisonName } from './fault-table.ts';
import { poisonPage } from './poison-page.ts';

export interface FaultEvent {
  readonly name: FaultName;
  readonly service: Service;
  /** Null when the request named none. */
  readonly tenantId: string | null;
  /** Without the query. */
  readonly path: string;
}

/** Makes things go wrong. */
export interface FaultPanel {
  /** The next `count` requests it applies to; further calls queue up behind it. A poison takes the page's first record. */
  next(count: number, name: FaultName, scope?: FaultScope): void;
  /** Each request with this chance; 0 ends it. `any`: one of all that apply, but for those of `except`. */
  probability(
    name: FaultName | 'any',
    share: number,
    scope?: FaultScope & { readonly except?: readonly FaultName[] },
  ): void;
  /** Whatever shows this alert goes wrong, until `clear`. */
  poison(tenantId: string, alertId: string, name: PoisonName): void;
  /** Nothing goes wrong any more; what has happened stays counted. */
  readonly clear: () => void;
  /** How often each has happened. */
  counts(): Readonly<Record<FaultName, number>>;
}

export interface Injector {
  readonly panel: FaultPanel;
  /** The answer to a request, with whatever is to go wrong with it. */
  answer(context: FaultContext, tenantId: string | null): SimulatorAnswer;
}

export interface InjectorDeps {
  readonly random: Random;
  readonly onFault: (event: FaultEvent) => void;
  readonly changeCertificate: (connections: number, onMet: () => void) => void;
}

export function createInjector({ random, onFault, changeCertificate }: InjectorDeps): Injector {
  const { queue, setChance, clear, draw } = createFaultDraw(random);
  const poisoned = new Map<string, Map<string, PoisonName>>();
  const happened = new Map<FaultName, number>();
  const note = (event: FaultEvent): void => {
    happened.set(event.name, (happened.get(event.name) ?? 0) + 1);
    onFault(event);
  };
  const panel: FaultPanel = {
    next: (count, name, scope = {}) => {
      if (name !== 'certificate-change') {
        queue(count, name, scope);
        return;
      }
      // It happens to connections, before there is a request.
      changeCertificate(count, () => {
        note({ name, service: scope.api ?? 'graph', tenantId: null, path: '' });
      });
    },
    probability: (name, share, { except = [], ...scope } = {}) => {
      setChance({ name, share, scope, except });
    },
    poison: (tenantId, alertId, name) => {
      const ofTenant = poisoned.get(tenantId) ?? new Map<string, PoisonName>();
      poisoned.set(tenantId, ofTenant.set(alertId, name));
    },
    clear: () => {
      clear();
      poisoned.clear();
      changeCertificate(0, () => undefined);
    },
    counts: () => countsOf(happened),
  };
  return {
    panel,
    answer: (context, tenantId) => {
      const { service, request } = context;
      const name = draw({ service, tenantId, method: request.method });
      const event = { service, tenantId, path: request.path };
      if (name !== null) note({ ...event, name });
      const answer = name === null ? context.proper() : FAULT_ACTIONS[name](context);
      const poisons = [...(poisoned.get(tenantId ?? '') ?? [])].map(([alertId, poison]) => ({ alertId, name: poison }));
      if (poisons.length === 0) return answer;
      const hit = poisons.find(({ alertId }) => answer.page?.rows.some((row) => row.alertId === alertId));
      if (hit !== undefined) note({ ...event, name: hit.name });
      return poisonPage(context, answer, answer.page, poisons);
    },
  };
}

function countsOf(happened: ReadonlyMap<FaultName, number>): Readonly<Record<FaultName, number>> {
  const names: readonly FaultName[] = FAULTS.map(({ name }) => name);
  // Every name of the list is there.
  return Object.fromEntries(names.map((name) => [name, happened.get(name) ?? 0])) as Record<FaultName, number>;
}
