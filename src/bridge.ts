import type { AddressInfo } from 'node:net';
import { bridgeCertificate } from './bridge-certificate.ts';
import { openSources } from './bridge-sources.ts';
import { createScheduler, intervalMs } from './collector/scheduler.ts';
import { cloudNotes } from './config/cloud-notes.ts';
import type { Config, FeedConfig, TenantConfig } from './config/config.ts';
import { credentialExpiries } from './config/credential-expiries.ts';
import { makeFolder } from './connector/make-folder.ts';
import type { Emit } from './domain/bridge-event.ts';
import { type Clock, systemClock } from './domain/clock.ts';
import { BridgeError, messageOf, toBridgeError } from './domain/errors.ts';
import type { FeedRules } from './domain/feed-rules.ts';
import { createDelivery, type FeedSettings } from './feed/delivery.ts';
import { createAccess } from './http/access.ts';
import { createApp } from './http/app.ts';
import type { App } from './http/server.ts';
import { createTryWatch } from './http/try-watch.ts';
import { type AccessStore, openAccessStore } from './store/access-store.ts';
import type { SourceKey } from './store/detection-store.ts';
import { createFirstLogins, leftInitialCredentials } from './store/first-logins.ts';
import { acquireInstanceLock } from './store/instance-lock.ts';
import { createSqliteStore } from './store/sqlite-detection-store.ts';
import { findings } from './telemetry/findings.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { type Expected, observe } from './telemetry/observe.ts';

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
    const store = createSqliteStore({ path: config.store.path, clock });
    undo.push(() => store.close());
    await store.breakUnprovenTries();
    await store.ensureFeeds(config.feeds.map((feed) => feedRules(feed, config.tenants)));
    const access = openAccessStore(config.dataDir);
    undo.push(() => {
      access.close();
    });
    const logins = await loadLogins(config, access, emit);
    const certificate = await bridgeCertificate(config.server, { clock, emit });
    const expected = expectations(config, logins.connectors, certificate);
    const look = () => observe(store, expected, clock);
    const metrics = createMetrics({ version: deps.version, nodeVersion: process.version, expected, observe: look });
    const tell: Emit = (event) => {
      emit(event);
      metrics.count(event);
    };
    const app = await createApp({
      emit: tell,
      version: deps.version,
      tls: certificate,
      access: createAccess({ ...logins, emit: tell, clock }),
      delivery: createDelivery({ store, clock, emit: tell }),
      feeds: new Map(config.feeds.map((feed) => [feed.name, feedSettings(feed)])),
      watch: createTryWatch(),
      metrics,
      findings: async () => findings(await look()),
      isServing: () => serving,
    });
    undo.push(() => app.close());
    const opened = openSources(config, { store, clock, emit: tell, random: Math.random });
    undo.push(() => opened.close());
    const scheduler = createScheduler({ sources: opened.sources, clock, emit: tell });
    undo.push(() => scheduler.stop());
    const url = await listen(app, config.server);
    serving = true;
    scheduler.start();
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

/** Everybody who may log in: created logins and configured ones, which win by name. */
export function bridgeLogins(config: Config, access?: AccessStore) {
  const everyFeed = new Set(config.feeds.map(({ name }) => name));
  const configured = config.connectors.map(({ name, feeds, auth }) => ({
    name,
    feeds: new Set(feeds),
    secretHash: auth.secretHash,
  }));
  const created = access?.connectors().map((connector) => ({ ...connector, feeds: everyFeed })) ?? [];
  return {
    connectors: byName([...created, ...configured]),
    operators: byName([...(access?.operators() ?? []), ...config.operators]),
  };
}

/** Without any login, the first start makes one of each kind. */
async function loadLogins(config: Config, access: AccessStore, emit: Emit) {
  const configured = { connectors: config.connectors.length, operators: config.operators.length };
  const file = await createFirstLogins(access, config.dataDir, configured);
  if (file !== null) emit({ name: 'credentialsCreated', file });
  return bridgeLogins(config, access);
}

function byName<Login extends { readonly name: string }>(logins: readonly Login[]): readonly Login[] {
  return [...new Map(logins.map((login) => [login.name, login])).values()];
}

function feedRules(feed: FeedConfig, tenants: readonly TenantConfig[]): FeedRules {
  const ids = tenants.filter(({ name }) => feed.tenantNames.includes(name)).map(({ tenantId }) => tenantId);
  return { ...feed, tenantIds: new Set(ids), categories: new Set(feed.categories) };
}

function feedSettings({ name, page, acknowledge, initialLookbackMs, maxLookbackMs }: FeedConfig): FeedSettings {
  return { name, limits: page, acknowledge, initialLookbackMs, maxLookbackMs };
}

/** A source without a success for this long, or for three turns of its schedule, is worth a look. */
const SILENT_MS = 15 * 60_000;

/** What ought to be seen, for the table of findings. */
export function expectations(
  config: Config,
  connectors: readonly { readonly name: string; readonly feeds: ReadonlySet<string> }[],
  certificate: Expected['certificate'],
): Expected {
  return {
    configWarnings: config.warnings,
    sources: config.tenants.flatMap(({ name, tenantId, sources }) =>
      sources.map(({ api, schedule: cron }) => ({
        tenantName: name,
        key: { tenantId, source: api } satisfies SourceKey,
        silentAfterMs: Math.max(SILENT_MS, 3 * intervalMs(cron)),
      })),
    ),
    feeds: config.feeds.map(({ name }) => name),
    connectors: connectors.map(({ name, feeds }) => ({ name, feeds: [...feeds] })),
    certificate,
    credentials: () => credentialExpiries(config),
    clouds: cloudNotes(config),
    initialCredentials: () => leftInitialCredentials(config.dataDir),
  };
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
