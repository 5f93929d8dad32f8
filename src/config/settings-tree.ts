import { type ConfigPath, formatPath } from './config-path.ts';
import { isRecord, itemsOf, keysOf, type SchemaNode } from './schema-node.ts';

type Slot = { readonly value: unknown; put(value: unknown): void } | 'unfit' | 'gap';

/**
 * Sets one value of the tree, making the blocks and list items above it.
 * @param made told of every path that was set or made
 * @returns why it could not be set, or null
 */
export function setAt(
  tree: Record<string, unknown>,
  path: ConfigPath,
  value: unknown,
  made: (path: ConfigPath) => void,
): string | null {
  let container: unknown = tree;
  for (const [index, part] of path.entries()) {
    const above = formatPath(path.slice(0, index));
    const slot = slotOf(container, part);
    if (slot === 'unfit') return `cannot be set: ${above} is not a ${typeof part === 'number' ? 'list' : 'block'}`;
    if (slot === 'gap') return `cannot be set: ${above} has no item before position ${part}`;
    const isLast = index === path.length - 1;
    if (!isLast && slot.value !== null) {
      container = slot.value;
      continue;
    }
    container = isLast ? value : typeof path[index + 1] === 'number' ? [] : {};
    slot.put(container);
    made(path.slice(0, index + 1));
  }
  return null;
}

/** Removes keys that stand there without a value, where the schema has a default: an empty block is no block. */
export function dropEmpty(value: unknown, node: SchemaNode): void {
  const items = itemsOf(node);
  if (items !== null && isList(value)) for (const item of value) dropEmpty(item, items);
  if (!isRecord(value)) return;
  for (const [key, child] of keysOf(node)) {
    if (value[key] === null && 'default' in child) delete value[key];
    else dropEmpty(value[key], child);
  }
}

export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function slotOf(container: unknown, part: string | number): Slot {
  if (typeof part === 'string') {
    if (!isRecord(container)) return 'unfit';
    return { value: container[part] ?? null, put: (value) => (container[part] = value) };
  }
  if (!isList(container)) return 'unfit';
  if (part > container.length) return 'gap';
  return { value: container[part] ?? null, put: (value) => (container[part] = value) };
}
