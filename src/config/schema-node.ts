/** A piece of the schema seen as data: what the loader reads from it beyond what ajv checks. */
export type SchemaNode = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Any part of a schema as a node; what is no object becomes an empty one. */
export function toNode(value: unknown): SchemaNode {
  return isRecord(value) ? value : {};
}

/** The keys of a block, with their nodes. */
export function keysOf(node: SchemaNode): ReadonlyMap<string, SchemaNode> {
  return new Map(Object.entries(toNode(node['properties'])).map(([key, value]) => [key, toNode(value)]));
}

/** The node of a list's items; null when the node is no list. */
export function itemsOf(node: SchemaNode): SchemaNode | null {
  return node['type'] === 'array' ? toNode(node['items']) : null;
}

/** Whether a value of this JSON type can stand there. */
export function allows(node: SchemaNode, type: string): boolean {
  const own = node['type'];
  return own === type || (Array.isArray(own) && own.includes(type));
}

/** The texts of a list that stands in the schema, such as `enum`, `x-later` or `x-kinds`; empty when there is none. */
export function textsOf(node: SchemaNode, key: string): readonly string[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
