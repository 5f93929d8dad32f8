import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import type { FeedRules } from '../../src/domain/feed-rules.ts';

/** The one tenant of the benchmarks, known to the simulated Microsoft and to the bridge. */
export const BENCH_TENANT = {
  name: 'contoso',
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '99999999-8888-4777-8666-555555555555',
  clientSecret: 'bench-client-secret',
} as const;

/** The feed of a new configuration. */
export const FEED_RULES: FeedRules = {
  name: 'default',
  tenantIds: new Set([BENCH_TENANT.tenantId]),
  detections: 'perEvidence',
  changes: 'significant',
  layout: 'microsoft',
  receiptTime: 'feed',
  arcsight: DEFAULT_CHOICES,
  minSeverity: 'Informational',
  categories: new Set(),
  initialLookbackMs: 48 * 3_600_000,
};
