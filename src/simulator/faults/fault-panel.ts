import type { SimulatorAnswer, SimulatorRequest } from '../exchange.ts';
import type { Random } from '../random.ts';
import type { Service } from '../service.ts';
import { FAULT_ACTIONS } from './fault-actions.ts';
import type { FaultContext } from './fault-context.ts';
import { FAULTS, type FaultName, findFault, type PoisonName } from './fault-table.ts';
import { poisonPage } from './poison-page.ts';

/** Which requests a fault is for; all that it applies to when nothing is said. */
export interface FaultScope {
  /** Without it only the APIs, unless the fault is one of the login's own; `any` then takes every service. */
  readonly api?: Service;
  readonly tenantId?: string;
}

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
  clear(): void;
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

interface Waiting {
  readonly name: FaultName;
  readonly scope: FaultScope;
  left: number;
  /** Requests to let through first. */
  after: number;
}

interface Chance {
  readonly name: FaultName | 'any';
  readonly share: number;
  readonly scope: FaultScope;
  readonly except: readonly FaultName[];
}

export function createInjector({ random, onFault, changeCertificate }: InjectorDeps): Injector {
  let waiting: Waiting[] = [];
  let chances: Chance[] = [];
  const poisoned = new Map<string, Map<string, PoisonName>>();
  const happened = new Map<FaultName, number>();
  const note = (event: FaultEvent): void => {
    happened.set(event.name, (happened.get(event.name) ?? 0) + 1);
    onFault(event);
  };
  const draw = (service: Service, tenantId: string | null, request: SimulatorRequest): FaultName | null => {
    for (const entry of waiting) {
      if (!hits(entry.name, entry.scope, service, tenantId, request)) continue;
      if (entry.after > 0) {
        entry.after -= 1;
        continue;
      }
      entry.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return entry.name;
    }
    for (const chance of chances) {
      const names = chance.name === 'any' ? anyFor(chance, service, tenantId, request) : [chance.name];
      const [first, ...rest] = names.filter(
        (name) => chance.name === 'any' || hits(name, chance.scope, service, tenantId, request),
      );
      if (first !== undefined && random.chance(chance.share)) return random.pick([first, ...rest]);
    }
    return null;
  };
  const panel: FaultPanel = {
    next: (count, name, scope = {}) => {
      if (name === 'certificate-change') {
        // It happens to connections, before there is a request.
        changeCertificate(count, () => {
          note({ name, service: scope.api ?? 'graph', tenantId: null, path: '' });
        });
        return;
      }
      waiting.push({ name, scope, left: count, after: findFault(name)?.after ?? 0 });
    },
    probability: (name, share, { except = [], ...scope } = {}) => {
      const isSame = (other: Chance) => JSON.stringify([other.name, other.scope]) === JSON.stringify([name, scope]);
      chances = chances.filter((other) => !isSame(other));
      if (share > 0) chances.push({ name, share, scope, except });
    },
    poison: (tenantId, alertId, name) => {
      const ofTenant = poisoned.get(tenantId) ?? new Map<string, PoisonName>();
      poisoned.set(tenantId, ofTenant.set(alertId, name));
    },
    clear: () => {
      waiting = [];
      chances = [];
      poisoned.clear();
      changeCertificate(0, () => undefined);
    },
    counts: () => countsOf(happened),
  };
  return {
    panel,
    answer: (context, tenantId) => {
      const { service, request } = context;
      const name = draw(service, tenantId, request);
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

/** Whether a fault asked for by name is for this request. */
function hits(
  name: FaultName,
  scope: FaultScope,
  service: Service,
  tenantId: string | null,
  { method }: SimulatorRequest,
): boolean {
  const services = findFault(name)?.services ?? [];
  const isOwn = services.length === 1;
  if (scope.tenantId !== undefined && scope.tenantId !== tenantId) return false;
  if (scope.api !== undefined ? scope.api !== service : !isOwn && isSignIn(service)) return false;
  // What only the login says, it says when it is asked for a token.
  return services.includes(service) && (!isOwn || service !== 'login' || method === 'POST');
}

function anyFor({ scope, except }: Chance, service: Service, tenantId: string | null, request: SimulatorRequest) {
  if (scope.api !== undefined && scope.api !== service) return [];
  const exact = { ...scope, api: service };
  const names: readonly FaultName[] = FAULTS.map(({ name }) => name);
  return names.filter((name) => !except.includes(name) && hits(name, exact, service, tenantId, request));
}

function isSignIn(service: Service): boolean {
  return service === 'login' || service === 'identity';
}

function countsOf(happened: ReadonlyMap<FaultName, number>): Readonly<Record<FaultName, number>> {
  const names: readonly FaultName[] = FAULTS.map(({ name }) => name);
  // Every name of the list is there.
  return Object.fromEntries(names.map((name) => [name, happened.get(name) ?? 0])) as Record<FaultName, number>;
}
