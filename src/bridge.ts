import { bridgeAccess } from './bridge-access.ts';
import { createAudit } from './bridge-audit.ts';
import { type AuditStream, auditStream } from './bridge-audit-stream.ts';
import { openCertificate } from './bridge-certificate.ts';
import { expectations } from './bridge-expectations.ts';
import { feedRules, feedSettings } from './bridge-feeds.ts';
import { listen, listenForProbes, makeDataFolder } from './bridge-listen.ts';
import { livePack } from './bridge-pack.ts';
import { openSources } from './bridge-sources.ts';
import { createScheduler } from './collector/scheduler.ts';
import type { Config } from './config/config.ts';
import type { Audit } from './domain/audit.ts';
import type { Emit } from './domain/bridge-event.ts';
import { type Clock, systemClock } from './domain/clock.ts';
import { toBridgeError } from './domain/errors.ts';
import { createTrace, type Trace } from './domain/trace.ts';
import { createDelivery } from './feed/delivery.ts';
import { createErrands } from './feed/errands.ts';
import { createEventFeed } from './feed/event-feed.ts';
import type { ChangeLogLevel } from './feed/log-level.ts';
import { createObservations } from './feed/observation.ts';
import { createPositionKeeper } from './feed/position-keeper.ts';
import { createApp } from './http/app.ts';
import { createHealthApp } from './http/health-app.ts';
import { createRequestObserver } from './http/observer.ts';
import { type App, renewCertificate } from './http/server.ts';
import { createTryWatch } from './http/try-watch.ts';
import { acquireInstanceLock } from './store/instance-lock.ts';
import { openAccessStore } from './store/sqlite-access-store.ts';
import { createSqliteStore } from './store/sqlite-detection-store.ts';
import { createUpkeep } from './store/upkeep-runner.ts';
import { createMeasureRecorder, type MeasureRecorder } from './telemetry/measure-recorder.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { observe } from './telemetry/observe.ts';
import { toSnapshot } from './telemetry/status-snapshot.ts';

export interface BridgeDeps {
  readonly emit: Emit;
  readonly version: string;
  readonly pid: number;
  readonly clock?: Clock;
  /** Ids of requests and polls, for the log. */
  readonly trace?: Trace;
  /** What the command `log-level` does; default: nothing. */
  readonly changeLogLevel?: ChangeLogLevel;
}

export interface Bridge {
  /** Resolves once the feed can be polled; throws a BridgeError and leaves nothing running when it cannot start. */
  start(): Promise<{ readonly url: string }>;
  /** Stops in order: schedules and running polls, open answers, connections, store, lock. */
  stop(): Promise<void>;
  /** Serves the certificate that is on the disk now, and makes its own anew where that ends soon. @throws BridgeError */
  renewCertificate(): Promise<void>;
  /** A line for the auditor; only between start and stop. */
  readonly audit: Audit;
}

/** After this long, open answers are cut: their tries count as broken and are sent again. */
const CUT_MS = 8_000;

