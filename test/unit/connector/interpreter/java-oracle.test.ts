import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTools } from '../../../../src/connector/interpreter/evaluate.ts';
import { compileDateFormat } from '../../../../src/connector/interpreter/java-date-format.ts';
import { compileJavaRegex } from '../../../../src/connector/interpreter/java-regex.ts';
import { OPERATIONS } from '../../../../src/connector/interpreter/operations.ts';
import { readProperties } from '../../../../src/connector/interpreter/properties-reader.ts';
import { stringValue, textOf } from '../../../../src/connector/interpreter/value.ts';
import { BridgeError } from '../../../../src/domain/errors.ts';
import { type Answer, askJava, findJava, type Query, reportNotRun } from '../../../support/java.ts';
import {
  DATE_PATTERNS,
  DATE_TEXTS,
  PROPERTIES_PIECES,
  REGEX_PIECES,
  REGEX_SUBJECTS,
  REGEXES,
} from './java-oracle-table.ts';

const SEED = 20_260_417;
const java = findJava();

if (java.kind === 'missing') {
  reportNotRun('comparison of the interpreter with Java', java.reason);
  describe('comparison of the interpreter with Java', () => {
    it('is left out only with a reason', () => {
      expect(java.reason).not.toBe('');
    });
  });
} else {
  describe('comparison of the interpreter with Java', () => {
    it('reads properties text as java.util.Properties does', comparePropertiesText);
    it('reads dates as SimpleDateFormat does', compareDates);
    it('matches patterns as java.util.regex does', compareRegexes);
    it('replaces and splits as String does', compareReplacements);
    it('parses numbers and trims as Java does', compareScalars);
    it('would be left out, with a reason, where there is no JDK', () => {
      expect(findJava('/nowhere')).toEqual({ kind: 'missing', reason: 'there is no javac on the path' });
    });
  });
}

/** Every disagreement, so that a failure shows them all and not the first. */
function disagreements(
  queries: readonly Query[],
  ours: (query: Query) => unknown,
  isOutOfReach: (theirs: unknown) => boolean = () => false,
): readonly string[] {
  const answers = askJava(queries);
  return queries.flatMap((query, index) => {
    const mine = ours(query);
    const theirs = inJava(answers[index], query);
    return mine === undefined || isOutOfReach(theirs) || JSON.stringify(mine) === JSON.stringify(theirs)
      ? []
      : [shown(query, mine, theirs)];
  });
}

function shown([operation, ...args]: Query, mine: unknown, theirs: unknown): string {
  const texts = args.map((arg) => (typeof arg === 'string' ? arg : Buffer.from(arg).toString('latin1')));
  return `${operation} ${JSON.stringify(texts)}: ours ${JSON.stringify(mine)}, Java ${JSON.stringify(theirs)}`;
}

function inJava(answer: Answer | undefined, [operation]: Query): unknown {
  if (answer?.kind !== 'ok') return 'error';
  if (operation !== 'properties') return answer.values;
  const pairs: string[][] = [];
  for (let at = 0; at < answer.values.length; at += 2) {
    pairs.push([answer.values[at] ?? '', answer.values[at + 1] ?? '']);
  }
  return pairs.sort(byKey);
}

function byKey([left = '']: readonly string[], [right = '']: readonly string[]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function textArg(query: Query, index: number): string {
  const arg = query[index];
  return typeof arg === 'string' ? arg : '';
}

function comparePropertiesText(): void {
  const piece = fc.constantFrom(...PROPERTIES_PIECES);
  const text = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));
  const byHand = [
    '\\',
    '\\\n',
    '\\\n#c\na=b',
    '\\\n\n=v',
    'a=b\\',
    'a=b\\\n',
    'a=b\\\n \n c=d',
    '',
    '\ufeff',
    '#c\\\na=b',
  ];
  const texts = [...byHand, ...fc.sample(text, { numRuns: 4000, seed: SEED })];
  const queries = texts.map((sample): Query => ['properties', Buffer.from(sample, 'latin1')]);
  const mine = ([, file]: Query): unknown => {
    try {
      const { values } = readProperties(typeof file === 'object' ? file : new Uint8Array());
      return [...values].sort(byKey);
    } catch (thrown) {
      if (thrown instanceof BridgeError) return 'error';
      throw thrown;
    }
  };
  expect(disagreements(queries, mine)).toEqual([]);
}

