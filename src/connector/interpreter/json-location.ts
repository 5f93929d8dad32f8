/** One step of a location: `a/b[0]/..` is member a, member b, element 0, parent. */
export type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'element'; readonly index: number }
  | { readonly kind: 'parent' };

/** A place in the document. `parent` skips arrays: it is the object that holds the place. */
export interface JsonNode {
  readonly value: unknown;
  /** Member name under which the node or the array around it hangs; empty for the root. */
  readonly name: string;
  readonly parent: JsonNode | null;
}

/** Splits at `/`; empty steps and `.` lead nowhere (`a//b` is `a/b`, `/` the root). */
export function parseLocation(location: string): readonly Step[] {
  return location.split('/').flatMap((part): Step[] => {
    const text = part.trim();
    if (text === '' || text === '.') return [];
    if (text === '..') return [{ kind: 'parent' }];
    const [, name = text, indices = ''] = /^(.*?)((?:\[\d+\])+)$/.exec(text) ?? [];
    const elements = Array.from(
      indices.matchAll(/\d+/g),
      ([digits]): Step => ({ kind: 'element', index: Number(digits) }),
    );
    return name === '' ? elements : [{ kind: 'member', name }, ...elements];
  });
}

export function rootNode(value: unknown): JsonNode {
  return { value, name: '', parent: null };
}

/** Every node the steps lead to. An array met where a member is asked for is walked element by element. */
export function resolve(start: JsonNode, steps: readonly Step[]): readonly JsonNode[] {
  let nodes: readonly JsonNode[] = [start];
  for (const step of steps) nodes = nodes.flatMap((node) => follow(node, step));
  return nodes;
}

/** The elements of an array, or the node itself. */
export function elementsOf(node: JsonNode): readonly JsonNode[] {
  if (!Array.isArray(node.value)) return [node];
  return node.value.map((value: unknown) => ({ value, name: node.name, parent: node.parent }));
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function follow(node: JsonNode, step: Step): readonly JsonNode[] {
  switch (step.kind) {
    case 'parent':
      return node.parent === null ? [] : [node.parent];
    case 'element': {
      const element = Array.isArray(node.value) ? elementsOf(node)[step.index] : undefined;
      return element === undefined ? [] : [element];
    }
    case 'member':
      if (Array.isArray(node.value)) return elementsOf(node).flatMap((element) => follow(element, step));
      return memberOf(node, step.name);
  }
}

function memberOf(node: JsonNode, name: string): readonly JsonNode[] {
  if (!isJsonObject(node.value) || !Object.hasOwn(node.value, name)) return [];
  return [{ value: node.value[name], name, parent: node }];
}
