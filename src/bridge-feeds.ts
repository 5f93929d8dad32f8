import type { FeedConfig, TenantConfig } from './config/config.ts';
import type { FeedRules } from './domain/feed-rules.ts';
import type { FeedSettings } from './feed/delivery.ts';
import type { ConnectorLogin } from './http/access.ts';
import type { FeedReaders } from './store/upkeep.ts';

/** What the store renders a feed by. */
export function feedRules(feed: FeedConfig, tenants: readonly TenantConfig[]): FeedRules {
  const ids = tenants.filter(({ name }) => feed.tenantNames.includes(name)).map(({ tenantId }) => tenantId);
  return { ...feed, tenantIds: new Set(ids), categories: new Set(feed.categories) };
}

/** What a poll of a feed is answered by. */
export function feedSettings({ page: limits, ...feed }: FeedConfig): FeedSettings {
  const { name, acknowledge, legacyUpdates, initialLookbackMs, maxLookbackMs } = feed;
  return { name, limits, acknowledge, legacyUpdates, initialLookbackMs, maxLookbackMs };
}

/** Who holds back what retention would delete: nobody in a feed that keeps no position. */
export function feedReaders(
  { name: feed, acknowledge }: FeedConfig,
  connectors: readonly Pick<ConnectorLogin, 'name' | 'feeds'>[],
): FeedReaders {
  const readers = acknowledge === 'none' ? [] : connectors.filter(({ feeds }) => feeds.has(feed));
  return { feed, connectors: readers.map(({ name }) => name) };
}
