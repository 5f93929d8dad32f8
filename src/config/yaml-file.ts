import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { ConfigPath } from './config-path.ts';
import { isRecord } from './schema-node.ts';
import { deepLine } from './yaml-depth.ts';

/** What a YAML text says. `tree` is null when nothing of it can be relied on. */
export interface YamlText {
  readonly tree: Record<string, unknown> | null;
  readonly problems: readonly YamlProblem[];
  /** 1-based line where the value at exactly this path is written; null when it is not there. */
  lineOf(path: ConfigPath): number | null;
}

interface YamlProblem {
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}

/** Deeper than any configuration; ends a structure that contains itself. */
const MAX_DEPTH = 20;
/** Of the text, where a column of indentation counts as a level. */
const MAX_LEVELS = 500;
const TOO_DEEP = {
  message: 'the file is nested too deep',
  remedy: 'Write no more levels than docs/configuration.md shows.',
};

/** Own words for the parser's codes: its messages repeat the text, which may be a secret. */
const SYNTAX: Partial<Readonly<Record<ErrorCode, readonly [message: string, remedy: string]>>> = {
  TAB_AS_INDENT: ['a tab is used for indentation', 'Indent with blanks.'],
  DUPLICATE_KEY: ['the same key is given twice', 'Keep one of the two.'],
  BAD_INDENT: [
    'the indentation does not fit the lines around it',
    'Give items of one list or block the same indent, or close the bracket or quote that is open above.',
  ],
  MULTIPLE_DOCS: ['the file holds more than one document', 'Remove the line ---.'],
  BAD_ALIAS: ['an alias names no anchor', 'Put text that starts with * in quotes.'],
  TAG_RESOLVE_FAILED: ['a tag (!word) is not known', 'Put text that starts with ! in quotes.'],
  BAD_SCALAR_START: ['a value starts with a character that YAML reserves', 'Put the value in quotes.'],
  BAD_DQ_ESCAPE: ['an escape sequence is not known', 'Put the value in single quotes.'],
  MISSING_CHAR: [
    'a character is missing: a closing quote, a comma, a colon, or the blank after it',
    'Complete the line or the block that ends here.',
  ],
  BLOCK_AS_IMPLICIT_KEY: ['a second colon stands in the line', 'Put a value that holds a colon in quotes.'],
};
const OTHER_SYNTAX = [
  'this is not YAML',
  'Look for a missing quote, bracket or colon here or in the line before.',
] as const;

/** Reads YAML; never throws. */
export function parseYaml(bytes: Uint8Array): YamlText {
  const text = decode(bytes);
  if (typeof text !== 'string') return refused(text);
  const line = deepLine(text, MAX_LEVELS);
  if (line !== null) return refused({ line, ...TOO_DEEP });
  try {
    return read(text);
  } catch {
    // Aliases that multiply or lead back: the parser throws plain errors for those.
    return refused({
      line: 1,
      message: 'the file is nested too deep, or contains itself',
      remedy: 'Write it without aliases (*name).',
    });
  }
}

function read(text: string): YamlText {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, version: '1.2' });
  const faults = [
    ...strayAliases(document).map((offset) => ({ code: 'BAD_ALIAS' as const, offset })),
    ...[...document.errors, ...document.warnings].map(({ code, pos }) => ({ code, offset: pos[0] })),
  ];
  const byLine = new Map<number, YamlProblem>();
  for (const { code, offset } of faults) {
    const [message, remedy] = SYNTAX[code] ?? OTHER_SYNTAX;
    const line = Math.max(1, counter.linePos(offset).line);
    // One slip makes the parser stumble several times over the same line.
    if (!byLine.has(line)) byLine.set(line, { line, message, remedy });
  }
  const problems = [...byLine.values()];
  const reliable = faults.every(({ code }) => code === 'DUPLICATE_KEY');
  if (!reliable) return { tree: null, problems, lineOf: () => null };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return refused({
      line: 1,
      message: 'the file is empty',
      remedy: 'Write at least the tenants, or remove the file.',
    });
  const tree = plainCopy(document.toJS(), 0);
  if (!isRecord(tree))
    return refused({ line: 1, message: 'the file holds no keys', remedy: 'Start with a line such as `tenants:`.' });
  return { tree, problems, lineOf: (path) => lineOf(document, counter, path) };
}

/** Where an alias stands whose anchor is not there; the parser would only throw, without a place. */
function strayAliases(document: Document.Parsed): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) offsets.push(alias.range?.[0] ?? 0);
    },
  });
  return offsets;
}

function refused(problem: YamlProblem): YamlText {
  return { tree: null, problems: [problem], lineOf: () => null };
}

function decode(bytes: Uint8Array): string | YamlProblem {
  const remedy = 'Save it as UTF-8 without BOM.';
  const [first, second, third] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { line: 1, message: 'the file is UTF-16', remedy };
  if (first === 0xef && second === 0xbb && third === 0xbf)
    return { line: 1, message: 'the file starts with a byte order mark (BOM)', remedy };
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { line: firstBadLine(bytes), message: 'a character is not UTF-8', remedy };
  }
}

function firstBadLine(bytes: Uint8Array): number {
  const lenient = new TextDecoder('utf-8').decode(bytes);
  return lenient.slice(0, lenient.indexOf('\ufffd')).split('\n').length;
}

/** A tree without shared parts, so that a change of one value does not reach another through an alias. */
function plainCopy(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new Error('nested too deep');
  if (Array.isArray(value)) return value.map((item) => plainCopy(item, depth + 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainCopy(item, depth + 1)]));
}

function lineOf(document: Document.Parsed, counter: LineCounter, path: ConfigPath): number | null {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0];
  for (const part of path) {
    const parent = resolve(node, document);
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => keyText(key) === String(part));
      if (pair === undefined) return null;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(parent) && typeof part === 'number' && part < parent.items.length) {
      node = parent.items[part];
      offset = startOf(node) ?? offset;
    } else return null;
  }
  return offset === undefined ? null : counter.linePos(offset).line;
}

function resolve(node: unknown, document: Document.Parsed): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return isNode(node) ? node : undefined;
}

function keyText(key: Pair['key']): string {
  const value = isScalar(key) ? key.value : null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
