/** The right side of a mapping. What a `raw` word means (token or text) depends on the place it stands in. */
export type Expression =
  | { readonly kind: 'call'; readonly operation: string; readonly args: readonly Expression[] }
  | { readonly kind: 'quoted'; readonly text: string }
  | { readonly kind: 'raw'; readonly text: string }
  | { readonly kind: 'nothing' };

export type ParsedExpression =
  | { readonly kind: 'parsed'; readonly expression: Expression }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Published parsers nest three deep; this only stops a file that means harm. */
const DEEPEST_NESTING = 50;
const CALL_START = /^(__[A-Za-z0-9_]+)[ \t]*\(/;

interface Scanner {
  readonly text: string;
  at: number;
}

/** Parses what stands right of `event.x=` after the properties reader has undone Java's escapes (arcsight-parser 4). */
export function parseExpression(text: string): ParsedExpression {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'parsed', expression: { kind: 'nothing' } };
  if (!CALL_START.test(trimmed)) return { kind: 'parsed', expression: { kind: 'raw', text: trimmed } };
  const scanner: Scanner = { text: trimmed, at: 0 };
  try {
    const expression = readCall(scanner, 1);
    const rest = trimmed.slice(scanner.at).trim();
    if (rest !== '') throw new SyntaxError(`text after the closing parenthesis: ${rest.slice(0, 40)}`);
    return { kind: 'parsed', expression };
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return { kind: 'malformed', reason: thrown.message };
    throw thrown;
  }
}

/** Every token and operation an expression names, outermost first. */
export function* walk(expression: Expression): Generator<Expression> {
  yield expression;
  if (expression.kind !== 'call') return;
  for (const arg of expression.args) yield* walk(arg);
}

function readCall(scanner: Scanner, depth: number): Expression {
  if (depth > DEEPEST_NESTING) throw new SyntaxError(`more than ${DEEPEST_NESTING} operations inside each other`);
  const [start = '', operation = ''] = CALL_START.exec(scanner.text.slice(scanner.at)) ?? [];
  scanner.at += start.length;
  const args: Expression[] = [];
  for (;;) {
    skipBlanks(scanner);
    if (args.length === 0 && peek(scanner) === ')') break;
    args.push(readArgument(scanner, depth));
    skipBlanks(scanner);
    if (peek(scanner) !== ',') break;
    scanner.at += 1;
  }
  if (peek(scanner) !== ')') throw new SyntaxError(`${operation}: the closing parenthesis is missing`);
  scanner.at += 1;
  return { kind: 'call', operation, args };
}

function readArgument(scanner: Scanner, depth: number): Expression {
  if (peek(scanner) === '"') return readQuoted(scanner);
  if (CALL_START.test(scanner.text.slice(scanner.at))) return readCall(scanner, depth + 1);
  return readRaw(scanner);
}

/** `\"` is a quote inside the text; every other backslash stays, because the text may be a regular expression. */
function readQuoted(scanner: Scanner): Expression {
  const [whole, body] = /^"((?:\\[\s\S]|[^"\\])*)"/.exec(scanner.text.slice(scanner.at)) ?? [];
  if (whole === undefined || body === undefined) throw new SyntaxError('a quoted argument is not closed');
  scanner.at += whole.length;
  skipBlanks(scanner);
  const next = peek(scanner);
  if (next !== ',' && next !== ')') throw new SyntaxError('a quoted argument is followed by more text');
  const text = body.replace(/\\([\s\S])/g, (pair, escaped: string) => (escaped === '"' ? '"' : pair));
  return { kind: 'quoted', text };
}

/** Up to the next comma or closing parenthesis that belongs to the call and not to the text. */
function readRaw(scanner: Scanner): Expression {
  const start = scanner.at;
  let open = 0;
  for (; scanner.at < scanner.text.length; scanner.at += 1) {
    const char = peek(scanner);
    if (char === '(') open += 1;
    if (open === 0 && (char === ',' || char === ')')) break;
    if (char === ')') open -= 1;
  }
  const text = scanner.text.slice(start, scanner.at).trim();
  return text === '' || text === 'null' ? { kind: 'nothing' } : { kind: 'raw', text };
}

function peek(scanner: Scanner): string {
  return scanner.text.charAt(scanner.at);
}

function skipBlanks(scanner: Scanner): void {
  while (peek(scanner) === ' ' || peek(scanner) === '\t') scanner.at += 1;
}
