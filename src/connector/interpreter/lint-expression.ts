import type { FieldType } from './cef-dictionary.ts';
import type { Expression } from './expression.ts';
import { acceptsKind } from './field-value.ts';
import { compileDateFormat } from './java-date-format.ts';
import { compileJavaRegex } from './java-regex.ts';
import type { LintNotes } from './lint-notes.ts';
import type { Operation, Place } from './operation.ts';
import { OPERATIONS, UNEVALUATED_OPERATIONS } from './operations.ts';
import type { TokenType } from './parser-definition.ts';
import type { ValueKind } from './value.ts';

export interface ExpressionContext {
  readonly key: string;
  readonly notes: LintNotes;
  readonly tokenTypes: ReadonlyMap<string, TokenType>;
}

const KIND_OF_TOKEN: Readonly<Record<TokenType, ValueKind>> = {
  String: 'string',
  Integer: 'integer',
  Long: 'long',
  IPAddress: 'address',
  TimeStamp: 'timestamp',
  MacAddress: 'mac',
};

/** Notes what the expression names that is not there, and patterns that cannot work. */
export function lintExpression(expression: Expression, context: ExpressionContext, place: Place = 'value'): void {
  if (expression.kind === 'nothing') return;
  if (expression.kind === 'call') {
    lintCall(expression.operation, expression.args, context);
    return;
  }
  const isToken = expression.kind === 'raw' && place !== 'constant' && context.tokenTypes.has(expression.text);
  if (isToken) return;
  if (expression.kind === 'raw' && place === 'value') {
    const message = `${expression.text} is no declared token (names are case-sensitive), so this is always empty`;
    context.notes.warning('UNDECLARED_TOKEN', context.key, message);
  }
  if (place === 'regex') lintRegex(expression.text, context);
  if (place === 'date-format') lintDateFormat(expression.text, context);
}

/** Notes a mapping whose result can never fit the field. */
export function lintFieldType(expression: Expression, type: FieldType, context: ExpressionContext): void {
  const kind = kindOf(expression, context.tokenTypes);
  if (kind === null || acceptsKind(type, kind)) return;
  context.notes.error('FIELD_TYPE_MISMATCH', context.key, `a ${type} field cannot take a ${kind} value`);
}

function lintCall(name: string, args: readonly Expression[], context: ExpressionContext): void {
  const operation = OPERATIONS.get(name);
  if (operation === undefined) {
    const isKnown = UNEVALUATED_OPERATIONS.has(name);
    const message = isKnown
      ? `${name} is not evaluated by this reader`
      : `there is no operation ${name} that we know of`;
    if (isKnown) context.notes.warning('OPERATION_NOT_EVALUATED', context.key, message);
    else context.notes.error('UNKNOWN_OPERATION', context.key, message);
    for (const arg of args) if (arg.kind === 'call') lintExpression(arg, context);
    return;
  }
  lintArgumentCount(name, operation, args, context);
  for (const [index, arg] of args.entries()) {
    lintExpression(arg, context, operation.places[index] ?? operation.rest ?? 'text');
  }
}

function lintArgumentCount(
  name: string,
  operation: Operation,
  args: readonly Expression[],
  context: ExpressionContext,
): void {
  const needed = operation.places.length;
  const isRight = operation.rest === undefined ? args.length === needed : args.length >= needed;
  if (isRight) return;
  const wanted = operation.rest === undefined ? `${needed}` : `at least ${needed}`;
  context.notes.error('WRONG_ARGUMENT_COUNT', context.key, `${name} takes ${wanted} arguments, not ${args.length}`);
}

function lintRegex(pattern: string, { notes, key }: ExpressionContext): void {
  const compiled = compileJavaRegex(pattern);
  if (compiled.kind === 'usable') return;
  if (compiled.isInvalid) notes.error('BAD_REGEX', key, `${pattern}: ${compiled.reason}`);
  else notes.warning('REGEX_NOT_EVALUATED', key, `${pattern}: ${compiled.reason}`);
}

function lintDateFormat(format: string, { notes, key }: ExpressionContext): void {
  const compiled = compileDateFormat(format);
  if (compiled.kind === 'usable') return;
  if (compiled.isInvalid) notes.error('BAD_DATE_FORMAT', key, `${format}: ${compiled.reason}`);
  else notes.warning('DATE_FORMAT_NOT_EVALUATED', key, `${format}: ${compiled.reason}`);
}

function kindOf(expression: Expression, tokenTypes: ReadonlyMap<string, TokenType>): ValueKind | null {
  if (expression.kind === 'call') return OPERATIONS.get(expression.operation)?.result ?? null;
  const type = expression.kind === 'raw' ? tokenTypes.get(expression.text) : undefined;
  return type === undefined ? null : KIND_OF_TOKEN[type];
}
