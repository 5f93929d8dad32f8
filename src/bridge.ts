import type { AddressInfo } from 'node:net';
import { bridgeAccess } from './bridge-access.ts';
import { createAudit } from './bridge-audit.ts';
import { bridgeCertificate, clientCa } from './bridge-certificate.ts';
import { expectations } from './bridge-expectations.ts';
import { feedRules, feedSettings } from './bridge-feeds.ts';
import { livePack } from './bridge-pack.ts';
import { openSources } from './bridge-sources.ts';
import { createScheduler } from './collector/scheduler.ts';
import type { Config } from './config/config.ts';
import { makeFolder } from './connector/make-folder.ts';
import type { Emit } from './domain/bridge-event.ts';
import { type Clock, systemClock } from './domain/clock.ts';
import { BridgeError, messageOf, toBridgeError } from './domain/errors.ts';
import { createDelivery } from './feed/delivery.ts';
import { createErrands } from './feed/errands.ts';
import { createEventFeed } from './feed/event-feed.ts';
import { createObservations } from './feed/observation.ts';
import { createPositionKeeper } from './feed/position-keeper.ts';
import { createApp } from './http/app.ts';
import { createRequestObserver } from './http/observer.ts';
import type { App } from './http/server.ts';
import { createTryWatch } from './http/try-watch.ts';
import { acquireInstanceLock } from './store/instance-lock.ts';
import { openAccessStore } from './store/sqlite-access-store.ts';
import { createSqliteStore } from './store/sqlite-detection-store.ts';
import { createUpkeep } from './store/upkeep-runner.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { observe } from './telemetry/observe.ts';
import { toSnapshot } from './telemetry/status-snapshot.ts';

export interface BridgeDeps {
  readonly emit: Emit;
  readonly version: string;
  readonly pid: number;
  readonly clock?: Clock;
}

export interface Bridge {
  /** Resolves once the feed can be polled; throws a BridgeError and leaves nothing running when it cannot start. */
  start(): Promise<{ readonly url: string }>;
  /** Stops in order: schedules and running polls, open answers, connections, store, lock. */
  stop(): Promise<void>;
}

/** The whole service from its configuration: every part is made here and nowhere else. */
export function createBridge(config: Config, deps: BridgeDeps): Bridge {
  const { emit, clock = systemClock } = deps;
  const undo: (() => Promise<void> | void)[] = [];
  let serving = false;

  const start = async (): Promise<{ url: string }> => {
    await makeDataFolder(config.dataDir);
    const lock = acquireInstanceLock(config.store.path, deps.pid);
    undo.push(() => {
      lock.release();
    });
    let metrics: Metrics | null = null;
    const tell: Emit = (event) => {
      emit(event);
      metrics?.count(event);
    };
    const store = createSqliteStore({ path: config.store.path, clock, emit: tell, serving: true });
    undo.push(() => store.close());
    await store.breakUnprovenTries();
    const renewed = await store.ensureFeeds(config.feeds.map((feed) => feedRules(feed, config.tenants)));
    const accessStore = openAccessStore(config.dataDir, { serving: true });
    undo.push(() => {
      accessStore.close();
    });
    const clientCaPem = await clientCa(config.server);
    const { logins, ...access } = await bridgeAccess(config, { accessStore, clientCaPem, emit: tell, clock });
    const certificate = await bridgeCertificate(config.server, { clock, emit });
    // Made anew at each look: connectors come and go while the bridge runs.
    const expected = () =>
      expectations(config, logins.lastKnown().connectors, certificate, { keptPositions: () => positions.kept() });
    const look = () => observe(store, expected(), clock);
    metrics = createMetrics({
      version: deps.version,
      nodeVersion: process.version,
      expected: expected(),
      observe: look,
    });
    for (const feed of renewed) tell({ name: 'feedRenewed', ...feed });
    const positions = createPositionKeeper({ store, clock, emit: tell });
    undo.push(() => positions.flush());
    const observations = createObservations(clock);
    const observer = createRequestObserver(observations, clock);
    const watch = createTryWatch();
    const app = await createApp({
      emit: tell,
      version: deps.version,
      tls: certificate,
      ...access,
      access: observer.access(access.access),
      observer,
      accessStore,
      audit: createAudit(store, tell),
      trustProxy: config.server.trustProxy,
      clock,
      publicUrl: config.server.publicUrl,
      delivery: observer.delivery(createDelivery({ store, clock, emit: tell, positions })),
      eventFeed: createEventFeed({ store, clock, emit: tell }),
      feeds: new Map(config.feeds.map((feed) => [feed.name, feedSettings(feed)])),
      watch,
      metrics,
      pack: livePack(config, () => logins.lastKnown().connectors),
      status: async () => ({ ...toSnapshot(await look()), pid: deps.pid }),
      isServing: () => serving,
    });
    undo.push(() => app.close());
    // Closing would cut connections whose end still has to prove that a page was taken.
    undo.push(() => watch.settled());
    const opened = openSources(config, { store, clock, emit: tell, random: Math.random });
    undo.push(() => opened.close());
    const scheduler = createScheduler({ sources: opened.sources, clock, emit: tell });
    undo.push(() => scheduler.stop());
    const errands = createErrands({ store, positions, clock, emit: tell, feeds: config.feeds, observations });
    undo.push(() => errands.stop());
    const upkeep = createUpkeep({
      ...{ store, clock, emit: tell, policy: config.store.retention },
      readers: () => expected().retention.readers,
    });
    undo.push(() => upkeep.stop());
    const url = await listen(app, config.server);
    serving = true;
    scheduler.start();
    errands.start();
    upkeep.start();
    tell({ name: 'started', url, version: deps.version });
    return { url };
  };

  const stop = async (): Promise<void> => {
    serving = false;
    const failures: unknown[] = [];
    for (const step of undo.splice(0).toReversed()) {
      // One part that cannot be stopped must not keep the store open and the lock held.
      await Promise.resolve()
        .then(step)
        .catch((thrown: unknown) => failures.push(thrown));
    }
    if (failures.length > 0) throw toBridgeError(failures[0]);
  };

  return {
    start: async () => {
      try {
        return await start();
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
  };
}

async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir, 0o700);
  } catch (cause) {
    throw new BridgeError({
      code: 'DATA_FOLDER',
      kind: 'operator',
      message: `cannot make the data folder ${dataDir}: ${messageOf(cause)}`,
      hint: 'Give the account that runs FlexBridge the right to write there, or set store.path to another place.',
      cause,
    });
  }
}

async function listen(app: App, { host, port, tls }: Config['server']): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new BridgeError({
      code: 'LISTEN_FAILED',
      kind: 'operator',
      message: `cannot listen on ${host} port ${port}: ${messageOf(cause)}`,
      hint: 'Stop the program that uses this port, or set server.host and server.port to an address of this machine that is free.',
      cause,
    });
  }
  const address = app.server.address() as AddressInfo;
  return `${tls.kind === 'off' ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
