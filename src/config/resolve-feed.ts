import { CATEGORIES } from '../domain/event-class.ts';
import type { ConnectorConfig, FeedConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import { nearest } from './nearest.ts';
import { parseSize } from './quantity.ts';
import type { Report } from './report.ts';
import { durationMs } from './resolve-server.ts';
import type { ConnectorSettings, FeedSettings } from './schema.ts';

/** @param allTenants names for a feed that names none */
export function resolveFeed(
  report: Report,
  at: ConfigPath,
  settings: FeedSettings,
  allTenants: readonly string[],
): FeedConfig {
  const { page, filter } = settings;
  const initialLookbackMs = durationMs(settings.initialLookback);
  const maxLookbackMs = durationMs(settings.maxLookback);
  if (initialLookbackMs > maxLookbackMs)
    report.problem(
      [...at, 'initialLookback'],
      `${settings.initialLookback} is more than maxLookback (${settings.maxLookback})`,
      'Raise maxLookback, or lower initialLookback.',
    );
  for (const [index, word] of filter.categories.entries())
    warnOfCategory(report, [...at, 'filter', 'categories', index], word);
  return {
    name: settings.name,
    tenantNames: [...new Set(settings.tenants ?? allTenants)],
    detections: settings.detections,
    changes: settings.changes,
    layout: settings.layout,
    receiptTime: settings.receiptTime,
    page: {
      maxEvents: page.maxEvents,
      maxBytes: typeof page.maxBytes === 'number' ? page.maxBytes : sizeOf(page.maxBytes),
    },
    acknowledge: settings.acknowledge,
    initialLookbackMs,
    maxLookbackMs,
    minSeverity: filter.minSeverity,
    categories: filter.categories.map((word) => word.toLowerCase()),
  };
}

export function resolveConnector({ name, feeds, auth }: ConnectorSettings): ConnectorConfig {
  return {
    name,
    feeds: [...new Set(feeds)],
    auth: { kind: auth.kind, secretHash: auth.secretHash.toLowerCase() },
  };
}

/** Microsoft may add categories at any time, so an unknown one is taken; a typing slip would silence the feed. */
function warnOfCategory(report: Report, at: ConfigPath, word: string): void {
  if (CATEGORIES.some((known) => known === word.toLowerCase())) return;
  const meant = nearest(word, CATEGORIES);
  report.warning(
    at,
    `${JSON.stringify(word)} is no category that is known`,
    meant === null ? "Check the word against the alerts' Category." : `Did you mean ${meant}?`,
  );
}

function sizeOf(text: string): number {
  return parseSize(text) ?? 0;
}
