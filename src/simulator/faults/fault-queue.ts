import type { Fault, SimulatorAnswer, SimulatorRequest } from '../exchange.ts';

/** Answers a test has written out, in the order in which they are to be given. */
export interface FaultQueue {
  /** The next `count` requests get this answer; further calls queue up behind it. */
  readonly failNext: (count: number, fault: Fault) => void;
  next(request: SimulatorRequest): Fault | null;
}

/** @param respondWith asked when nothing is queued */
export function createFaultQueue(respondWith: (request: SimulatorRequest) => Fault | null): FaultQueue {
  const waiting: Fault[] = [];
  return {
    failNext: (count, fault) => {
      for (let n = 0; n < count; n += 1) waiting.push(fault);
    },
    next: (request) => waiting.shift() ?? respondWith(request),
  };
}

/** @param own what the service says itself with this status */
export function faultAnswer(fault: Fault, own: () => SimulatorAnswer): SimulatorAnswer {
  const { body = own().body } = fault;
  return {
    status: fault.status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...fault.headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  };
}
