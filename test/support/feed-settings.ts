import type { FeedSettings } from '../../src/feed/delivery.ts';

const HOUR = 3_600_000;

/** Settings of a feed as the delivery gets them. */
export function someFeedSettings(changes: Partial<FeedSettings> = {}): FeedSettings {
  return {
    name: 'default',
    limits: { maxEvents: 100, maxBytes: 1e6 },
    acknowledge: 'progress',
    legacyUpdates: false,
    initialLookbackMs: 24 * HOUR,
    maxLookbackMs: 168 * HOUR,
    ...changes,
  };
}
