import { createCollector } from '../../src/collector/collector.ts';
import { openTenant } from '../../src/defender/registry.ts';
import type { Source } from '../../src/defender/source.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import { type Clock, systemClock } from '../../src/domain/clock.ts';
import type { FeedRules } from '../../src/domain/feed-rules.ts';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { BENCH_TENANT } from './bench-tenant.ts';
import type { Helper } from './workspace.ts';

const LOOKBACK_MS = 48 * 3_600_000;

/** What a new configuration has. */
export const FEED_RULES: FeedRules = {
  name: 'default',
  tenantIds: new Set([BENCH_TENANT.tenantId]),
  changes: 'significant',
  layout: 'microsoft',
  receiptTime: 'feed',
  minSeverity: 'Informational',
  categories: new Set(),
  initialLookbackMs: LOOKBACK_MS,
};

export interface Pulled {
  /** One tick, from before its first connection to after its last commit. */
  readonly ms: number;
  readonly alerts: number;
  readonly events: number;
  readonly pages: number;
}

/** One tick of a collector into a new database: token, HTTPS, pages, SQLite. Leaves the database closed. */
export async function pull(upstream: Helper, path: string): Promise<Pulled> {
  const seen: BridgeEvent[] = [];
  const emit = (event: BridgeEvent): void => {
    seen.push(event);
  };
  const { name, tenantId } = BENCH_TENANT;
  const store = createSqliteStore({ path, clock: risingClock() });
  await store.ensureFeeds([FEED_RULES]);
  const opened = openUpstream(upstream, emit);
  const settings = { overlapMs: 0, settleMs: 0, initialLookbackMs: LOOKBACK_MS };
  const { source } = opened;
  const tenant = { tenantId, name };
  const collector = createCollector({ tenant, source, settings, store, clock: systemClock, emit });
  const started = performance.now();
  await collector.tick(new AbortController().signal);
  const ms = performance.now() - started;
  await opened.close();
  await store.close();
  const finished = seen.find((event) => event.name === 'pollFinished');
  if (finished?.name !== 'pollFinished') throw new Error(`the pull failed: ${JSON.stringify(seen)}`);
  return { ms, alerts: finished.fresh, events: finished.events, pages: finished.pages };
}

/** The simulated Microsoft as the bridge sees it. */
export function openUpstream(
  { told: { url = '', caPem = '' } }: Helper,
  emit: (event: BridgeEvent) => void,
): { readonly source: Source; close(): Promise<void> } {
  const { name, tenantId, clientId, clientSecret } = BENCH_TENANT;
  const opened = openTenant(
    { tenantName: name, tenantId, loginUrl: url, graphUrl: url, clientId, secret: () => clientSecret, caPem },
    { clock: systemClock, emit },
  );
  const source = opened.source('graph-alerts');
  return { source, close: () => opened.close() };
}

/** Never the same time twice, so that the rows tell which transaction they were written in. */
function risingClock(): Clock {
  let last = 0;
  return {
    ...systemClock,
    now() {
      last = Math.max(systemClock.now(), last + 1);
      return last;
    },
  };
}
