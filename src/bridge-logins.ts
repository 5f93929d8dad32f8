import type { Config } from './config/config.ts';
import type { Emit } from './domain/bridge-event.ts';
import type { AccessStore } from './store/access-store.ts';
import { createFirstLogins } from './store/first-logins.ts';

/** A connector that may log in, with the feeds that it may read. */
export type ConnectorLogin = ReturnType<typeof bridgeLogins>['connectors'][number];

/** Everybody who may log in: created logins and configured ones, which win by name. */
export function bridgeLogins(config: Config, access?: AccessStore) {
  const everyFeed = new Set(config.feeds.map(({ name }) => name));
  const configured = config.connectors.map(({ name, feeds, auth }) => ({
    name,
    feeds: new Set(feeds),
    secretHash: auth.secretHash,
  }));
  const created = access?.connectors().map((connector) => ({ ...connector, feeds: everyFeed })) ?? [];
  return {
    connectors: byName([...created, ...configured]),
    operators: byName([...(access?.operators() ?? []), ...config.operators]),
  };
}

/** Without any login, the first start makes one of each kind. */
export async function loadLogins(config: Config, access: AccessStore, emit: Emit) {
  const configured = { connectors: config.connectors.length, operators: config.operators.length };
  const file = await createFirstLogins(access, config.dataDir, configured);
  if (file !== null) emit({ name: 'credentialsCreated', file });
  return bridgeLogins(config, access);
}

function byName<Login extends { readonly name: string }>(logins: readonly Login[]): readonly Login[] {
  return [...new Map(logins.map((login) => [login.name, login])).values()];
}
