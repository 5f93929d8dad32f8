import type { AlertVersion } from './alert-version.ts';
import { GraphRefusal } from './graph-errors.ts';
import { type AlertTest, parseFilter } from './odata-filter.ts';

/** Query options of `GET /security/alerts_v2`, read as Graph reads them (defender-api 4). */
export interface AlertsQuery {
  readonly test: AlertTest;
  readonly compare: (a: AlertVersion, b: AlertVersion) => number;
  readonly top: number;
  readonly skip: number;
  readonly count: boolean;
  readonly skipToken: string | null;
}

const DEFAULT_TOP = 100;
const MAX_TOP = 1000;
const MAX_SKIP = 500;
const SUPPORTED: ReadonlySet<string> = new Set(['$filter', '$orderby', '$top', '$skip', '$count', '$skiptoken']);

/** Throws a GraphRefusal (400) for what Graph refuses. */
export function parseAlertsQuery(query: URLSearchParams): AlertsQuery {
  const unsupported = [...query.keys()].find((name) => name.startsWith('$') && !SUPPORTED.has(name));
  if (unsupported !== undefined) throw refuse(`The query option '${unsupported}' is not supported.`);
  const filter = query.get('$filter');
  return {
    test: filter === null ? () => true : parseFilter(filter),
    compare: parseOrder(query.get('$orderby') ?? 'createdDateTime desc'),
    top: Math.min(parseInteger(query, '$top', DEFAULT_TOP, 1), MAX_TOP),
    skip: parseSkip(query),
    count: parseCount(query.get('$count')),
    skipToken: query.get('$skiptoken'),
  };
}

function parseSkip(query: URLSearchParams): number {
  const skip = parseInteger(query, '$skip', 0, 0);
  if (skip > MAX_SKIP) throw refuse(`The $skip value exceeds the maximum of ${MAX_SKIP}.`);
  return skip;
}

function parseInteger(query: URLSearchParams, name: string, fallback: number, least: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least) throw refuse(`Invalid value '${text}' for ${name} query option found.`);
  return value;
}

function parseCount(text: string | null): boolean {
  if (text === null || text === 'false') return false;
  if (text === 'true') return true;
  throw refuse(`Invalid value '${text}' for $count query option found.`);
}

function parseOrder(text: string): AlertsQuery['compare'] {
  const match = /^\s*(lastUpdateDateTime|createdDateTime)(?:\s+(asc|desc))?\s*$/.exec(text);
  if (match === null) throw refuse(`The $orderby expression '${text}' is not supported.`);
  const member = match[1] === 'createdDateTime' ? 'createdAt' : 'updatedAt';
  const sign = match[2] === 'desc' ? -1 : 1;
  return (a, b) => {
    const [left, right] = [a[member] ?? '', b[member] ?? ''];
    if (left === right) return 0;
    return left < right ? -sign : sign;
  };
}

function refuse(message: string): GraphRefusal {
  return new GraphRefusal(400, 'BadRequest', message);
}
