import type { Static, TSchema } from 'typebox';
import type { Config } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import { ConnectorSchema } from './connector-schema.ts';
import { FeedSchema } from './feed-schema.ts';
import { LogSchema } from './log-schema.ts';
import { resolveConnector } from './resolve-connector.ts';
import { resolveFeed } from './resolve-feed.ts';
import { resolveLog } from './resolve-log.ts';
import { type ResolveContext, resolveServer } from './resolve-server.ts';
import { dataFolder, resolveAlarms, resolveStore } from './resolve-store.ts';
import { resolveTenant } from './resolve-tenant.ts';
import { OperatorSchema } from './schema.ts';
import { isRecord } from './schema-node.ts';
import { isList } from './settings-tree.ts';
import { AlarmsSchema, StoreSchema } from './store-schema.ts';

/**
 * Makes the Config of a tree with its defaults filled in. A part that breaks the schema is passed over, the others
 * are still checked. Null when a part is missing; the report then says why.
 */
export async function resolveConfig(
  context: ResolveContext,
  tree: Readonly<Record<string, unknown>>,
  file: string | null,
): Promise<Config | null> {
  const { report, check } = context;
  const store = check.fits(StoreSchema, ['store'], tree['store']) ? resolveStore(context, tree['store']) : null;
  const dataDir = store === null ? context.base : dataFolder(store);
  const server = await resolveServer(context, tree['server'], dataDir);
  const log = check.fits(LogSchema, ['log'], tree['log']) ? resolveLog(context, tree['log']) : null;
  const listed = isList(tree['tenants']) ? tree['tenants'] : [];
  const tenants = await Promise.all(listed.map((item, index) => resolveTenant(context, ['tenants', index], item)));
  const names = namesOf(tree['tenants']);
  const feeds = valid(context, tree, 'feeds', FeedSchema).map(({ at, settings }) =>
    resolveFeed(report, at, settings, names),
  );
  const alarms = check.fits(AlarmsSchema, ['alarms'], tree['alarms'])
    ? resolveAlarms(report, tree['alarms'], feeds)
    : null;
  const connectors = valid(context, tree, 'connectors', ConnectorSchema).map(({ at, settings }) =>
    resolveConnector(report, at, settings, tree['server']),
  );
  const operators = valid(context, tree, 'operators', OperatorSchema).map(({ settings }) => settings);
  if (server === null || log === null || store === null || alarms === null) return null;
  return frozen({
    file,
    dataDir,
    server,
    log,
    store,
    tenants: tenants.filter((tenant) => tenant !== null),
    feeds,
    alarms,
    connectors,
    operators,
    warnings: [...report.warnings],
  });
}

/** The items of a list that are right by themselves, with their places. */
function valid<Schema extends TSchema>(
  { check }: ResolveContext,
  tree: Readonly<Record<string, unknown>>,
  key: string,
  schema: Schema,
): readonly { at: ConfigPath; settings: Static<Schema> }[] {
  const items = tree[key];
  if (!isList(items)) return [];
  return items.flatMap((item, index) => {
    const at = [key, index];
    return check.fits(schema, at, item) ? [{ at, settings: item }] : [];
  });
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
