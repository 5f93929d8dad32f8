import { BridgeError } from '../domain/errors.ts';
import { parseSince } from '../domain/since.ts';
import type { EventsRequest } from '../feed/event-feed.ts';
import { invalidParameter, listed, type Query, quoted, readLimit, readParameters } from './query.ts';

const KNOWN = ['after', 'since', 'limit', 'format', 'look'] as const;
const FORMS = ['object', 'array', 'ndjson'] as const;
export type EventsForm = (typeof FORMS)[number];

/**
 * The parameters of the cursor feed. A parameter that is not known is refused: a client that misspells `after` would
 * begin again at every request.
 * @throws BridgeError PARAMETER_UNKNOWN, PARAMETER_INVALID or SINCE_INVALID
 */
export function readEventsQuery(
  query: Query,
  accept: string | undefined,
): Pick<EventsRequest, 'start' | 'maxEvents'> & { readonly form: EventsForm; readonly looks: boolean } {
  const { values, unknown } = readParameters(query, KNOWN);
  if (unknown.length > 0) throw unknownParameters(unknown);
  const { after, format, limit, look } = values;
  const since = parseSince(values.since);
  // An empty one is what a script sends that has no cursor yet.
  const hasCursor = after !== undefined && after !== '';
  if (hasCursor && since.kind === 'time')
    throw invalidParameter(
      'after and since were both sent',
      'Send since to begin at a time, and after from then on: a cursor says exactly where to go on.',
    );
  return {
    start: hasCursor ? { kind: 'cursor', text: after } : { kind: 'since', since },
    maxEvents: readLimit(limit),
    looks: readLook(look),
    form: format === undefined ? formOf(accept) : readFormat(format),
  };
}

function readLook(text = 'false'): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalidParameter(`cannot read ${quoted(text)} as look`, 'Send look=true, or leave look out.');
}

function readFormat(text: string): EventsForm {
  const form = FORMS.find((candidate) => candidate === text);
  if (form === undefined)
    throw invalidParameter(`there is no format ${quoted(text)}`, `Send one of ${FORMS.join(', ')}.`);
  return form;
}

const NDJSON = ['application/x-ndjson', 'application/ndjson'];

/** NDJSON where it is asked for by name and not less than JSON (RFC 9110 12.5.1); else the object, whatever is asked. */
function formOf(accept = ''): EventsForm {
  const weights = accept.split(',').map(readRange);
  const weightOf = (types: readonly string[]): number =>
    Math.max(0, ...weights.flatMap(({ type, weight }) => (types.includes(type) ? [weight] : [])));
  const wanted = weightOf(NDJSON);
  return wanted > 0 && wanted >= weightOf(['application/json']) ? 'ndjson' : 'object';
}

function readRange(range: string): { readonly type: string; readonly weight: number } {
  const [type = '', ...parameters] = range
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const weight = q === undefined ? 1 : Number(q);
  return { type, weight: Number.isFinite(weight) ? weight : 0 };
}

function unknownParameters(names: readonly string[]): BridgeError {
  return new BridgeError({
    code: 'PARAMETER_UNKNOWN',
    kind: 'operator',
    message: `no parameter of this address: ${listed(names)}; it takes ${KNOWN.join(', ')}`,
    hint: 'Correct the name or leave it out. What a feed holds is set in its configuration.',
  });
}
