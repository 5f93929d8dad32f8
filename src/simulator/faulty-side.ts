import type { Clock } from '../domain/clock.ts';
import { bearerOf } from './apis/bearer.ts';
import type { Fault, Handler, SimulatorAnswer, SimulatorRequest } from './exchange.ts';
import { type FaultTimes, USUAL_FAULT_TIMES } from './faults/fault-context.ts';
import { createInjector, type FaultEvent, type FaultPanel } from './faults/fault-panel.ts';
import { createFaultQueue, faultAnswer } from './faults/fault-queue.ts';
import { ownError } from './faults/own-error.ts';
import type { AccessTokens } from './login/access-token.ts';
import type { Random } from './random.ts';
import type { Service } from './service.ts';

/** A service's proper answer, with whatever is to go wrong with it. */
export interface FaultySide {
  answer(service: Service, handler: Handler, tenantId: string | null, request: SimulatorRequest): SimulatorAnswer;
  readonly panel: FaultPanel;
  /** The next `count` requests of the APIs, or of the login, get this answer. */
  readonly failNext: (count: number, fault: Fault) => void;
  readonly failLogin: (count: number, fault: Fault) => void;
}

export interface FaultySideDeps {
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  readonly random: Random;
  readonly times: Partial<FaultTimes>;
  readonly onFault: (event: FaultEvent) => void;
  readonly respondWith: (request: SimulatorRequest) => Fault | null;
  readonly strangerUrl: () => string;
  readonly changeCertificate: (connections: number, onMet: () => void) => void;
}

export function createFaultySide(deps: FaultySideDeps): FaultySide {
  const { clock, tokens, random, onFault, respondWith, changeCertificate } = deps;
  const times = { ...USUAL_FAULT_TIMES, ...deps.times };
  const injector = createInjector({ random, onFault, changeCertificate });
  const queues = { login: createFaultQueue(respondWith), apis: createFaultQueue(respondWith) };
  const queueOf = (service: Service) => {
    if (service === 'identity') return null;
    return service === 'login' ? queues.login : queues.apis;
  };
  return {
    panel: injector.panel,
    failNext: queues.apis.failNext,
    failLogin: queues.login.failNext,
    answer: (service, handler, tenantId, request) => {
      const nowMs = clock.now();
      const fault = queueOf(service)?.next(request) ?? null;
      if (fault !== null) return faultAnswer(fault, () => ownError(service, fault.status, request, nowMs));
      const context = {
        service,
        request,
        nowMs,
        times,
        random,
        strangerUrl: deps.strangerUrl(),
        proper: (changed = request) => handler(changed),
        endToken: () => {
          tokens.end(bearerOf(request) ?? '');
        },
        changeCertificate: (connections: number) => {
          changeCertificate(connections, () => undefined);
        },
      };
      return injector.answer(context, tenantId);
    },
  };
}
