import { printable } from '../domain/printable.ts';
import { formatPath } from './config-path.ts';
import { nearest, plain } from './nearest.ts';
import type { Report } from './report.ts';
import type { Violation } from './schema-check.ts';
import { allows, itemsOf, keysOf, type SchemaNode, textsOf } from './schema-node.ts';

/** Turns what the schema check found into problems. */
export function reportViolations(violations: readonly Violation[], report: Report, schema: SchemaNode): void {
  const foreign = new Set(violations.filter(isLaterWord).map(({ path }) => formatPath(path.slice(0, -1))));
  for (const violation of violations) {
    // Keys that belong to a kind which this version does not have are no problem of their own.
    const { keyword, path } = violation;
    if (keyword === 'required' && !foreign.has(formatPath(path))) reportMissing(report, violation);
    else if (keyword === 'additionalProperties') {
      if (!foreign.has(formatPath(path))) reportUnknown(violation, report, schema);
    } else if (keyword !== 'required') reportValue(violation, report);
  }
}

function isLaterWord({ keyword, node, value }: Violation): boolean {
  return keyword === 'enum' && typeof value === 'string' && textsOf(node, 'x-later').includes(value);
}

/** @param node of the block in which the key is missing */
export function reportMissing(report: Report, { path, key, node }: Pick<Violation, 'path' | 'key' | 'node'>): void {
  const wanted = expected(keysOf(node).get(key) ?? {});
  const { variable } = report.placeOf([...path, key]);
  report.problem(
    [...path, key],
    'is missing',
    variable === null ? `Add it: ${wanted}.` : `Set ${variable}: ${wanted}.`,
  );
}

function reportUnknown({ path, key, node }: Violation, report: Report, schema: SchemaNode): void {
  const shown = [...path, safeKey(key)];
  const place = report.placeOf([...path, key]);
  if (textsOf(node, 'x-later').includes(key)) {
    report.problem(shown, `${key} is not available in this version`, 'Remove it.', place);
    return;
  }
  const remedy = unknownKeyRemedy(key, [...keysOf(node).keys()], schema);
  report.problem(shown, 'is not a known key', remedy, place);
}

function unknownKeyRemedy(key: string, known: readonly string[], schema: SchemaNode): string {
  if (key.includes(':')) return 'Write a blank after the colon.';
  const meant = nearest(key, known);
  if (meant !== null) return `Did you mean ${meant}?`;
  const elsewhere = placesOf(schema, '', plain(key))[0];
  return elsewhere === undefined ? `Remove it; the keys here are ${known.join(', ')}.` : `Its place is ${elsewhere}.`;
}

function reportValue({ path, node, value }: Violation, report: Report): void {
  const words = textsOf(node, 'enum');
  if (value === null) {
    report.problem(path, `has no value; it must be ${expected(node)}`, 'Give it a value, or remove the key.');
  } else if (typeof value === 'string' && textsOf(node, 'x-later').includes(value)) {
    report.problem(
      path,
      `${value} is not available in this version; use ${words.join(' or ')}`,
      `Write ${words.join(' or ')}.`,
    );
  } else {
    report.problem(path, `must be ${expected(node)}${quoted(node, value)}`, remedyFor(node, value));
  }
}

function remedyFor(node: SchemaNode, value: unknown): string {
  const meant = typeof value === 'string' ? nearest(value, textsOf(node, 'enum')) : null;
  if (meant !== null) return `Did you mean ${meant}?`;
  if (typeof value === 'number' && allows(node, 'string') && textsOf(node, 'enum').length === 0 && !('format' in node))
    return 'Put the value in quotes.';
  const fallback = node['default'];
  if (typeof fallback === 'string' || typeof fallback === 'number')
    return `Correct the value, or leave it out to get ${fallback}.`;
  return 'Correct the value.';
}

/** What a value must be, in words. */
export function expected(node: SchemaNode): string {
  const said = node['x-expects'];
  if (typeof said === 'string') return said;
  const words = textsOf(node, 'enum');
  if (words.length > 0) return words.length === 1 ? words.join('') : `one of ${words.join(', ')}`;
  if (itemsOf(node) !== null) return 'a list';
  if (allows(node, 'object')) return `a block with keys such as ${[...keysOf(node).keys()].slice(0, 3).join(', ')}`;
  return 'text';
}

/** The value as it was read, where showing it helps and cannot show a secret. */
function quoted(node: SchemaNode, value: unknown): string {
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!isScalar || node['x-secret'] === true || (allows(node, 'object') && !allows(node, 'string'))) return '';
  const text = JSON.stringify(value);
  return `, not ${printable(text, 60)}`;
}

/** A key as it may be shown: `secret:abc`, with the blank forgotten, is a key that holds a secret. */
function safeKey(key: string): string {
  const [word = ''] = /^[A-Za-z0-9_-]{0,40}/.exec(key) ?? [];
  return word === key ? key : `${word}...`;
}

/** Where else in the configuration a key of this name stands. */
function placesOf(node: SchemaNode, path: string, word: string): readonly string[] {
  const items = itemsOf(node);
  if (items !== null) return placesOf(items, `${path}[]`, word);
  return [...keysOf(node)].flatMap(([key, child]) => {
    const own = path === '' ? key : `${path}.${key}`;
    return [...(plain(key) === word ? [own] : []), ...placesOf(child, own, word)];
  });
}