/** The whole service from its configuration: every part is made here and nowhere else. */
export function createBridge(config: Config, deps: BridgeDeps): Bridge {
  const { emit, clock = systemClock, trace = createTrace() } = deps;
  const undo: (() => Promise<void> | void)[] = [];
  let serving = false;
  let renew = (): Promise<void> => Promise.resolve();
  let audit: Audit = () => undefined;
  let server: App['server'] | null = null;

  const start = async (): Promise<{ url: string }> => {
    await makeDataFolder(config.dataDir);
    const lock = acquireInstanceLock(config.store.path, deps.pid);
    undo.push(() => {
      lock.release();
    });
    let metrics: Metrics | null = null;
    let stream: AuditStream | null = null;
    let recorder: MeasureRecorder | null = null;
    const tell: Emit = (event) => {
      emit(event);
      metrics?.count(event);
      stream?.tell(event);
      recorder?.record(event);
    };
    const store = createSqliteStore({ path: config.store.path, clock, emit: tell, serving: true });
    undo.push(() => store.close());
    stream = auditStream(config, { store, clock, emit: tell });
    undo.push(() => stream?.stop());
    audit = createAudit(store, tell, (entry) => stream?.add(entry));
    await store.breakUnprovenTries();
    const renewed = await store.ensureFeeds(config.feeds.map((feed) => feedRules(feed, config.tenants)));
    const accessStore = openAccessStore(config.dataDir, { serving: true });
    undo.push(() => {
      accessStore.close();
    });
    const certificate = await openCertificate(config.server, { clock, emit });
    const clientCaPem = certificate.clientCaPem();
    const { logins, ...access } = await bridgeAccess(config, { accessStore, clientCaPem, emit: tell, clock });
    // Made anew at each look: connectors come and go while the bridge runs.
    const expected = () =>
      expectations(config, logins.lastKnown().connectors, certificate.now(), { keptPositions: () => positions.kept() });
    const look = () => observe(store, expected(), clock);
    metrics = createMetrics({
      clock,
      version: deps.version,
      nodeVersion: process.version,
      expected: expected(),
      observe: look,
    });
    const known = () => logins.lastKnown().connectors;
    recorder = createMeasureRecorder({ store, clock, emit: tell, connectors: known });
    // Ends after everything that is measured.
    undo.push(() => recorder.stop());
    for (const feed of renewed) tell({ name: 'feedRenewed', ...feed });
    const positions = createPositionKeeper({ store, clock, emit: tell });
    undo.push(() => positions.flush());
    const observations = createObservations(clock);
    const observer = createRequestObserver(observations, clock);
    const watch = createTryWatch();
    const health = { status: async () => ({ ...toSnapshot(await look()), pid: deps.pid }), isServing: () => serving };
    const probes = config.server.health === null ? null : await createHealthApp({ ...health, metrics, emit: tell });
    // Ends after the feed: until then it says that the bridge is stopping.
    undo.push(() => probes?.close());
    const app = await createApp({
      emit: tell,
      version: deps.version,
      trace,
      tls: certificate.now(),
      ...access,
      access: observer.access(access.access),
      observer,
      accessStore,
      audit,
      trustProxy: config.server.trustProxy,
      clock,
      store,
      tenantName: (id) => config.tenants.find(({ tenantId }) => tenantId === id)?.name ?? id,
      publicUrl: config.server.publicUrl,
      delivery: observer.delivery(createDelivery({ store, clock, emit: tell, positions })),
      eventFeed: createEventFeed({ store, clock, emit: tell }),
      feeds: new Map(config.feeds.map((feed) => [feed.name, feedSettings(feed)])),
      watch,
      metrics,
      pack: livePack(config, () => logins.lastKnown().connectors),
      ...health,
    });
    server = app.server;
    renew = () =>
      certificate.renew((next, caPem) => {
        renewCertificate(app.server, next, caPem);
      });
    undo.push(() => app.close());
    // Closing would cut connections whose end still has to prove that a page was taken.
    undo.push(() => watch.settled());
    const opened = openSources(config, { store, clock, emit: tell, random: Math.random, trace });
    undo.push(() => opened.close());
    const scheduler = createScheduler({ sources: opened.sources, clock, emit: tell });
    undo.push(() => scheduler.stop());
    const change = deps.changeLogLevel === undefined ? {} : { changeLogLevel: deps.changeLogLevel };
    const errands = createErrands({
      store,
      positions,
      clock,
      emit: tell,
      feeds: config.feeds,
      observations,
      ...change,
    });
    undo.push(() => errands.stop());
    const upkeep = createUpkeep({
      ...{ store, clock, emit: tell, policy: config.store.retention },
      readers: () => expected().retention.readers,
    });
    undo.push(() => upkeep.stop());
    if (probes !== null && config.server.health !== null) await listenForProbes(probes, config.server.health);
    const url = await listen(app, config.server);
    serving = true;
    stream?.start();
    scheduler.start();
    errands.start();
    upkeep.start();
    recorder.start();
    tell({ name: 'started', url, version: deps.version });
    return { url };
  };

  const stop = async (): Promise<void> => {
    serving = false;
    const failures: unknown[] = [];
    const cut = setTimeout(() => server?.closeAllConnections(), CUT_MS).unref();
    for (const step of undo.splice(0).toReversed()) {
      // One part that cannot be stopped must not keep the store open and the lock held.
      await Promise.resolve()
        .then(step)
        .catch((thrown: unknown) => failures.push(thrown));
    }
    clearTimeout(cut);
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
    renewCertificate: () => renew(),
    audit: (entry) => {
      audit(entry);
    },
  };
}
