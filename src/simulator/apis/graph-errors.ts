import { randomUUID } from 'node:crypto';
import type { SimulatorAnswer, SimulatorRequest } from '../exchange.ts';
import type { Refusal } from './refusal.ts';

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
export function graphError(refusal: Refusal, request: SimulatorRequest, nowMs: number): SimulatorAnswer {
  const ids = graphHeaders(request);
  const challenge: Record<string, string> =
    refusal.status === 401
      ? { 'www-authenticate': `Bearer realm="", authorization_uri="${request.origin}/common/oauth2/authorize"` }
      : {};
  const error = {
    code: refusal.code,
    message: refusal.message,
    innerError: {
      date: new Date(nowMs).toISOString().slice(0, 19),
      'request-id': ids['request-id'],
      'client-request-id': ids['client-request-id'],
    },
  };
  return {
    status: refusal.status,
    headers: { 'content-type': 'application/json', ...ids, ...challenge },
    body: JSON.stringify({ error }),
  };
}
