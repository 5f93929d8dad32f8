import { type Instant, parseInstant } from '../domain/instant.ts';
import type { AlertVersion } from './alert-version.ts';
import { isKnownMember } from './evolvable-enums.ts';
import { GraphRefusal } from './graph-errors.ts';

export type AlertTest = (version: AlertVersion) => boolean;

const TIMES = ['lastUpdateDateTime', 'createdDateTime'] as const;
const WORDS = ['status', 'severity', 'serviceSource'] as const;
type TimeName = (typeof TIMES)[number];
type WordName = (typeof WORDS)[number];

const COMPARISONS = {
  ge: (a: Instant, b: Instant) => a >= b,
  gt: (a: Instant, b: Instant) => a > b,
  le: (a: Instant, b: Instant) => a <= b,
  lt: (a: Instant, b: Instant) => a < b,
  eq: (a: Instant, b: Instant) => a === b,
} as const;
type Operator = keyof typeof COMPARISONS;

/** An OData literal of DateTimeOffset needs its zone (OData 4.01 ABNF, dateTimeOffsetValue); seconds may be missing. */
const TIME_LITERAL = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;
const TOKEN = /\s*(\(|\)|'(?:[^']|'')*'|[^\s()']+)/y;

/**
 * Reads a `$filter`: comparisons joined by `and`, with parentheses. Anything Graph does not take on alerts_v2 is a
 * refusal (400), so that a client which would fail at Microsoft fails here.
 */
export function parseFilter(text: string): AlertTest {
  const tokens = tokenize(text);
  const test = parseAnd(tokens);
  const rest = tokens.shift();
  if (rest !== undefined) throw syntax(`'${rest}' was not expected`, text);
  return test;
}

function parseAnd(tokens: string[]): AlertTest {
  const tests = [parseTerm(tokens)];
  while (tokens[0]?.toLowerCase() === 'and') {
    tokens.shift();
    tests.push(parseTerm(tokens));
  }
  return (version) => tests.every((test) => test(version));
}

function parseTerm(tokens: string[]): AlertTest {
  const first = next(tokens);
  if (first !== '(') return parseComparison(first, next(tokens), next(tokens));
  const inner = parseAnd(tokens);
  if (next(tokens) !== ')') throw syntax("')' is missing", tokens.join(' '));
  return inner;
}

function parseComparison(property: string, operator: string, literal: string): AlertTest {
  const time = TIMES.find((name) => name === property);
  if (time !== undefined) return compareTime(time, operator, literal);
  const word = WORDS.find((name) => name === property);
  if (word !== undefined) return compareWord(word, operator, literal);
  throw new GraphRefusal(
    400,
    'BadRequest',
    `Invalid filter clause: could not find or filter on property '${property}'.`,
  );
}

function compareTime(name: TimeName, operator: string, literal: string): AlertTest {
  if (!isOperator(operator)) throw syntax(`operator '${operator}' is not supported`, literal);
  const match = TIME_LITERAL.exec(literal);
  const instant = match === null ? null : parseInstant(`${match[1] ?? ''}${match[2] ?? ':00'}${match[3] ?? ''}`);
  if (instant === null) throw syntax(`'${literal}' is no date and time for '${name}'`, literal);
  const holds = COMPARISONS[operator];
  return (version) => {
    const value = name === 'createdDateTime' ? version.createdAt : version.updatedAt;
    return value !== null && holds(value, instant);
  };
}

function compareWord(name: WordName, operator: string, literal: string): AlertTest {
  if (operator !== 'eq') throw syntax(`operator '${operator}' is not supported for '${name}'`, literal);
  const word = /^'(.*)'$/s.exec(literal)?.[1]?.replaceAll("''", "'");
  if (word === undefined || !isKnownMember(name, word)) throw syntax(`${literal} is no value of '${name}'`, literal);
  return ({ alert }) => alert[name] === word;
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

function syntax(problem: string, text: string): GraphRefusal {
  return new GraphRefusal(400, 'BadRequest', `Invalid filter clause: ${problem}${text === '' ? '' : ` in '${text}'`}.`);
}
