import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSources } from '../../src/bridge-sources.ts';
import type { ScheduledSource } from '../../src/collector/scheduler.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { SourceName } from '../../src/domain/detection.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { createEventLog } from '../../src/telemetry/event-log.ts';
import { findings } from '../../src/telemetry/findings.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { observe } from '../../src/telemetry/observe.ts';
import { type SteppedClock, steppedClock } from './clock.ts';
import { openMortalStore } from './mortal-store.ts';
import { readAfter } from './read-after.ts';

const CLIENT_ID = '99999999-8888-4777-8666-555555555555';
const NEVER = new AbortController().signal;

export interface RigTenant {
  readonly name: string;
  readonly tenantId: string;
  readonly apis: readonly SourceName[];
  /** Written into the configuration; the simulator knows the right one. */
  readonly secret?: string;
  readonly roles?: readonly string[];
  /** How it signs in; by its secret without it. */
  readonly credential?: 'secret' | 'managed-identity';
}

export interface CollectionRigOptions {
  readonly seed?: number;
  readonly tenants?: readonly RigTenant[];
  /** ISO-8601; the world begins here. */
  readonly start?: string;
  readonly world: Partial<SimulatorOptions['world']>;
  readonly simulator?: Partial<Omit<SimulatorOptions, 'world' | 'tenants' | 'clock' | 'seed'>>;
  /** Further keys of each source, as YAML flow: `settle: 0s, rescan: off`. */
  readonly source?: string;
  /** From 0 to below 1, for jitter. */
  readonly random?: () => number;
  /** For one whole answer of Microsoft's, real milliseconds. */
  readonly requestTimeoutMs?: number;
  readonly maxAnswerBytes?: number;
  /** Keeps the database in memory where the machine has room for it: the disk takes its time for every commit. */
  readonly isVolatile?: boolean;
  /** A dripping body takes real time; without it simulated time jumps on. */
  readonly realDrips?: boolean;
}

/**
 * Everything between Microsoft and the store, as the bridge puts it together, on simulated time: the configuration is
 * read from a file, Microsoft is asked over TLS, the store is on the disk; only the schedules are the test's.
 */