function compareDates(): void {
  const pair = fc.tuple(
    fc.constantFrom(...DATE_PATTERNS),
    fc.constantFrom(...DATE_TEXTS),
    fc.nat(40),
    fc.constantFrom('0', '1', '2', '9', '-', ':', ' ', 'T', 'Z'),
  );
  const mutated = fc.sample(pair, { numRuns: 3000, seed: SEED }).map(([pattern, text, at, char]): Query => {
    const place = Math.min(at, text.length);
    return ['date', pattern, text.slice(0, place) + char + text.slice(place + 1)];
  });
  const table = DATE_PATTERNS.flatMap((pattern) => DATE_TEXTS.map((text): Query => ['date', pattern, text]));
  const mine = (query: Query): unknown => {
    const compiled = compileDateFormat(textArg(query, 1));
    if (compiled.kind === 'refused') return compiled.isInvalid ? 'error' : undefined;
    const epochMs = compiled.format.parse(textArg(query, 2));
    return [String(epochMs)];
  };
  expect(disagreements([...table, ...mutated], mine, isBeyondCalendar)).toEqual([]);
}

/** Dates in the Julian calendar, and beyond what JavaScript can hold: null with us, and said so. */
function isBeyondCalendar(theirs: unknown): boolean {
  const epochMs = Array.isArray(theirs) && theirs[0] !== 'null' ? Number(theirs[0]) : 0;
  return epochMs < Date.UTC(1583, 0, 1) || epochMs > 8_640_000_000_000_000;
}

function compareRegexes(): void {
  const piece = fc.constantFrom(...REGEX_PIECES);
  const pattern = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join(''));
  const made = fc.sample(fc.tuple(pattern, fc.constantFrom(...REGEX_SUBJECTS)), { numRuns: 12_000, seed: SEED });
  const table = REGEXES.flatMap((regex) => REGEX_SUBJECTS.map((subject) => [regex, subject] as const));
  const queries = [...table, ...made].map(([regex, subject]): Query => ['regex', regex, subject]);
  const mine = (query: Query): unknown => {
    const compiled = compileJavaRegex(textArg(query, 1));
    if (compiled.kind === 'refused') return compiled.isInvalid ? 'error' : undefined;
    const { regex } = compiled;
    const both = [regex.matchWhole(textArg(query, 2)), regex.find(textArg(query, 2))];
    return [
      String(regex.groups),
      ...both.flatMap((hit) => (hit.kind === 'captured' ? ['hit', hit.text] : ['miss', null])),
    ];
  };
  expect(disagreements(queries, mine)).toEqual([]);
  const runnable = REGEXES.filter((regex) => compileJavaRegex(regex).kind === 'usable');
  expect(runnable.length).toBeGreaterThan(45);
}

function compareReplacements(): void {
  const replacements = ['', 'x', '$0', '[$1]', '$2', '$12', '\\$', '\\', '$', '$x', '$' + '{n}', '//', '\\\\'];
  const regexes = ['a', '(a)', '(a)(b)', 'a*', '\\\\', '[,;]', '(b)|(a)', '\\s+'];
  const texts = ['', 'a', 'abab', 'aa', 'xay', 'a,b;c', ',a,,', 'C:\\a\\b', ' a  b '];
  const queries = regexes.flatMap((regex) =>
    texts.flatMap((text): Query[] => [
      ['split', regex, text],
      ...replacements.map((replacement): Query => ['replace', regex, text, replacement]),
    ]),
  );
  const mine = (query: Query): unknown => {
    const compiled = compileJavaRegex(textArg(query, 1));
    if (compiled.kind === 'refused') return 'refused';
    if (query[0] === 'split') return compiled.regex.split(textArg(query, 2));
    const replaced = compiled.regex.replaceAll(textArg(query, 2), textArg(query, 3));
    return replaced === null ? 'error' : [replaced];
  };
  expect(disagreements(queries, mine)).toEqual([]);
}

function compareScalars(): void {
  const texts = [
    ...['0', '1', '-1', '+1', '2147483647', '2147483648', '-2147483648', '9223372036854775807', '9223372036854775808'],
    ...[
      '-9223372036854775808',
      '007',
      '',
      '+',
      '-',
      ' 1',
      '1 ',
      '1.0',
      '1e3',
      '0x1',
      '1L',
      '1,000',
      '\t1',
      '\u00a01\u2003',
      ' a b \n\u0001',
    ],
  ];
  const operations = [
    ['int', '__safeToInteger'],
    ['long', '__safeToLong'],
    ['trim', '__stringTrim'],
  ] as const;
  const queries = operations.flatMap(([operation]) => texts.map((text): Query => [operation, text]));
  const mine = (query: Query): unknown => {
    const name = operations.find(([operation]) => operation === query[0])?.[1] ?? '';
    const value =
      OPERATIONS.get(name)?.apply(
        [stringValue(textArg(query, 1))],
        createTools(() => undefined),
      ) ?? null;
    return value === null ? 'error' : [textOf(value)];
  };
  expect(disagreements(queries, mine)).toEqual([]);
}
