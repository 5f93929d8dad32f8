import { apiError, apiFailure } from '../apis/api-error.ts';
import { jsonAnswer, type SimulatorAnswer, type SimulatorRequest } from '../exchange.ts';
import { loginError } from '../login/login-errors.ts';
import type { Service } from '../service.ts';

/** What a service says itself when it fails with this status. */
export function ownError(service: Service, status: number, request: SimulatorRequest, nowMs: number): SimulatorAnswer {
  if (service === 'login') return { ...loginError(status === 429 ? 'throttled' : 'unavailable', nowMs), status };
  if (service === 'identity') {
    return jsonAnswer(status, { error: 'temporarily_unavailable', error_description: 'Please try again later.' });
  }
  return apiError(service, apiFailure(service, status), request, nowMs);
}
