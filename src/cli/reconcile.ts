import { feedRules } from '../bridge-feeds.ts';
import { bridgeLogins } from '../bridge-logins.ts';
import type { ReconcileRequest } from '../collector/reconcile.ts';
import type { ReconcileFeed } from '../collector/reconcile-delivery.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { runningInstance } from '../store/instance-lock.ts';
import { openAccessStore } from '../store/sqlite-access-store.ts';
import type { Console } from './console.ts';
import { onInterrupt } from './interrupt.ts';
import { parseMoment } from './moment.ts';
import { withStore } from './open-store.ts';
import { openProgress } from './progress-line.ts';
import { reconcileAll } from './reconcile-all.ts';
import { chooseSources } from './reconcile-choice.ts';
import { isComplete, reconcileJson } from './reconcile-row.ts';
import { reconcileText } from './reconcile-view.ts';

export interface ReconcileOptions {
  readonly config?: string;
  readonly tenant?: string;
  readonly api?: string;
  readonly from?: string;
  readonly to?: string;
  readonly fetch?: boolean;
  readonly json?: boolean;
}

/**
 * Holds what Microsoft has against what is stored, and that against what the connectors took. Exit code 0 when nothing is
 * missing; with `fetch`, when nothing is missing any more.
 */
export async function reconcile(
  options: ReconcileOptions,
  { out, err, isTerminal }: Console,
  clock: Clock = systemClock,
): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const chosen = chooseSources(config, options);
  const request = readRequest(options, clock.now());
  const { fetch } = request;
  const rules = config.feeds.map((feed) => feedRules(feed, config.tenants));
  if (fetch) await refuseOtherSettings(config, rules);
  const interrupt = onInterrupt();
  const progress = openProgress({ out: options.json ? err : out, isTerminal });
  try {
    const rows = await withStore(config, fetch ? 'write' : 'read', async (store) => {
      if (fetch) await store.ensureFeeds(rules);
      const { signal } = interrupt;
      return reconcileAll(chosen, { store, feeds: readersOf(config, rules), request, clock, progress, signal });
    });
    progress.end();
    const nowMs = clock.now();
    out(options.json ? `${JSON.stringify(reconcileJson(rows, nowMs), null, 2)}\n` : reconcileText(rows, nowMs));
    return rows.every(isComplete) ? 0 : 1;
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown;
    err('Stopped. What was fetched by now is stored and will be delivered.\n');
    return 1;
  } finally {
    progress.end();
    interrupt.close();
  }
}

function readRequest({ from, to, fetch = false }: ReconcileOptions, nowMs: number): ReconcileRequest {
  const fromMs = from === undefined ? null : parseMoment(from, '--from', nowMs);
  const toMs = to === undefined ? null : parseMoment(to, '--to', nowMs);
  if (fromMs !== null && fromMs >= (toMs ?? nowMs))
    throw new BridgeError({
      code: 'RANGE_EMPTY',
      kind: 'operator',
      message: `there is nothing between --from ${from ?? ''} and ${to === undefined ? 'now' : `--to ${to}`}`,
      hint: 'Give a --from that is earlier. Without a zone a time is UTC.',
    });
  return { fromMs, toMs, fetch };
}

/** The feeds with everybody who may read them. */
function readersOf(config: Config, rules: readonly ReconcileFeed['rules'][]): readonly ReconcileFeed[] {
  const access = openAccessStore(config.dataDir);
  const { connectors } = bridgeLogins(config, access);
  access.close();
  return config.feeds.flatMap(({ name, acknowledge }, index) => {
    const own = rules[index];
    const readers = connectors.filter(({ feeds }) => feeds.has(name)).map((connector) => connector.name);
    return own === undefined ? [] : [{ rules: own, connectors: readers, keepsPosition: acknowledge !== 'none' }];
  });
}

/** To fetch is to put events into feeds: a running bridge must have made them by the same settings. */
async function refuseOtherSettings(config: Config, rules: readonly ReconcileFeed['rules'][]): Promise<void> {
  const pid = runningInstance(config.store.path);
  if (pid === null) return;
  try {
    // Where nothing is to be changed, nothing is written.
    await withStore(config, 'read', (store) => store.ensureFeeds(rules));
  } catch (cause) {
    if (!(cause instanceof BridgeError) || cause.code !== 'STORE_READ_ONLY') throw cause;
    throw new BridgeError({
      code: 'SETTINGS_DIFFER',
      kind: 'operator',
      message: `the running FlexBridge (pid ${pid}) was started with other settings of its feeds than the configuration has now`,
      hint: 'Restart it, or undo the change; then fetch. Without --fetch the comparison works all the same.',
      cause,
    });
  }
}
