import type { ConfigPath } from './config-path.ts';
import type { Report } from './report.ts';
import { isRecord, itemsOf, keysOf, type SchemaNode, textsOf, toNode } from './schema-node.ts';
import { reportMissing } from './schema-problem.ts';
import { isList } from './settings-tree.ts';

/**
 * What a block's `kind` says of its keys, and of those of the blocks in it: keys that belong to another kind, and keys
 * that the kind cannot do without. Takes any tree.
 */
export function reportKinds(
  value: unknown,
  node: SchemaNode,
  report: Report,
  path: ConfigPath = [],
  outer: string | null = null,
): void {
  const items = itemsOf(node);
  if (items !== null && isList(value)) {
    for (const [index, item] of value.entries()) reportKinds(item, items, report, [...path, index], outer);
  }
  if (!isRecord(value)) return;
  const keys = keysOf(node);
  const kind = keys.has('kind') ? knownKind(value['kind'], toNode(keys.get('kind'))) : outer;
  for (const [key, child] of keys) {
    const isGiven = value[key] !== undefined;
    if (kind !== null && isGiven) reportForeign(report, [...path, key], child, kind);
    if (kind !== null && !isGiven && textsOf(child, 'x-required-for').includes(kind))
      reportMissing(report, { path, key, node });
    if (isGiven) reportKinds(value[key], child, report, [...path, key], kind);
  }
}

function reportForeign(report: Report, path: ConfigPath, node: SchemaNode, kind: string): void {
  const kinds = textsOf(node, 'x-kinds');
  if (kinds.length === 0 || kinds.includes(kind)) return;
  report.problem(
    path,
    `belongs to kind ${kinds.join(' or ')}, and the kind here is ${kind}`,
    `Remove it, or write kind: ${kinds.join(' or ')}.`,
  );
}

/** Null for a word that is no kind: what belongs to it nobody knows. */
function knownKind(value: unknown, node: SchemaNode): string | null {
  return textsOf(node, 'enum').find((word) => word === value) ?? null;
}
