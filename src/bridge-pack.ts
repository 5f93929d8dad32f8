import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bridgeLogins } from './bridge-logins.ts';
import type { Config, FeedConfig, ServerConfig } from './config/config.ts';
import { type PackFile, renderPack } from './connector/bundle.ts';
import { type PackLogin, type PackSettings, packLogin } from './connector/pack-settings.ts';
import { type ConnectorAuth, DEFAULT_REDIRECT_URIS } from './domain/connector-auth.ts';
import { BridgeError, messageOf } from './domain/errors.ts';
import { FIRST_CONNECTOR } from './store/first-logins.ts';
import { openAccessStore } from './store/sqlite-access-store.ts';

/** A connector, as far as a pack is concerned. */
export interface PackConnector {
  readonly name: string;
  /** Feeds that it may read. */
  readonly feeds: ReadonlySet<string>;
  readonly auth: ConnectorAuth;
}

/**
 * What a feed's pack is made of.
 * @param connectors everybody who may log in, see `knownConnectors`
 * @param wanted name of the connector that it is for; without it, the first one that may read the feed
 * @throws BridgeError CONNECTOR_UNKNOWN, CA_UNREADABLE
 */
export async function packSettings(
  { server }: Pick<Config, 'server'>,
  feed: FeedConfig,
  connectors: readonly PackConnector[],
  wanted?: string,
): Promise<PackSettings> {
  return {
    feed: feed.name,
    layout: feed.layout,
    receiptTime: feed.receiptTime,
    choices: feed.arcsight,
    publicUrl: server.publicUrl,
    login: wantedLogin(connectors, feed.name, wanted),
    caPem: await ownCaPem(server),
  };
}

/** The pack of a feed as the running bridge would have it now: for the first connector of the feed. */
export function livePack(
  config: Config,
  connectors: () => readonly PackConnector[],
): (feedName: string) => Promise<readonly PackFile[]> {
  return async (feedName) => {
    const feed = config.feeds.find(({ name }) => name === feedName);
    if (feed === undefined) return [];
    return renderPack(await packSettings(config, feed, configuredFirst(connectors(), config)));
  };
}

/** Configured connectors, then created ones; for a command, which makes no database of logins where there is none. */
export function knownConnectors(config: Config): readonly PackConnector[] {
  const configured = bridgeLogins(config).connectors;
  if (!existsSync(join(config.dataDir, 'access.db'))) return configured;
  const access = openAccessStore(config.dataDir);
  try {
    return configuredFirst(bridgeLogins(config, access).connectors, config);
  } finally {
    access.close();
  }
}

/** In the order of the configuration; what is not in it, behind. */
function configuredFirst<Login extends { readonly name: string }>(
  logins: readonly Login[],
  { connectors }: Pick<Config, 'connectors'>,
): readonly Login[] {
  const rank = new Map(connectors.map(({ name }, index) => [name, index]));
  return logins.toSorted((a, b) => (rank.get(a.name) ?? Infinity) - (rank.get(b.name) ?? Infinity) || 0);
}

function wantedLogin(connectors: readonly PackConnector[], feed: string, wanted: string | undefined): PackLogin {
  const readers = connectors.filter(({ feeds }) => feeds.has(feed));
  const connector = wanted === undefined ? readers[0] : readers.find(({ name }) => name === wanted);
  if (connector !== undefined) return packLogin(connector);
  if (wanted === undefined || (wanted === FIRST_CONNECTOR && connectors.length === 0)) return FIRST_LOGIN;
  throw unknownConnector(
    wanted,
    feed,
    readers.map(({ name }) => name),
  );
}

/** The login that a first start makes. */
const FIRST_LOGIN: PackLogin = {
  kind: 'oauth2',
  connector: FIRST_CONNECTOR,
  clientId: FIRST_CONNECTOR,
  redirectUri: DEFAULT_REDIRECT_URIS[0],
};

/** PEM of the CA that the bridge has made itself; null where it uses a configured certificate, or has made none yet. */
async function ownCaPem({ tls }: ServerConfig): Promise<string | null> {
  if (tls.kind !== 'self-made') return null;
  const file = join(tls.folder, 'ca.pem');
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new BridgeError({
      code: 'CA_UNREADABLE',
      kind: 'operator',
      message: `cannot read the CA certificate of the bridge: ${messageOf(cause)}`,
      hint: 'Run this command as the account that runs the bridge, or give this one the right to read the file.',
      cause,
    });
  }
}

function unknownConnector(name: string, feed: string, readers: readonly string[]): BridgeError {
  return new BridgeError({
    code: 'CONNECTOR_UNKNOWN',
    kind: 'operator',
    message: `no connector ${JSON.stringify(name)} may read the feed ${feed}`,
    hint:
      readers.length === 0
        ? 'None may. Give one this feed (connectors[].feeds in the configuration).'
        : `These may: ${readers.join(', ')}. Others get it by connectors[].feeds in the configuration.`,
  });
}
