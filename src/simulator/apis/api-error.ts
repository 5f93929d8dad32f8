import { randomUUID } from 'node:crypto';
import type { SimulatorAnswer, SimulatorRequest } from '../exchange.ts';
import type { Api } from '../service.ts';
import { ACCESS_RULES } from './bearer.ts';
import { graphError } from './graph-errors.ts';
import { Refusal } from './refusal.ts';

type ErrorAnswer = (refusal: Refusal, request: SimulatorRequest, nowMs: number) => SimulatorAnswer;

const ERROR_ANSWERS: Readonly<Record<Api, ErrorAnswer>> = {
  graph: graphError,
  defender: defenderError,
  siem: siemError,
};

/** A refusal in the form of the API. */
export function apiError(api: Api, refusal: Refusal, request: SimulatorRequest, nowMs: number): SimulatorAnswer {
  return ERROR_ANSWERS[api](refusal, request, nowMs);
}

/** What an API would say with this status when it fails by itself. */
export function apiFailure(api: Api, status: number): Refusal {
  if (status === 401) return new Refusal(401, ACCESS_RULES[api].unauthorized, 'Access token has been revoked.');
  const known = FAILURES[status];
  if (known !== undefined) return new Refusal(status, ...known);
  if (status >= 500) return new Refusal(status, 'InternalServerError', 'An internal server error occurred.');
  return new Refusal(status, 'BadRequest', 'The request was refused.');
}

const FAILURES: Readonly<Partial<Record<number, readonly [code: string, message: string]>>> = {
  403: ['Forbidden', 'Insufficient privileges to complete the operation.'],
  404: ['NotFound', 'The resource could not be found.'],
  429: ['TooManyRequests', 'Too many requests'],
  503: ['ServiceUnavailable', 'The service is temporarily unavailable.'],
  504: ['GatewayTimeout', 'The gateway timed out.'],
};

/** defender-api 3: `target` is the correlation id. */
function defenderError({ status, code, message }: Refusal): SimulatorAnswer {
  const challenge: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...challenge },
    body: JSON.stringify({ error: { code, message, target: randomUUID() } }),
  };
}

/** The form of its errors is not documented; this is what a web API of that age and make says (inferred). */
function siemError({ status, message }: Refusal): SimulatorAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ Message: message }),
  };
}
