import { BridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';

/** As fastify reads it: a name that was sent more than once has a list. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

export interface Parameters<Name extends string> {
  /** Undefined when it was not sent. */
  readonly values: Readonly<Partial<Record<Name, string>>>;
  /** Names that are not known here, as they were sent, ready to be shown. */
  readonly unknown: readonly string[];
}

/**
 * The parameters that a route knows, each sent at most once. With `anyCase` their names may be written in any case.
 * @throws BridgeError PARAMETER_INVALID naming one that was sent more than once
 */
export function readParameters<Name extends string>(
  query: Query,
  known: readonly Name[],
  { anyCase = false } = {},
): Parameters<Name> {
  const values: Partial<Record<Name, string>> = {};
  const unknown: string[] = [];
  for (const [sent, value] of Object.entries(query)) {
    const name = known.find((candidate) =>
      anyCase ? sent.toLowerCase() === candidate.toLowerCase() : sent === candidate,
    );
    if (name === undefined) unknown.push(quoted(sent));
    else if (typeof value !== 'string' || values[name] !== undefined) throw twice(name);
    else values[name] = value;
  }
  return { values, unknown };
}

/** How many are shown of a list that a client may make as long as it likes. */
const MOST_NAMED = 5;

export function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Text of a client as it may be repeated to it. */
export function quoted(text: string): string {
  return JSON.stringify(printable(text, 64));
}

/**
 * A number of events from 1 on; null when it was not sent.
 * @throws BridgeError PARAMETER_INVALID
 */
export function readLimit(text: string | undefined): number | null {
  if (text === undefined) return null;
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1)
    throw invalidParameter(
      `cannot read ${quoted(text)} as limit`,
      'Send a whole number from 1 on, or leave limit out.',
    );
  return limit;
}

export function invalidParameter(message: string, hint: string): BridgeError {
  return new BridgeError({ code: 'PARAMETER_INVALID', kind: 'operator', message, hint });
}

function twice(name: string): BridgeError {
  // The time has a code of its own, whatever is wrong with it.
  if (!/^since/i.test(name)) return invalidParameter(`the parameter ${name} was sent more than once`, 'Send it once.');
  return new BridgeError({
    code: 'SINCE_INVALID',
    kind: 'operator',
    message: `the parameter ${name} was sent more than once`,
    hint: `Send it once: ?${name}=$START_AT_TIME`,
  });
}
