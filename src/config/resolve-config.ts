import type { Config } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import { resolveConnector, resolveFeed } from './resolve-feed.ts';
import { dataFolder, type ResolveContext, resolveServer, resolveStore } from './resolve-server.ts';
import { resolveTenant } from './resolve-tenant.ts';
import type { SchemaCheck } from './schema-check.ts';
import { isRecord } from './schema-node.ts';
import { isList } from './settings-tree.ts';

/**
 * Makes the Config of a tree with its defaults filled in. A part that breaks the schema is passed over, the others
 * are still checked. Null when a part is missing; the report then says why.
 */
export async function resolveConfig(
  context: ResolveContext,
  check: SchemaCheck,
  tree: Readonly<Record<string, unknown>>,
  file: string | null,
): Promise<Config | null> {
  const { report } = context;
  const store = check.isStore(tree['store']) ? resolveStore(context, tree['store']) : null;
  const dataDir = store === null ? context.base : dataFolder(store);
  const server = await resolveServer(context, tree['server'], check, dataDir);
  const listed = isList(tree['tenants']) ? tree['tenants'] : [];
  const tenants = await Promise.all(
    listed.map((item, index) => resolveTenant(context, ['tenants', index], item, check)),
  );
  const names = namesOf(tree['tenants']);
  const feeds = valid(tree, 'feeds', check.isFeed).map(({ at, settings }) => resolveFeed(report, at, settings, names));
  const connectors = valid(tree, 'connectors', check.isConnector).map(({ settings }) => resolveConnector(settings));
  const operators = valid(tree, 'operators', check.isOperator).map(({ settings }) => settings);
  if (server === null || store === null) return null;
  return frozen({
    file,
    dataDir,
    server,
    store,
    tenants: tenants.filter((tenant) => tenant !== null),
    feeds,
    connectors,
    operators,
    warnings: [...report.warnings],
  });
}

/** The items of a list that are right by themselves, with their places. */
function valid<T>(
  tree: Readonly<Record<string, unknown>>,
  key: string,
  isValid: (value: unknown) => value is T,
): readonly { at: ConfigPath; settings: T }[] {
  const items = tree[key];
  if (!isList(items)) return [];
  return items.flatMap((item, index) => (isValid(item) ? [{ at: [key, index], settings: item }] : []));
}

function namesOf(items: unknown): readonly string[] {
  if (!isList(items)) return [];
  return items.flatMap((item) => (isRecord(item) && typeof item['name'] === 'string' ? [item['name']] : []));
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
