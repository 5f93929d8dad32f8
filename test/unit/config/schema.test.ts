import { describe, expect, it } from 'vitest';
import { ConfigSchema } from '../../../src/config/schema.ts';
import { itemsOf, keysOf, type SchemaNode, toNode } from '../../../src/config/schema-node.ts';

function allKeys(node: SchemaNode, path: string): readonly { path: string; node: SchemaNode }[] {
  const items = itemsOf(node);
  if (items !== null) return allKeys(items, `${path}[]`);
  return [...keysOf(node)].flatMap(([key, child]) => [
    { path: `${path}.${key}`, node: child },
    ...allKeys(child, `${path}.${key}`),
  ]);
}

describe('the schema', () => {
  const keys = allKeys(toNode(ConfigSchema), '');

  it('describes every key for the reference', () => {
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.filter(({ node }) => typeof node['description'] !== 'string').map(({ path }) => path)).toEqual([]);
  });

  it('is plain JSON, so that it can be published', () => {
    expect(JSON.parse(JSON.stringify(ConfigSchema))).toEqual({ ...ConfigSchema });
  });

  it('marks every key that can hold a secret or its hash', () => {
    const secrets = keys.filter(({ node }) => node['x-secret'] === true).map(({ path }) => path);
    expect(secrets).toEqual(
      expect.arrayContaining([
        '.tenants[].credential.secret',
        '.connectors[].auth.secretHash',
        '.operators[].passwordHash',
      ]),
    );
  });
});
