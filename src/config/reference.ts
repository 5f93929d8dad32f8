import { SIGNIFICANT_ALERT_FACTS, SIGNIFICANT_ITEM_FACTS } from '../domain/significant.ts';
import { CLOUD_NAMES, CLOUDS, defaultScopes } from './clouds.ts';
import { ConfigSchema } from './schema.ts';
import { itemsOf, keysOf, type SchemaNode, textsOf, toNode } from './schema-node.ts';
import { TENANT_VARIABLES } from './tenant-variables.ts';

/** A part of docs/configuration.md that is written from the tables of the program; the rest is written by hand. */
const WRITTEN = /(?<=<!-- written: (?<name>[a-z]+) -->\n\n)[\s\S]*?(?=\n\n<!-- end -->)/g;
const PARTS: Readonly<Record<string, () => string>> = {
  keys: keySections,
  changes: changeTable,
  clouds: cloudTable,
  variables: variableTable,
};

/** @param text of docs/configuration.md, whose written parts are written anew */
export function renderConfigReference(text: string): string {
  return text.replaceAll(WRITTEN, (old, name: string) => PARTS[name]?.() ?? old);
}

function keySections(): string {
  const schema = toNode(ConfigSchema);
  return [...keysOf(schema)].map(([key, node]) => section(key, node, isRequired(schema, key))).join('\n\n');
}

interface Row {
  /** Below the section, for example `tls.certFile`; items of a list as `sources[].api`. */
  readonly key: string;
  readonly node: SchemaNode;
  readonly required: boolean;
}

function section(key: string, node: SchemaNode, required: boolean): string {
  const items = itemsOf(node);
  const heading = `## ${key}${items === null ? '' : '[]'}`;
  return `${heading}

${describe(node)}${required ? ' Required.' : ''}

| key | value | default | what it is |
|---|---|---|---|
${rowsBelow(items ?? node, '')
  .map(line)
  .join('\n')}`;
}

function rowsBelow(node: SchemaNode, prefix: string): readonly Row[] {
  return [...keysOf(node)].flatMap(([key, child]) => {
    const items = itemsOf(child);
    const below = items === null ? rowsBelow(child, `${prefix}${key}.`) : rowsBelow(items, `${prefix}${key}[].`);
    return [{ key: `${prefix}${key}`, node: child, required: isRequired(node, key) }, ...below];
  });
}

function line({ key, node, required }: Row): string {
  const standard = required ? '**required**' : fallback(node);
  return `| \`${key}\` | ${cell(values(node))} | ${cell(standard)} | ${cell(describe(node))} |`;
}

/** A key with a default may be left out although the schema lists it: the loader fills it in. */
function isRequired(parent: SchemaNode, key: string): boolean {
  return textsOf(parent, 'required').includes(key) && !('default' in (keysOf(parent).get(key) ?? {}));
}

function values(node: SchemaNode): string {
  const words = textsOf(node, 'enum');
  if (words.length > 0) return words.map((word) => `\`${word}\``).join(', ');
  const expects = node['x-expects'];
  if (typeof expects === 'string') return expects;
  return keysOf(node).size > 0 ? 'a block' : 'text';
}

function fallback(node: SchemaNode): string {
  const value = node['default'];
  const needing = textsOf(node, 'x-required-for');
  if (needing.length > 0) return `required for ${quoted(needing, 'and')}`;
  if (value === undefined || value === null) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : 'one with its defaults';
  if (typeof value === 'object') return 'its defaults';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function describe(node: SchemaNode): string {
  const { description } = node;
  const kinds = textsOf(node, 'x-kinds');
  const said = typeof description === 'string' ? description : '';
  return kinds.length === 0 ? said : `(${quoted(kinds, 'or')}) ${said}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function quoted(names: readonly string[], last: 'or' | 'and' = 'or'): string {
  return names
    .map((name) => `\`${name}\``)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ` ${last} `);
}

function changeTable(): string {
  return `| value | events |
|---|---|
| \`first\` | no updates |
| \`significant\` | one about the alert when its ${quoted(SIGNIFICANT_ALERT_FACTS)} changed; one about an evidence item when its ${quoted(SIGNIFICANT_ITEM_FACTS)} changed |
| \`all\` | those, and one for every other change of the alert or of an item, but never for the device's logged-on users, addresses, health or risk alone |`;
}

function cloudTable(): string {
  const rows = CLOUD_NAMES.map((cloud) => {
    const { login, graph, defender, siem } = CLOUDS[cloud];
    const hosts = [login, graph, defender, siem].map((host) => host ?? '-');
    return `| \`${[cloud, ...hosts, defaultScopes(cloud, graph).defender].join('` | `')}\` |`;
  });
  const head = '| cloud | login | graph | defender | siem | scope of defender |';
  return [head, '|---|---|---|---|---|---|', ...rows].join('\n').replaceAll('`-`', '-');
}

function variableTable(): string {
  const rows = [...TENANT_VARIABLES].map(
    ([variable, path]) => `| \`${variable}\` | \`tenants[0].${path.join('.')}\` |`,
  );
  return ['| variable | stands for |', '|---|---|', ...rows].join('\n');
}
