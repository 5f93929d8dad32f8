import { type Instant, parseInstant } from '../../domain/instant.ts';
import type { UpdateRange } from '../world/timeline.ts';

/** A property that a `$filter` may name. */
export type FilterProperty<Row> =
  | { readonly kind: 'time'; readonly value: (row: Row) => Instant | null; readonly isUpdateTime?: boolean }
  /** `isMember` refuses words that the enumeration does not have. */
  | {
      readonly kind: 'word';
      readonly value: (row: Row) => unknown;
      readonly isMember?: (word: string) => boolean;
    }
  | { readonly kind: 'number'; readonly value: (row: Row) => unknown };

export type FilterProperties<Row> = Readonly<Record<string, FilterProperty<Row>>>;

export interface Filter<Row> {
  readonly test: (row: Row) => boolean;
  /** Update times outside of it never pass. */
  readonly updated: UpdateRange;
}

/** Thrown for what Microsoft does not take; the API makes its own error of it. */
export class FilterError extends Error {}

const COMPARISONS = {
  ge: (a: Instant, b: Instant) => a >= b,
  gt: (a: Instant, b: Instant) => a > b,
  le: (a: Instant, b: Instant) => a <= b,
  lt: (a: Instant, b: Instant) => a < b,
  eq: (a: Instant, b: Instant) => a === b,
} as const;
type Operator = keyof typeof COMPARISONS;
const EVERYTHING: UpdateRange = { from: null, to: null };

/** An OData literal of DateTimeOffset needs its zone (OData 4.01 ABNF, dateTimeOffsetValue); seconds may be missing. */
const TIME_LITERAL = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;
const TOKEN = /\s*(\(|\)|'(?:[^']|'')*'|[^\s()']+)/y;

/**
 * Reads a `$filter`: comparisons joined by `and`, with parentheses. Anything Microsoft does not take is a FilterError, so
 * that a client which would fail at Microsoft fails here.
 */
export function parseFilter<Row>(text: string, properties: FilterProperties<Row>): Filter<Row> {
  const tokens = tokenize(text);
  const filter = parseAnd(tokens, properties);
  const rest = tokens.shift();
  if (rest !== undefined) throw syntax(`'${rest}' was not expected`, text);
  return filter;
}

function parseAnd<Row>(tokens: string[], properties: FilterProperties<Row>): Filter<Row> {
  const terms = [parseTerm(tokens, properties)];
  while (tokens[0]?.toLowerCase() === 'and') {
    tokens.shift();
    terms.push(parseTerm(tokens, properties));
  }
  return {
    test: (row) => terms.every(({ test }) => test(row)),
    updated: terms.map(({ updated }) => updated).reduce(intersect),
  };
}

function intersect(a: UpdateRange, b: UpdateRange): UpdateRange {
  const from = a.from === null || (b.from !== null && b.from > a.from) ? b.from : a.from;
  const to = a.to === null || (b.to !== null && b.to < a.to) ? b.to : a.to;
  return { from, to };
}

function parseTerm<Row>(tokens: string[], properties: FilterProperties<Row>): Filter<Row> {
  const first = next(tokens);
  if (first !== '(') return parseComparison(properties, first, next(tokens), next(tokens));
  const inner = parseAnd(tokens, properties);
  if (next(tokens) !== ')') throw syntax("')' is missing", tokens.join(' '));
  return inner;
}

function parseComparison<Row>(
  properties: FilterProperties<Row>,
  name: string,
  operator: string,
  literal: string,
): Filter<Row> {
  const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (property === undefined)
    throw new FilterError(`Invalid filter clause: could not find or filter on property '${name}'.`);
  if (property.kind === 'time') return compareTime(property, name, operator, literal);
  if (operator !== 'eq') throw syntax(`operator '${operator}' is not supported for '${name}'`, literal);
  if (property.kind === 'number') {
    if (!/^\d+$/.test(literal)) throw syntax(`${literal} is no number for '${name}'`, literal);
    return { test: (row) => property.value(row) === Number(literal), updated: EVERYTHING };
  }
  const word = /^'(.*)'$/s.exec(literal)?.[1]?.replaceAll("''", "'");
  if (word === undefined || property.isMember?.(word) === false) {
    throw syntax(`${literal} is no value of '${name}'`, literal);
  }
  return { test: (row) => property.value(row) === word, updated: EVERYTHING };
}

function compareTime<Row>(
  property: Extract<FilterProperty<Row>, { kind: 'time' }>,
  name: string,
  operator: string,
  literal: string,
): Filter<Row> {
  if (!isOperator(operator)) throw syntax(`operator '${operator}' is not supported`, literal);
  const match = TIME_LITERAL.exec(literal);
  const instant = match === null ? null : parseInstant(`${match[1] ?? ''}${match[2] ?? ':00'}${match[3] ?? ''}`);
  if (instant === null) throw syntax(`'${literal}' is no date and time for '${name}'`, literal);
  const holds = COMPARISONS[operator];
  return {
    test: (row) => {
      const value = property.value(row);
      return value !== null && holds(value, instant);
    },
    updated: property.isUpdateTime === true ? rangeOf(operator, instant) : EVERYTHING,
  };
}

function rangeOf(operator: Operator, instant: Instant): UpdateRange {
  switch (operator) {
    case 'ge':
    case 'gt':
      return { from: instant, to: null };
    case 'le':
    case 'lt':
      return { from: null, to: instant };
    case 'eq':
      return { from: instant, to: instant };
  }
}

function isOperator(text: string): text is Operator {
  return Object.hasOwn(COMPARISONS, text);
}

function next(tokens: string[]): string {
  const token = tokens.shift();
  if (token === undefined) throw syntax('the expression ends too early', '');
  return token;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  for (let at = 0; at < trimmed.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(trimmed)?.[1];
    if (token === undefined) throw syntax('unbalanced quote', text);
    tokens.push(token);
  }
  return tokens;
}

function syntax(problem: string, text: string): FilterError {
  return new FilterError(`Invalid filter clause: ${problem}${text === '' ? '' : ` in '${text}'`}.`);
}
