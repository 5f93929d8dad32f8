import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBridge } from '../../src/bridge.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { hashPassword, hashSecret } from '../../src/domain/credential.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import type { Measure } from '../../src/store/measures.ts';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { type Answer, ask } from './https.ts';

export const OPERATOR = { name: 'ops', password: 'operator password value' };
const CLIENT_SECRET = 'client~secret+value/1';
const CONNECTOR_SECRET = 'connector-secret-value-1';

export interface RigTenant {
  readonly name: string;
  /** Microsoft refuses the one that is configured. */
  readonly hasWrongSecret?: boolean;
  /** `expires` of the credential. */
  readonly expires?: string;
}

export interface StatusRigOptions {
  readonly tenants: readonly RigTenant[];
  /** Alerts of each tenant that are there already, and that come while it runs. */
  readonly backlog?: number;
  readonly live?: number;
  readonly livePeriodMs?: number;
  /** Microsoft takes connections and never says a word. */
  readonly isSilent?: boolean;
  /** What was measured before the bridge was started. */
  readonly measures?: readonly Measure[];
}

/** The real bridge with any number of tenants, against the simulator; for its pages. */
export interface StatusRig {
  readonly url: string;
  readonly simulator: Simulator;
  readonly events: readonly BridgeEvent[];
  /** The feed as the connector. @param since what it sends as its time; the stamp of the last event by default */
  poll(since?: string): Promise<Answer>;
  /** Resolves once every source has been polled, with success or without. */
  polled(): Promise<void>;
  /** Ends the bridge alone. */
  stopBridge(): Promise<void>;
  close(): Promise<void>;
}

export async function createStatusRig(options: StatusRigOptions): Promise<StatusRig> {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-status-'));
  const { tenants, backlog = 0, live = 0, livePeriodMs = 2000 } = options;
  const simulator = createSimulator({
    seed: 21,
    clock: systemClock,
    tenants: tenants.map((_tenant, index) => ({ ...clientOf(index), clientSecret: CLIENT_SECRET })),
    world: { startMs: systemClock.now(), backlog, live, livePeriodMs },
  });
  const microsoft = await simulator.start();
  const silence = options.isSilent ? await listenSilently() : null;
  const url = silence === null ? microsoft.url : silence.url;
  writeFileSync(join(folder, 'ca.pem'), microsoft.caPem);
  writeFileSync(join(folder, 'secret'), CLIENT_SECRET, { mode: 0o600 });
  writeFileSync(join(folder, 'wrong-secret'), 'not~this+one', { mode: 0o600 });
  writeFileSync(join(folder, 'flexbridge.yaml'), await configText(url, tenants));
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  if (options.measures !== undefined) await keepMeasures(join(folder, 'data', 'flexbridge.db'), options.measures);

  const events: BridgeEvent[] = [];
  const waiting = new Set<() => void>();
  const emit = (event: BridgeEvent): void => {
    events.push(event);
    for (const look of waiting) look();
  };
  const config = await loadConfig({ argvPath: join(folder, 'flexbridge.yaml'), env: {} });
  const bridge = createBridge(config, { emit, version: '0.1.0', pid: process.pid });
  const started = (await bridge.start()).url.replace('127.0.0.1', 'localhost');
  let stamp = '';
  let running = true;
  const stopBridge = async (): Promise<void> => {
    if (running) await bridge.stop();
    running = false;
  };

  return {
    url: started,
    simulator,
    events,
    async poll(since = stamp) {
      const ca = readFileSync(join(folder, 'data', 'tls', 'ca.pem'), 'utf8');
      const path = `/v1/feeds/default/detections?since=${encodeURIComponent(since)}`;
      const answer = await ask(`${started}${path}`, ca, { user: 'arcsight-01', password: CONNECTOR_SECRET });
      const stamps = [...answer.body.matchAll(/"FeedTime":(\d+)/g)].map(([, value]) => Number(value));
      if (stamps.length > 0) stamp = new Date(Math.max(...stamps)).toISOString();
      return answer;
    },
    polled: () =>
      new Promise((resolve) => {
        const look = (): void => {
          const done = new Set(
            events.flatMap((event) => (POLLED.includes(event.name) ? [JSON.stringify(sourceOf(event))] : [])),
          );
          if (done.size < tenants.length) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    stopBridge,
    async close() {
      await stopBridge();
      await simulator.stop();
      silence?.server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const POLLED: readonly BridgeEvent['name'][] = ['pollFinished', 'pollFailed'];

function sourceOf(event: BridgeEvent): unknown {
  return 'tenant' in event ? event.tenant : null;
}

function clientOf(index: number): { readonly tenantId: string; readonly clientId: string } {
  const number = String(index).padStart(12, '0');
  return { tenantId: `11111111-2222-4333-8444-${number}`, clientId: `99999999-8888-4777-8666-${number}` };
}

async function keepMeasures(path: string, measures: readonly Measure[]): Promise<void> {
  const store = createSqliteStore({ path, clock: systemClock });
  await store.addMeasures(measures);
  await store.close();
}

function listenSilently(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
  });
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ url: `https://127.0.0.1:${port}`, server });
    });
  });
}

async function configText(microsoft: string, tenants: readonly RigTenant[]): Promise<string> {
  const rows = tenants.map(({ name, hasWrongSecret = false, expires }, index) => {
    const { tenantId, clientId } = clientOf(index);
    return `  - name: ${name}
    tenantId: ${tenantId}
    cloud: custom
    endpoints: { login: "${microsoft}", graph: "${microsoft}" }
    caFile: ca.pem
    credential: { kind: secret, clientId: ${clientId}, secretFile: ${hasWrongSecret ? 'wrong-secret' : 'secret'}${expires === undefined ? '' : `, expires: "${expires}"`} }
    sources: [{ api: graph-alerts, schedule: "*/2 * * * * *", settle: 0s, initialLookback: 10m }]
`;
  });
  return `
server: { host: 127.0.0.1, port: 0 }
store: { path: data/flexbridge.db }
tenants:
${rows.join('')}feeds:
  - name: default
connectors:
  - { name: arcsight-01, feeds: [default], auth: { kind: basic, secretHash: ${hashSecret(CONNECTOR_SECRET)} } }
operators:
  - { name: ${OPERATOR.name}, passwordHash: "${await hashPassword(OPERATOR.password)}" }
`;
}
