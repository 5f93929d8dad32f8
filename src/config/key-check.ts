import type { ConfigPath } from './config-path.ts';
import { ConfigSchema } from './schema.ts';
import { createAjv } from './schema-check.ts';
import { itemsOf, keysOf, type SchemaNode, toNode } from './schema-node.ts';
import { expected } from './schema-problem.ts';

/**
 * What is wrong with one value by the schema's rule for its key, in words; null when nothing is. For whoever asks for a
 * value before there is a configuration.
 */
export function keyProblem(path: ConfigPath, value: unknown): string | null {
  const node = path.reduce(below, toNode(ConfigSchema));
  // As a part of a block: at the root of a schema there is no place for a default.
  const block = { type: 'object', properties: { value: node } };
  return createAjv().validate(block, { value }) ? null : `This must be ${expected(node)}.`;
}

function below(node: SchemaNode, part: string | number): SchemaNode {
  return (typeof part === 'number' ? itemsOf(node) : keysOf(node).get(part)) ?? {};
}
