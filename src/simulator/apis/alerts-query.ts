import type { UpdateRange } from '../world/timeline.ts';
import type { FilterProperties } from './odata-filter.ts';
import { FilterError, parseFilter } from './odata-filter.ts';
import { badRequest } from './refusal.ts';

/** What the query options of an OData list ask for. */
export interface AlertsQuery<Row> {
  readonly test: (row: Row) => boolean;
  /** Update times outside of it never pass the test. */
  readonly updated: UpdateRange;
  /** Null: by update time, oldest first. */
  readonly compare: ((a: Row, b: Row) => number) | null;
  /** Null when it was not said. */
  readonly top: number | null;
  readonly skip: number;
  readonly count: boolean;
}

/** What an API takes. */
export interface QueryRules<Row> {
  readonly options: readonly string[];
  readonly properties: FilterProperties<Row>;
  /** Properties that may order the list; they are times. */
  readonly orders: readonly string[];
  readonly defaultOrder: string;
  readonly maxSkip: number | null;
}

/** Throws a Refusal (400) for what Microsoft refuses. */
export function parseAlertsQuery<Row>(query: URLSearchParams, rules: QueryRules<Row>): AlertsQuery<Row> {
  const unsupported = [...query.keys()].find((name) => name.startsWith('$') && !rules.options.includes(name));
  if (unsupported !== undefined) throw badRequest(`The query option '${unsupported}' is not supported.`);
  const filter = readFilter(query.get('$filter'), rules.properties);
  return {
    ...filter,
    compare: parseOrder(query.get('$orderby') ?? rules.defaultOrder, rules),
    top: parseInteger(query, '$top', 1),
    skip: parseSkip(query, rules.maxSkip),
    count: parseCount(query.get('$count')),
  };
}

function readFilter<Row>(text: string | null, properties: FilterProperties<Row>) {
  if (text === null) return { test: () => true, updated: { from: null, to: null } };
  try {
    return parseFilter(text, properties);
  } catch (thrown) {
    throw thrown instanceof FilterError ? badRequest(thrown.message) : thrown;
  }
}

function parseSkip(query: URLSearchParams, maxSkip: number | null): number {
  const skip = parseInteger(query, '$skip', 0) ?? 0;
  if (maxSkip !== null && skip > maxSkip) throw badRequest(`The $skip value exceeds the maximum of ${maxSkip}.`);
  return skip;
}

function parseInteger(query: URLSearchParams, name: string, least: number): number | null {
  const text = query.get(name);
  if (text === null) return null;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least) throw badRequest(`Invalid value '${text}' for ${name} query option found.`);
  return value;
}

function parseCount(text: string | null): boolean {
  if (text === null || text === 'false') return false;
  if (text === 'true') return true;
  throw badRequest(`Invalid value '${text}' for $count query option found.`);
}

function parseOrder<Row>(text: string, { properties, orders }: QueryRules<Row>): AlertsQuery<Row>['compare'] {
  const match = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/.exec(text);
  const name = match?.[1] ?? '';
  const property = orders.includes(name) ? properties[name] : undefined;
  if (property?.kind !== 'time') throw badRequest(`The $orderby expression '${text}' is not supported.`);
  if (property.isUpdateTime === true && match?.[2] !== 'desc') return null;
  const sign = match?.[2] === 'desc' ? -1 : 1;
  return (a, b) => {
    const [left, right] = [property.value(a) ?? '', property.value(b) ?? ''];
    if (left === right) return 0;
    return left < right ? -sign : sign;
  };
}
