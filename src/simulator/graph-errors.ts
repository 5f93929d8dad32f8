import { randomUUID } from 'node:crypto';
import type { SimulatorAnswer, SimulatorRequest } from './exchange.ts';

/** Thrown while a request is read; becomes Graph's error JSON. */
export class GraphRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'GraphRefusal';
    this.status = status;
    this.code = code;
  }
}

/** Content type of everything Graph answers. */
export const GRAPH_JSON =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** Request ids that Graph puts on every answer; the caller's own comes back. */
export function graphHeaders(request: SimulatorRequest): Record<string, string> {
  const requestId = randomUUID();
  return {
    'request-id': requestId,
    'client-request-id': request.headers['client-request-id'] ?? requestId,
  };
}

/** @param nowMs epoch ms */
export function graphError(refusal: GraphRefusal, request: SimulatorRequest, nowMs: number): SimulatorAnswer {
  const ids = graphHeaders(request);
  const challenge: Record<string, string> =
    refusal.status === 401
      ? { 'www-authenticate': `Bearer realm="", authorization_uri="${request.origin}/common/oauth2/authorize"` }
      : {};
  return {
    status: refusal.status,
    headers: { 'content-type': 'application/json', ...ids, ...challenge },
    body: JSON.stringify(graphErrorBody(refusal, ids, nowMs)),
  };
}

export function graphErrorBody(refusal: GraphRefusal, ids: Readonly<Record<string, string>>, nowMs: number): object {
  return {
    error: {
      code: refusal.code,
      message: refusal.message,
      innerError: {
        date: new Date(nowMs).toISOString().slice(0, 19),
        'request-id': ids['request-id'],
        'client-request-id': ids['client-request-id'],
      },
    },
  };
}

/** What Graph would say with this status when it fails by itself. */
export function graphFailure(status: number): GraphRefusal {
  if (status === 429) return new GraphRefusal(429, 'TooManyRequests', 'Too many requests');
  if (status === 401) return new GraphRefusal(401, 'InvalidAuthenticationToken', 'Access token has been revoked.');
  if (status === 403) return new GraphRefusal(403, 'Forbidden', 'Insufficient privileges to complete the operation.');
  if (status === 503) return new GraphRefusal(503, 'ServiceUnavailable', 'The service is temporarily unavailable.');
  if (status === 504) return new GraphRefusal(504, 'GatewayTimeout', 'The gateway timed out.');
  if (status >= 500) return new GraphRefusal(status, 'InternalServerError', 'An internal server error occurred.');
  return new GraphRefusal(status, 'BadRequest', 'The request was refused.');
}
