import type { Config } from './config/config.ts';
import type { Emit } from './domain/bridge-event.ts';
import type { Clock } from './domain/clock.ts';
import type { Logins } from './http/access.ts';
import type { AccessStore } from './store/access-store.ts';
import { createFirstLogins } from './store/first-logins.ts';

/** Everybody who may log in: created logins and configured ones, which win by name. */
export function bridgeLogins(config: Config, access?: AccessStore): Logins {
  const names = config.feeds.map(({ name }) => name);
  const configured = config.connectors.map(({ name, feeds, auth }) => ({ name, feeds: new Set(feeds), auth }));
  const created = access?.connectors().map(({ name, feeds, auth }) => ({
    name,
    // A feed that is no longer configured is nobody's.
    feeds: new Set(feeds === null ? names : feeds.filter((feed) => names.includes(feed))),
    auth,
  }));
  return {
    connectors: byName([...(created ?? []), ...configured]),
    operators: byName([...(access?.operators() ?? []), ...config.operators]),
  };
}

/** Logins that commands may change while the bridge runs. */
export interface LiveLogins {
  /** As they are now; the same object for as long as nothing changed. Throws a BridgeError when they cannot be read. */
  now(): Logins;
  /** The last ones that could be read: for what must go on. */
  lastKnown(): Logins;
  readonly configured: Logins;
}

/** Without any login, the first start makes one of each kind. */
export async function loadLogins(
  config: Config,
  access: AccessStore,
  { emit, clock }: { readonly emit: Emit; readonly clock: Clock },
): Promise<LiveLogins> {
  const counts = { connectors: config.connectors.length, operators: config.operators.length };
  const file = await createFirstLogins(access, config.dataDir, counts, clock.now());
  if (file !== null) emit({ name: 'credentialsCreated', file });
  let version = access.version();
  let logins = bridgeLogins(config, access);
  const now = (): Logins => {
    const present = access.version();
    if (present === version) return logins;
    logins = bridgeLogins(config, access);
    version = present;
    return logins;
  };
  return {
    now,
    lastKnown: () => {
      try {
        return now();
      } catch {
        return logins;
      }
    },
    configured: bridgeLogins(config),
  };
}

function byName<Login extends { readonly name: string }>(logins: readonly Login[]): readonly Login[] {
  return [...new Map(logins.map((login) => [login.name, login])).values()];
}
