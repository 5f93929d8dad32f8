import type { Expression } from './expression.ts';
import { type CompiledDateFormat, compileDateFormat } from './java-date-format.ts';
import { type CompiledRegex, compileJavaRegex } from './java-regex.ts';
import type { Place, Tools } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { stringValue, type Value } from './value.ts';

/** Token values of one event, by name; null for a token whose node is missing or null. */
export type TokenValues = ReadonlyMap<string, Value | null>;

/** The value of an expression; null for nothing. Never throws: what fails is a warning and nothing. */
export function evaluate(
  expression: Expression,
  tokens: TokenValues,
  tools: Tools,
  place: Place = 'value',
): Value | null {
  switch (expression.kind) {
    case 'nothing':
      return null;
    case 'quoted':
      return stringValue(expression.text);
    case 'raw':
      return place === 'constant' ? stringValue(expression.text) : evaluateRaw(expression.text, tokens, place);
    case 'call':
      return evaluateCall(expression, tokens, tools);
  }
}

function evaluateRaw(word: string, tokens: TokenValues, place: Place): Value | null {
  if (place === 'value' || tokens.has(word)) return tokens.get(word) ?? null;
  return stringValue(word);
}

function evaluateCall(
  { operation: name, args }: Extract<Expression, { kind: 'call' }>,
  tokens: TokenValues,
  tools: Tools,
): Value | null {
  const operation = OPERATIONS.get(name);
  if (operation === undefined) {
    tools.warn(`the operation ${name} is not evaluated`);
    return null;
  }
  const values: (Value | null)[] = args.map((arg, index) =>
    evaluate(arg, tokens, tools, operation.places[index] ?? operation.rest ?? 'text'),
  );
  while (values.length < operation.places.length) values.push(null);
  const warn = (message: string): void => {
    tools.warn(`${name}: ${message}`);
  };
  return operation.apply(values, { ...tools, warn });
}

/** Tools that compile each pattern once. */
export function createTools(warn: (message: string) => void): Tools {
  const regexes = new Map<string, CompiledRegex>();
  const formats = new Map<string, CompiledDateFormat>();
  return {
    regex: (pattern) => kept(regexes, pattern, compileJavaRegex),
    dateFormat: (pattern) => kept(formats, pattern, compileDateFormat),
    warn,
  };
}

function kept<T>(known: Map<string, T>, pattern: string, compile: (pattern: string) => T): T {
  const compiled = known.get(pattern) ?? compile(pattern);
  known.set(pattern, compiled);
  return compiled;
}
