/** A piece of the schema seen as data: what the loader reads from it beyond what ajv checks. */
export type SchemaNode = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Any part of a schema as a node; what is no object becomes an empty one. */
export function toNode(value: unknown): SchemaNode {
  return isRecord(value) ? value : {};
}

/** The keys of an object node (of the object branch of a union), with their nodes. */
export function keysOf(node: SchemaNode): ReadonlyMap<string, SchemaNode> {
  const properties = toNode(branchOf(node, 'object')['properties']);
  return new Map(Object.entries(properties).map(([key, value]) => [key, toNode(value)]));
}

/** The node of a list's items; null when the node is no list. */
export function itemsOf(node: SchemaNode): SchemaNode | null {
  return node['type'] === 'array' ? toNode(node['items']) : null;
}

/** Whether a value of this JSON type can stand there. */
export function allows(node: SchemaNode, type: string): boolean {
  const own = node['type'];
  if (own === type || (Array.isArray(own) && own.includes(type))) return true;
  return branches(node).some((branch) => allows(branch, type));
}

/** Words or keys of the design that this version does not have. */
export function laterOf(node: SchemaNode): readonly string[] {
  return textsOf(node['x-later']);
}

/** The words of an enumeration; empty for other nodes. */
export function wordsOf(node: SchemaNode): readonly string[] {
  return textsOf(node['enum']);
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function branchOf(node: SchemaNode, type: string): SchemaNode {
  return branches(node).find((branch) => branch['type'] === type) ?? node;
}

function branches(node: SchemaNode): readonly SchemaNode[] {
  const anyOf = node['anyOf'];
  return Array.isArray(anyOf) ? anyOf.map(toNode) : [];
}
