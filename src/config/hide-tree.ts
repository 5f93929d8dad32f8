import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ConfigPath, formatPath } from './config-path.ts';
import { isRecord, itemsOf, keysOf, type SchemaNode, toNode } from './schema-node.ts';
import { isList } from './settings-tree.ts';

export const HIDDEN = '[not shown]';

/** Settings that may be shown to a stranger, and the paths of what was taken out. */
export interface HiddenTree {
  readonly tree: unknown;
  readonly hidden: readonly string[];
}

const URL_FORMATS = ['base-url', 'https-base-url', 'identity-url'];
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Takes out of a tree of settings what the schema marks as secret, and whatever stands under a key that it does not
 * know: a misspelt `secret` is still one. What only could be a secret by mistake (a URL, the path of a file, an app id)
 * stays where it plainly is none.
 * @param base folder that paths of files count from
 */
export function hideTree(tree: unknown, schema: SchemaNode, base: string): HiddenTree {
  const hidden: string[] = [];
  const hide = (path: ConfigPath): string => {
    hidden.push(formatPath(path));
    return HIDDEN;
  };
  const visit = (value: unknown, node: SchemaNode, path: ConfigPath): unknown => {
    if (value === null || value === undefined) return value;
    const items = itemsOf(node);
    if (isList(value)) return items === null ? hide(path) : value.map((item, at) => visit(item, items, [...path, at]));
    if (!isRecord(value)) return isShown(value, node, path, base) ? value : hide(path);
    const known = keysOf(node);
    const others = toNode(node['additionalProperties']);
    const isOpen = isRecord(node['additionalProperties']);
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => {
        const child = known.get(key) ?? (isOpen ? others : null);
        return [key, child === null ? hide([...path, key]) : visit(part, child, [...path, key])];
      }),
    );
  };
  return { tree: visit(tree, schema, []), hidden };
}

function isShown(value: unknown, node: SchemaNode, path: ConfigPath, base: string): boolean {
  if (node['x-secret'] !== true) return true;
  if (typeof value !== 'string') return false;
  const key = String(path.at(-1));
  if (value === 'off') return true;
  if (URL_FORMATS.includes(String(node['format']))) return isPlainUrl(value);
  if (key.endsWith('File')) return existsSync(resolve(base, value));
  return key === 'clientId' && GUID.test(value);
}

/** Nothing in it but where it leads. */
function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return [username, password, search, hash].every((part) => part === '');
}
