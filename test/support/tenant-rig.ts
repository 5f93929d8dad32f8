import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expectations } from '../../src/bridge-expectations.ts';
import { openSources } from '../../src/bridge-sources.ts';
import type { ScheduledSource } from '../../src/collector/scheduler.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Finding } from '../../src/domain/finding.ts';
import type { SourceState } from '../../src/domain/source-state.ts';
import { sourceState } from '../../src/domain/source-state.ts';
import type { SimulatorRequest } from '../../src/simulator/exchange.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { createEventLog } from '../../src/telemetry/event-log.ts';
import { findings } from '../../src/telemetry/findings.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { observe } from '../../src/telemetry/observe.ts';
import { findLeaks, type Hidden, type Shown } from './leak-check.ts';

/** What the administrator has written. Names of files count from the rig's folder; `ca.pem` trusts the simulator. */
export interface TenantSetup {
  /** The `tenants:` part of the configuration, YAML. */
  readonly tenants: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface TenantRigOptions<Time extends Clock> {
  readonly clock: Time;
  readonly simulator: Omit<SimulatorOptions, 'seed' | 'clock' | 'respondWith' | 'world'>;
  readonly world?: Partial<SimulatorOptions['world']>;
  readonly setup: (microsoft: {
    readonly simulator: Simulator;
    readonly url: string;
  }) => TenantSetup | Promise<TenantSetup>;
  /** Besides what was seen on the wire. */
  readonly hidden: readonly Hidden[];
  /** For one whole answer of Microsoft's, real milliseconds. */
  readonly requestTimeoutMs?: number;
}

/**
 * The bridge's sources from a configuration file to the store on the disk, with tenants and credentials of any kind.
 * When it is closed, everything that anybody can get to see is searched for secrets and tokens.
 */
export interface TenantRig<Time extends Clock> {
  readonly clock: Time;
  readonly simulator: Simulator;
  readonly config: Config;
  readonly store: DetectionStore;
  readonly events: readonly BridgeEvent[];
  readonly sources: readonly ScheduledSource[];
  /** Path of the database. */
  readonly database: string;
  /** Path of one of the administrator's files. */
  file(name: string): string;
  /** One turn of every source, or of those of a tenant. */
  tick(tenant?: string): Promise<void>;
  state(tenant: string): Promise<SourceState>;
  findings(): Promise<readonly Finding[]>;
  /** Bearer tokens and proofs that went over the wire. */
  seen(): readonly Hidden[];
  /** How many requests have come from a tenant, for tokens and for alerts. */
  requestsOf(tenantId: string): number;
  log(): string;
  close(): Promise<void>;
}

export async function createTenantRig<Time extends Clock>(options: TenantRigOptions<Time>): Promise<TenantRig<Time>> {
  const { clock } = options;
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-tenants-'));
  const wire = createWireTap();
  const simulator = createSimulator({
    ...options.simulator,
    seed: 1,
    clock,
    respondWith: wire.look,
    world: { startMs: clock.now(), backlog: 0, live: 0, livePeriodMs: 60_000, ...options.world },
  });
  const { url, caPem } = await simulator.start();
  const { tenants, files = {}, env = {} } = await options.setup({ simulator, url });
  for (const [name, text] of Object.entries({ ...files, 'ca.pem': caPem }))
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  writeFileSync(join(folder, 'flexbridge.yaml'), `store: { path: data/flexbridge.db }\ntenants:\n${tenants}`);
  const config = await loadConfig({ argvPath: join(folder, 'flexbridge.yaml'), env });
  const lines: string[] = [];
  const write = createEventLog(createLogger('debug', { write: (line: string) => lines.push(line) }));
  const events: BridgeEvent[] = [];
  const emit = (event: BridgeEvent): void => {
    events.push(event);
    write(event);
  };
  const store = createSqliteStore({ path: config.store.path, clock });
  const tenantIds = new Set(config.tenants.map(({ tenantId }) => tenantId));
  await store.ensureFeeds(config.feeds.map((feed) => ({ ...feed, tenantIds, categories: new Set(feed.categories) })));
  const { requestTimeoutMs } = options;
  const opened = openSources(config, {
    store,
    clock,
    emit,
    random: () => 0.5,
    ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
  });
  const table = async () => findings(await observe(store, expectations(config, [], null), clock));
  const statusOf = async (tenant: string) => {
    const id = config.tenants.find(({ name }) => name === tenant)?.tenantId;
    return (await store.statuses()).find(({ tenantId }) => tenantId === id) ?? null;
  };
  const shown = async (): Promise<readonly Shown[]> => [
    { where: 'the log', text: lines.join('') },
    { where: 'an error', text: events.map(errorText).join('\n') },
    { where: 'a finding', text: JSON.stringify(await table()) },
    { where: 'the status', text: JSON.stringify(await store.statuses()) },
    { where: 'the quarantine', text: JSON.stringify(await store.quarantine()) },
    ...storedTexts(config.store.path),
  ];

  return {
    clock,
    simulator,
    config,
    store,
    events,
    sources: opened.sources,
    database: config.store.path,
    file: (name) => join(folder, name),
    async tick(tenant) {
      const due = opened.sources.filter(({ ref }) => tenant === undefined || ref.tenant === tenant);
      await Promise.all(due.map(({ collector }) => collector.tick(new AbortController().signal)));
    },
    state: async (tenant) => sourceState(await statusOf(tenant)),
    findings: table,
    seen: wire.seen,
    requestsOf: wire.requestsOf,
    log: () => lines.join(''),
    async close() {
      const leaks = findLeaks([...options.hidden, ...wire.seen()], await shown());
      await opened.close();
      await store.close();
      await simulator.stop();
      rmSync(folder, { recursive: true, force: true });
      if (leaks.length > 0) throw new Error(`shown to everybody: ${leaks.join('; ')}`);
    },
  };
}

interface WireTap {
  readonly seen: () => readonly Hidden[];
  readonly requestsOf: (tenantId: string) => number;
  readonly look: (request: SimulatorRequest) => null;
}

/** Remembers what a request proves itself with. */
function createWireTap(): WireTap {
  const seen = new Map<string, string>();
  const counts = new Map<string, number>();
  return {
    requestsOf: (tenantId) => counts.get(tenantId) ?? 0,
    seen: () => [...seen].map(([text, what]) => ({ what, text })),
    look: ({ headers, body, path }) => {
      const bearer = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
      const tenantId = bearer === undefined ? (path.split('/')[1] ?? '') : tenantOf(bearer);
      counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1);
      if (bearer !== undefined) seen.set(bearer, 'an access token');
      const form = new URLSearchParams(body);
      for (const name of ['client_secret', 'client_assertion']) {
        const proof = form.get(name);
        if (proof !== null) seen.set(proof, `a ${name}`);
      }
      return null;
    },
  };
}

function tenantOf(token: string): string {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return typeof claims === 'object' && claims !== null && 'tid' in claims ? String(claims.tid) : '';
}

/** All that an error would tell if somebody printed it, its causes included. */
function errorText(event: BridgeEvent): string {
  if (!('error' in event)) return '';
  const texts: string[] = [];
  for (let error: unknown = event.error; error instanceof Error; error = error.cause)
    texts.push(String(error.stack), JSON.stringify(error), JSON.stringify(Object.entries(error)));
  return texts.join('\n');
}

/** Every row of every table. */
function storedTexts(path: string): readonly Shown[] {
  const db = new Database(path, { readonly: true });
  const tables = db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const texts = tables.map(({ name }) => ({
    where: `the table ${name}`,
    text: db.prepare(`SELECT * FROM "${name}"`).all().map(rowText).join('\n'),
  }));
  db.close();
  return texts;
}

function rowText(row: unknown): string {
  return Object.values(row ?? {})
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
    .join('\n');
}
