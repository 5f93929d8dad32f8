import { CATEGORIES } from '../domain/event-class.ts';
import type { FeedConfig } from './config.ts';
import type { ConfigPath } from './config-path.ts';
import type { FeedSettings } from './feed-schema.ts';
import { nearest } from './nearest.ts';
import { durationMs, OFF, sizeBytes, unlessOff } from './quantity.ts';
import type { Report } from './report.ts';
import { resolveArcSight } from './resolve-arcsight.ts';

const SHORTEST_HEARTBEAT_MS = 60_000;
const LONGEST_HEARTBEAT_MS = 86_400_000;

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
  if (settings.acknowledge === 'none') warnOfNone(report, [...at, 'acknowledge']);
  for (const [index, word] of filter.categories.entries())
    warnOfCategory(report, [...at, 'filter', 'categories', index], word);
  return {
    name: settings.name,
    tenantNames: [...new Set(settings.tenants ?? allTenants)],
    detections: settings.detections,
    changes: settings.changes,
    layout: settings.layout,
    receiptTime: settings.receiptTime,
    arcsight: resolveArcSight(report, [...at, 'arcsight'], settings.arcsight),
    page: { maxEvents: page.maxEvents, maxBytes: sizeBytes(page.maxBytes) },
    acknowledge: settings.acknowledge,
    legacyUpdates: settings.legacyUpdates,
    heartbeatMs: resolveHeartbeat(report, [...at, 'heartbeat'], settings.heartbeat),
    initialLookbackMs,
    maxLookbackMs,
    minSeverity: filter.minSeverity,
    categories: filter.categories.map((word) => word.toLowerCase()),
  };
}

function resolveHeartbeat(report: Report, at: ConfigPath, heartbeat: string): number | null {
  const ms = unlessOff(heartbeat, durationMs);
  if (ms !== null && (ms < SHORTEST_HEARTBEAT_MS || ms > LONGEST_HEARTBEAT_MS))
    report.problem(at, `must be off, or from 1m to 24h, not ${heartbeat}`, `Write 5m, or leave it out to get ${OFF}.`);
  return ms;
}

function warnOfNone(report: Report, at: ConfigPath): void {
  report.warning(
    at,
    'is none: the bridge does not know what was delivered, so an event that a connector fails to take is not sent again, and no finding can say so',
    'Write progress, or response, unless the reader keeps its own position.',
  );
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