export interface CollectionRig {
  readonly clock: SteppedClock;
  readonly simulator: Simulator;
  readonly config: Config;
  readonly store: DetectionStore;
  readonly events: readonly BridgeEvent[];
  readonly sources: readonly ScheduledSource[];
  /** Host and port that must never get a token: links and redirects of faults lead to it. */
  readonly strangerHost: string;
  /** Path of the database. */
  readonly database: string;
  secretOf(tenant: string): string;
  /** One turn of every source, or of those of a tenant. */
  tick(tenant?: string, signal?: AbortSignal): Promise<void>;
  /** The same files in a new process, which remembers nothing. */
  restart(): Promise<void>;
  /** The same after the process was killed: whatever it was doing is left as it is. `abort` is of a tick that runs. */
  crash(abort?: AbortController): Promise<void>;
  findings(): Promise<readonly Finding[]>;
  /** Everything that was logged, at level debug. */
  log(): string;
  /** The same, line by line. */
  readonly lines: readonly string[];
  /** Parsed events of the feed, oldest first. */
  feed(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

export const CONTOSO: RigTenant = {
  name: 'contoso',
  tenantId: '11111111-2222-4333-8444-555555555555',
  apis: ['graph-alerts'],
};

export async function createCollectionRig(options: CollectionRigOptions): Promise<CollectionRig> {
  const { seed = 1, tenants = [CONTOSO], start = '2026-03-02T06:00:00Z' } = options;
  const clock = steppedClock(start);
  const folder = mkdtempSync(join(options.isVolatile === true ? memoryFolder() : tmpdir(), 'flexbridge-collection-'));
  const secretOf = (name: string): string => `secret~of+${name}/value`;
  const simulator = createSimulator({
    ...options.simulator,
    seed,
    clock: options.realDrips === true ? { ...clock, sleep: (ms, signal) => systemClock.sleep(ms, signal) } : clock,
    tenants: tenants.map(({ name, tenantId, roles }) => ({
      tenantId,
      clientId: CLIENT_ID,
      clientSecret: secretOf(name),
      ...(roles && { roles }),
    })),
    world: { startMs: clock.now(), backlog: 0, live: 0, livePeriodMs: 60_000, ...options.world },
  });
  const microsoft = await simulator.start();
  writeFileSync(join(folder, 'ca.pem'), microsoft.caPem);
  for (const { name, secret } of tenants)
    writeFileSync(join(folder, `secret-${name}`), secret ?? secretOf(name), { mode: 0o600 });
  const { url: strangerUrl } = await simulator.startStranger();
  const places = await Promise.all(tenants.map((tenant) => placeOf(tenant, microsoft.url, simulator)));
  writeFileSync(join(folder, 'flexbridge.yaml'), configText(places, options.source ?? ''));
  const config = await loadConfig({ argvPath: join(folder, 'flexbridge.yaml'), env: {} });
  const lines: string[] = [];
  const write = createEventLog(createLogger('debug', { write: (line: string) => lines.push(line) }));
  const events: BridgeEvent[] = [];
  const emit = (event: BridgeEvent): void => {
    events.push(event);
    write(event);
  };
  const open = async () => {
    const mortal = openMortalStore({ path: config.store.path, clock });
    const { store } = mortal;
    await store.ensureFeeds(
      config.feeds.map((feed) => ({
        ...feed,
        tenantIds: new Set(config.tenants.map(({ tenantId }) => tenantId)),
        categories: new Set(feed.categories),
      })),
    );
    const opened = openSources(config, {
      store,
      clock,
      emit,
      random: options.random ?? (() => 0.5),
      ...(options.requestTimeoutMs !== undefined && { requestTimeoutMs: options.requestTimeoutMs }),
      ...(options.maxAnswerBytes !== undefined && { maxAnswerBytes: options.maxAnswerBytes }),
    });
    return { mortal, store, opened };
  };
  let running = await open();

  return {
    clock,
    simulator,
    config,
    get store() {
      return running.store;
    },
    events,
    get sources() {
      return running.opened.sources;
    },
    strangerHost: new URL(strangerUrl).host,
    database: config.store.path,
    secretOf,
    async tick(tenant, signal = NEVER) {
      const due = running.opened.sources.filter(({ ref }) => tenant === undefined || ref.tenant === tenant);
      await Promise.all(due.map(({ collector }) => collector.tick(signal)));
    },
    async restart() {
      await running.opened.close();
      await running.store.close();
      running = await open();
    },
    async crash(abort) {
      const { mortal, opened } = running;
      mortal.die();
      abort?.abort(new Error('killed'));
      await opened.close();
      running = await open();
      await mortal.bury();
    },
    findings: async () =>
      findings(
        await observe(
          running.store,
          {
            configWarnings: [],
            sources: config.tenants.flatMap(({ name, tenantId, sources }) =>
              sources.map(({ api }) => ({
                tenantName: name,
                key: { tenantId, source: api },
                silentAfterMs: 900_000,
              })),
            ),
            alarms: config.alarms,
            retention: { policy: config.store.retention, readers: [] },
            serving: null,
            feeds: [{ name: 'default', acknowledge: 'progress', heartbeatMs: null }],
            connectors: [],
            certificate: null,
            credentials: () => Promise.resolve([]),
            clouds: [],
            initialCredentials: () => null,
          },
          clock,
        ),
      ),
    log: () => lines.join(''),
    lines,
    async feed() {
      const all: Readonly<Record<string, unknown>>[] = [];
      for (let position = 0, hasMore = true; hasMore; ) {
        const limits = { maxEvents: 5000, maxBytes: 50_000_000 };
        const page = await readAfter(running.store, 'default', position, limits, { kind: 'stored' });
        all.push(...(JSON.parse(page.body.toString()) as Readonly<Record<string, unknown>>[]));
        position = page.to;
        hasMore = page.hasMore;
      }
      return all;
    },
    async close() {
      await running.opened.close();
      await running.store.close();
      await simulator.stop();
      rmSync(folder, { recursive: true, force: true });
      forbidSecrets(
        lines,
        tenants.map(({ name }) => secretOf(name)),
      );
    },
  };
}

const SHARED_MEMORY = '/dev/shm';
const ROOM_BYTES = 1e9;

function memoryFolder(): string {
  if (!existsSync(SHARED_MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(SHARED_MEMORY);
  return bavail * bsize < ROOM_BYTES ? tmpdir() : SHARED_MEMORY;
}

/** In no scenario may the log hold a secret or a token. */
function forbidSecrets(lines: readonly string[], secrets: readonly string[]): void {
  for (const text of [...secrets, ...secrets.map(encodeURIComponent), 'eyJ', 'Bearer '])
    if (lines.some((line) => line.includes(text))) throw new Error('a secret or token is in the log');
}

const ENDPOINT: Readonly<Record<SourceName, string>> = {
  'graph-alerts': 'graph',
  'defender-alerts': 'defender',
  'siem-detections': 'siem',
};

interface Place extends RigTenant {
  readonly url: string;
  /** Where its managed identity is; null for a tenant with a secret. */
  readonly imdsUrl: string | null;
}

async function placeOf(tenant: RigTenant, url: string, simulator: Simulator): Promise<Place> {
  if (tenant.credential !== 'managed-identity') return { ...tenant, url, imdsUrl: null };
  const { imdsUrl } = await simulator.startManagedIdentity(tenant.tenantId);
  return { ...tenant, url, imdsUrl };
}

function configText(places: readonly Place[], source: string): string {
  const rows = places.map(
    ({ name, tenantId, apis, url, imdsUrl }) => `  - name: ${name}
    tenantId: ${tenantId}
    cloud: custom
    endpoints: { login: "${loginUrl(url)}", ${apis.map((api) => `${ENDPOINT[api]}: "${url}"`).join(', ')} }
    caFile: ca.pem
    credential: ${credentialText(name, imdsUrl)}
    sources: [${apis.map((api) => `{ api: ${api}${source === '' ? '' : `, ${source}`} }`).join(', ')}]
`,
  );
  return `store: { path: data/flexbridge.db }\ntenants:\n${rows.join('')}`;
}

/** Under another name: Microsoft's login is another host than its APIs, and what the one asks for is not asked of the others. */
function loginUrl(url: string): string {
  return url.replace('127.0.0.1', 'localhost');
}

function credentialText(name: string, imdsUrl: string | null): string {
  if (imdsUrl !== null) return `{ kind: managed-identity, endpoint: "${imdsUrl}" }`;
  return `{ kind: secret, clientId: ${CLIENT_ID}, secretFile: secret-${name} }`;
}
