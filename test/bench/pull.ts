import { openSources } from '../../src/bridge-sources.ts';
import type { Config } from '../../src/config/config.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import { type Clock, systemClock } from '../../src/domain/clock.ts';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { FEED_RULES } from './bench-tenant.ts';

export interface Pulled {
  /** One tick, from before its first connection to after its last commit. */
  readonly ms: number;
  readonly alerts: number;
  readonly events: number;
  readonly pages: number;
}

/** One tick of the one source into a new database: token, HTTPS, pages, SQLite. Leaves the database closed. */
export async function pull(config: Config): Promise<Pulled> {
  const seen: BridgeEvent[] = [];
  const emit = (event: BridgeEvent): void => {
    seen.push(event);
  };
  const store = createSqliteStore({ path: config.store.path, clock: risingClock() });
  await store.ensureFeeds([FEED_RULES]);
  const opened = openSources(config, { store, clock: systemClock, emit, random: Math.random });
  const started = performance.now();
  for (const { collector } of opened.sources) await collector.tick(new AbortController().signal);
  const ms = performance.now() - started;
  await opened.close();
  await store.close();
  const finished = seen.find((event) => event.name === 'pollFinished');
  if (finished?.name !== 'pollFinished') throw new Error(`the pull failed: ${JSON.stringify(seen)}`);
  const { fresh: alerts, events, pages } = finished;
  return { ms, alerts, events, pages };
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
