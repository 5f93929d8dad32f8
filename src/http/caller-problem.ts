import type { BridgeError } from '../domain/errors.ts';
import type { Problem } from './problem.ts';

/** Codes that are the caller's mistake, not the bridge's trouble. */
const MISTAKES: ReadonlyMap<string, Pick<Problem, 'status' | 'title'>> = new Map([
  ['SINCE_INVALID', { status: 400, title: 'Unreadable time' }],
  ['PARAMETER_UNKNOWN', { status: 400, title: 'Unknown parameter' }],
  ['PARAMETER_INVALID', { status: 400, title: 'Unusable parameter' }],
  ['FILTER_UNSUPPORTED', { status: 400, title: 'Not a filter of this feed' }],
  ['CURSOR_INVALID', { status: 400, title: 'Not a cursor' }],
  ['CURSOR_GONE', { status: 410, title: 'The cursor leads nowhere' }],
]);

/** The problem to send for an error that the caller made; null for every other. */
export function callerProblem({ code, message, hint }: BridgeError): Problem | null {
  const mistake = MISTAKES.get(code);
  return mistake === undefined ? null : { ...mistake, code, detail: message, hint };
}
