import type { Fault, Handler, SimulatorAnswer, SimulatorRequest } from './exchange.ts';

/** Answers that are to go wrong, in order; the one place where a request is answered differently. */
export interface FaultQueue {
  /** The next `count` requests get this answer; further calls queue up behind it. */
  failNext(count: number, fault: Fault): void;
  /** The handler with the queued faults, and then those of `respondWith`, in front of it. */
  guard(handler: Handler, defaultBody: (fault: Fault, request: SimulatorRequest) => unknown): Handler;
}

export function createFaultQueue(respondWith: (request: SimulatorRequest) => Fault | null): FaultQueue {
  const waiting: Fault[] = [];
  return {
    failNext: (count, fault) => {
      for (let n = 0; n < count; n += 1) waiting.push(fault);
    },
    guard: (handler, defaultBody) => (request) => {
      const fault = waiting.shift() ?? respondWith(request);
      return fault === null ? handler(request) : toAnswer(fault, () => defaultBody(fault, request));
    },
  };
}

function toAnswer(fault: Fault, defaultBody: () => unknown): SimulatorAnswer {
  const body = fault.body ?? defaultBody();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status: fault.status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...fault.headers },
    body: text,
  };
}
