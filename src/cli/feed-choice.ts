import { bridgeLogins } from '../bridge-logins.ts';
import type { Config, FeedConfig } from '../config/config.ts';
import { BridgeError } from '../domain/errors.ts';
import { openAccessStore } from '../store/sqlite-access-store.ts';

/** @throws BridgeError FEED_UNKNOWN that names those there are */
export function chooseFeed(name: string, { feeds }: Pick<Config, 'feeds'>): FeedConfig {
  const feed = feeds.find((candidate) => candidate.name === name);
  if (feed !== undefined) return feed;
  throw new BridgeError({
    code: 'FEED_UNKNOWN',
    kind: 'operator',
    message: `the configuration has no feed ${JSON.stringify(name)}`,
    hint: `Its feeds are: ${feeds.map((candidate) => candidate.name).join(', ')}.`,
  });
}

/** Connectors that may read the feed: configured ones, and those that the bridge made. */
export function connectorsOf(feed: FeedConfig, config: Config): readonly string[] {
  const access = openAccessStore(config.dataDir);
  try {
    const { connectors } = bridgeLogins(config, access);
    return connectors.filter(({ feeds }) => feeds.has(feed.name)).map(({ name }) => name);
  } finally {
    access.close();
  }
}

/** @throws BridgeError CONNECTOR_UNKNOWN that names those there are */
export function chooseConnector(name: string, feed: FeedConfig, config: Config): string {
  const names = connectorsOf(feed, config);
  if (names.includes(name)) return name;
  throw new BridgeError({
    code: 'CONNECTOR_UNKNOWN',
    kind: 'operator',
    message: `no connector ${JSON.stringify(name)} may read the feed ${feed.name}`,
    hint:
      names.length === 0
        ? 'None may. Give one this feed (connectors[].feeds in the configuration).'
        : `These may: ${names.join(', ')}. Others get it by connectors[].feeds in the configuration.`,
  });
}
