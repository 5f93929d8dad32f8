import { BridgeError } from '../domain/errors.ts';
import { parseSince, type Since } from '../domain/since.ts';
import { invalidParameter, listed, type Query, quoted, readLimit, readParameters } from './query.ts';

/** Of the retired SIEM API's parameters, those that mean the same here (defender-api 1.3). */
const KNOWN = ['sinceTimeUtc', 'ago', 'limit'] as const;

/**
 * The parameters of the old API, names in any case. Its filters are refused rather than left out: a feed that holds
 * more than somebody believes is as wrong as one that holds less.
 * @throws BridgeError SINCE_INVALID, PARAMETER_INVALID or FILTER_UNSUPPORTED
 */
export function readLegacyQuery(
  query: Query,
  nowMs: number,
): { readonly since: Since; readonly maxEvents: number | null } {
  const { values, unknown } = readParameters(query, KNOWN, { anyCase: true });
  if (unknown.length > 0) throw unsupported(unknown);
  const { sinceTimeUtc, ago, limit } = values;
  if (sinceTimeUtc !== undefined && ago !== undefined)
    throw invalidParameter('sinceTimeUtc and ago were both sent', 'Send one of them: sinceTimeUtc=$START_AT_TIME.');
  // The old API took the newest: in a backlog that lost the oldest. Here the limit only makes pages smaller.
  return { since: ago === undefined ? parseSince(sinceTimeUtc) : sinceAgo(ago, nowMs), maxEvents: readLimit(limit) };
}

const DURATION =
  /^P(?!$)(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?)?$/i;
/** Of weeks, days, hours, minutes, seconds. */
const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000];

/** `PT10M`, `P1DT2H`: ISO-8601 without years and months, whose length nobody can say. */
function sinceAgo(text: string, nowMs: number): Since {
  const match = DURATION.exec(text.trim());
  if (match === null)
    throw invalidParameter(
      `cannot read ${quoted(text)} as ago`,
      'Send an ISO-8601 duration of weeks, days, hours, minutes or seconds, such as PT10M or P1DT2H.',
    );
  const [, ...numbers] = match;
  const agoMs = UNITS_MS.reduce((sum, unitMs, at) => sum + unitMs * Number((numbers[at] ?? '0').replace(',', '.')), 0);
  const ms = Math.max(0, Math.floor(nowMs - agoMs));
  return { kind: 'time', text: new Date(ms).toISOString(), ms, unitMs: 1 };
}

function unsupported(names: readonly string[]): BridgeError {
  return new BridgeError({
    code: 'FILTER_UNSUPPORTED',
    kind: 'operator',
    message: `not possible in this address: ${listed(names)}; it takes ${KNOWN.join(', ')}`,
    hint: 'What a feed holds is set in its configuration (feeds: tenants, filter.minSeverity, filter.categories), the rest by a filter in ArcSight. Where to go on is known here: no end of time is needed.',
  });
}
