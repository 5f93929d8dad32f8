import type { ConfigPath } from './config-path.ts';
import { nearest, plain } from './nearest.ts';
import { itemsOf, keysOf, type SchemaNode } from './schema-node.ts';

export const VARIABLE_PREFIX = 'FLEXBRIDGE_';

/** The place in the schema that a variable's name stands for (`FLEXBRIDGE_TENANTS__0__CLOUD`), or null. */
export function resolveVariable(name: string, schema: SchemaNode): { path: ConfigPath; node: SchemaNode } | null {
  const path: (string | number)[] = [];
  let node = schema;
  for (const segment of name.slice(VARIABLE_PREFIX.length).split('__')) {
    const items = itemsOf(node);
    const child = items === null ? childOf(node, segment) : /^\d{1,4}$/.test(segment) ? items : undefined;
    if (child === undefined) return null;
    if (Array.isArray(child)) {
      path.push(child[0]);
      node = child[1];
    } else {
      path.push(Number(segment));
      node = child;
    }
  }
  return { path, node };
}

/** The variable that was probably meant by an unknown one. */
export function nearestVariable(name: string, schema: SchemaNode, others: readonly string[]): string | null {
  const rest = name.slice(VARIABLE_PREFIX.length);
  const positions = [...rest.matchAll(/__(\d+)(?=__|$)/g)].map(([text]) => text);
  const candidates = [...others.map((other) => other.slice(VARIABLE_PREFIX.length)), ...namesBelow(schema, '')];
  const asked = rest.replaceAll(/__\d+(?=__|$)/g, '__0');
  const found = sameEnding(asked, candidates) ?? nearest(asked, candidates);
  if (found === null) return null;
  return `${VARIABLE_PREFIX}${found.replaceAll(/__0(?=__|$)/g, () => positions.shift() ?? '__0')}`;
}

function childOf(node: SchemaNode, segment: string): [string, SchemaNode] | undefined {
  return [...keysOf(node)].find(([key]) => plain(key) === plain(segment));
}

/** `PORT`: the end of one name only, or of one that lies less deep than the others. */
function sameEnding(asked: string, candidates: readonly string[]): string | null {
  const end = plain(asked);
  const matches = end.length < 3 ? [] : candidates.filter((candidate) => plain(candidate).endsWith(end));
  const depth = (candidate: string): number => candidate.split('__').length;
  const least = Math.min(...matches.map(depth));
  const [first = null, ...others] = matches.filter((candidate) => depth(candidate) === least);
  return others.length === 0 ? first : null;
}

/** Names of everything that can be set below a node, without prefix; list positions as 0. */
function namesBelow(node: SchemaNode, name: string): readonly string[] {
  const own = name === '' ? [] : [name];
  const items = itemsOf(node);
  if (items !== null) return [...own, ...namesBelow(items, `${name}__0`)];
  const children = [...keysOf(node)].flatMap(([key, child]) => {
    const segment = key.replaceAll(/[A-Z]/g, '_$&').toUpperCase();
    return namesBelow(child, name === '' ? segment : `${name}__${segment}`);
  });
  return [...own, ...children];
}
