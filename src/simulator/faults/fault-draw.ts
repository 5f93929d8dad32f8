import type { Random } from '../random.ts';
import type { Service } from '../service.ts';
import { FAULTS, type FaultName, findFault } from './fault-table.ts';

/** Which requests a fault is for; all that it applies to when nothing is said. */
export interface FaultScope {
  /** Without it only the APIs, unless the fault is one of the login's own; `any` then takes every service. */
  readonly api?: Service;
  readonly tenantId?: string;
}

/** The request that a fault is drawn for. */
export interface Drawing {
  readonly service: Service;
  readonly tenantId: string | null;
  readonly method: string;
}

export interface Chance {
  readonly name: FaultName | 'any';
  readonly share: number;
  readonly scope: FaultScope;
  readonly except: readonly FaultName[];
}

/** What is asked to go wrong, and what of it happens to a request. */
export interface FaultDraw {
  readonly queue: (count: number, name: FaultName, scope: FaultScope) => void;
  /** In place of an earlier one of the same name and scope. */
  readonly setChance: (chance: Chance) => void;
  readonly clear: () => void;
  /** Takes the first that fits from the queue, else draws. */
  readonly draw: (drawing: Drawing) => FaultName | null;
}

interface Waiting {
  readonly name: FaultName;
  readonly scope: FaultScope;
  left: number;
  /** Requests to let through first. */
  after: number;
}

export function createFaultDraw(random: Random): FaultDraw {
  let waiting: Waiting[] = [];
  let chances: Chance[] = [];
  const fromQueue = (drawing: Drawing): FaultName | null => {
    for (const entry of waiting) {
      if (!hits(entry.name, entry.scope, drawing)) continue;
      if (entry.after > 0) {
        entry.after -= 1;
        continue;
      }
      entry.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return entry.name;
    }
    return null;
  };
  const byChance = (drawing: Drawing): FaultName | null => {
    for (const chance of chances) {
      const [first, ...rest] = namesFor(chance, drawing);
      if (first !== undefined && random.chance(chance.share)) return random.pick([first, ...rest]);
    }
    return null;
  };
  return {
    queue: (count, name, scope) => {
      waiting.push({ name, scope, left: count, after: findFault(name)?.after ?? 0 });
    },
    setChance: (chance) => {
      const nameOf = ({ name, scope }: Chance) => JSON.stringify([name, scope.api, scope.tenantId]);
      chances = chances.filter((other) => nameOf(other) !== nameOf(chance));
      if (chance.share > 0) chances.push(chance);
    },
    clear: () => {
      waiting = [];
      chances = [];
    },
    draw: (drawing) => fromQueue(drawing) ?? byChance(drawing),
  };
}

function namesFor({ name, scope, except }: Chance, drawing: Drawing): readonly FaultName[] {
  if (name !== 'any') return hits(name, scope, drawing) ? [name] : [];
  // Any fault is meant for whatever is asked.
  const exact = { ...scope, api: scope.api ?? drawing.service };
  const names: readonly FaultName[] = FAULTS.map((fault) => fault.name);
  return names.filter((candidate) => !except.includes(candidate) && hits(candidate, exact, drawing));
}

/** Whether a fault asked for by name is for this request. */
function hits(name: FaultName, scope: FaultScope, { service, tenantId, method }: Drawing): boolean {
  const services = findFault(name)?.services ?? [];
  const isOwn = services.length === 1;
  if (scope.tenantId !== undefined && scope.tenantId !== tenantId) return false;
  if (scope.api !== undefined ? scope.api !== service : !isOwn && isSignIn(service)) return false;
  // What only the login says, it says when it is asked for a token.
  return services.includes(service) && (!isOwn || service !== 'login' || method === 'POST');
}

function isSignIn(service: Service): boolean {
  return service === 'login' || service === 'identity';
}
