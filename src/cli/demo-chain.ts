import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { foreignVariables } from '../config/environment.ts';
import { systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { FaultEvent } from '../simulator/faults/fault-panel.ts';
import { createSimulator, type Simulator } from '../simulator/simulator.ts';

export const DEMO_TENANT = '11111111-2222-4333-8444-555555555555';
const CLIENT_ID = '99999999-8888-4777-8666-555555555555';

export interface ChainOptions {
  readonly seed: number;
  readonly backlog: number;
  readonly live: number;
  readonly livePeriodMs: number;
  /** Events a page of the feed; the bridge's default when left out. */
  readonly maxEvents?: number;
  /** The built program, `dist/main.js`. */
  readonly mainFile: string;
  /** Every line that the bridge logs, parsed. */
  readonly onLog: (line: LogLine) => void;
  /** Microsoft goes wrong at times: every fault as it happens. The bridge looks back often then. */
  readonly onFault?: (event: FaultEvent) => void;
}

export type LogLine = Readonly<Record<string, unknown>>;

/** A simulated Microsoft in this process and the bridge as a process of its own, on free ports with fresh data. */
export interface Chain {
  readonly folder: string;
  readonly configFile: string;
  readonly simulator: Simulator;
  readonly microsoftUrl: string;
  readonly bridgeUrl: string;
  /** Starts the bridge on the same data and port; resolves when it serves. */
  startBridge(): Promise<{ readonly pid: number }>;
  /** Ends the bridge and waits for its end. */
  endBridge(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Name and secret of a login that the bridge made at its first start. */
  login(kind: 'connector' | 'operator'): Promise<{ readonly name: string; readonly secret: string }>;
  caPem(): Promise<string>;
  /** Stops everything and removes the folder. */
  close(): Promise<void>;
}

export async function createChain(options: ChainOptions): Promise<Chain> {
  const clientSecret = `demo-${process.pid}-${systemClock.now()}`;
  const { seed, backlog, live, livePeriodMs, onFault } = options;
  const simulator = createSimulator({
    seed,
    clock: systemClock,
    tenants: [{ tenantId: DEMO_TENANT, clientId: CLIENT_ID, clientSecret }],
    world: { startMs: systemClock.now(), backlog, live, livePeriodMs },
    faultTimes: { retryAfterSeconds: 1, dripEveryMs: 100, dripBytes: 20 },
    ...(onFault === undefined ? {} : { onFault }),
  });
  const microsoft = await simulator.start();
  const folder = await mkdtemp(join(tmpdir(), 'flexbridge-demo-'));
  const port = await freePort();
  const configFile = join(folder, 'flexbridge.yaml');
  await writeFile(join(folder, 'microsoft-ca.pem'), microsoft.caPem);
  await writeFile(join(folder, 'client-secret'), clientSecret, { mode: 0o600 });
  await writeFile(configFile, demoConfig(microsoft.url, port, options));
  await mkdir(join(folder, 'data'), { mode: 0o700 });
  let bridge: ChildProcess | null = null;

  const endBridge: Chain['endBridge'] = async (signal) => {
    const ending = bridge;
    bridge = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  };

  return {
    folder,
    configFile,
    simulator,
    microsoftUrl: microsoft.url,
    bridgeUrl: `https://localhost:${port}`,
    async startBridge() {
      bridge = spawn(process.execPath, [options.mainFile, 'serve', '--config', configFile], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: foreignVariables(),
      });
      await whenServing(bridge, options.onLog);
      return { pid: bridge.pid ?? 0 };
    },
    endBridge,
    async login(kind) {
      const text = await readFile(join(folder, 'data', 'initial-credentials'), 'utf8');
      const [, name = '', secret = ''] =
        text
          .split('\n')
          .find((line) => line.startsWith(`${kind} `))
          ?.split(' ') ?? [];
      return { name, secret };
    },
    caPem: () => readFile(join(folder, 'data', 'tls', 'ca.pem'), 'utf8'),
    async close() {
      await endBridge('SIGTERM');
      await simulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function demoConfig(microsoftUrl: string, port: number, { maxEvents, onFault }: ChainOptions): string {
  // A record that was broken once is read again by the wide look back.
  const rescan = onFault === undefined ? '' : ', rescan: { every: 15s, reach: 24h }';
  const feed = maxEvents === undefined ? '' : `feeds: [{ name: default, page: { maxEvents: ${maxEvents} } }]\n`;
  return `# Made by flexbridge demo. A real tenant needs less: see README.md.
server: { host: 127.0.0.1, port: ${port} }
store: { path: data/flexbridge.db }
tenants:
  - name: contoso
    tenantId: ${DEMO_TENANT}
    cloud: custom
    endpoints: { login: "${microsoftUrl}", graph: "${microsoftUrl}" }
    caFile: microsoft-ca.pem
    credential: { kind: secret, clientId: ${CLIENT_ID}, secretFile: client-secret }
    sources:
      - { api: graph-alerts, schedule: "*/2 * * * * *", overlap: 15m, settle: 2s, initialLookback: 24h${rescan} }
${feed}`;
}

/** A port that was free a moment ago; should somebody take it first, the bridge says so. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

function whenServing(bridge: ChildProcess, onLog: (line: LogLine) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const complaints: string[] = [];
    if (bridge.stdout === null || bridge.stderr === null) throw new Error('the bridge was started without pipes');
    createInterface({ input: bridge.stderr }).on('line', (line) => complaints.push(line));
    createInterface({ input: bridge.stdout }).on('line', (text) => {
      const line = readLine(text);
      if (line === null) return;
      if (line['event'] === 'started') resolve();
      onLog(line);
    });
    bridge.once('exit', (code, signal) => {
      reject(ended(code, signal, complaints));
    });
  });
}

function readLine(text: string): LogLine | null {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? { ...line } : null;
  } catch {
    return null;
  }
}

function ended(code: number | null, signal: string | null, complaints: readonly string[]): BridgeError {
  return new BridgeError({
    code: 'BRIDGE_ENDED',
    kind: 'transient',
    message: `the bridge ended (${signal ?? `exit code ${code}`}): ${complaints.join(' ')}`,
    hint: 'The lines above say why; start the demo again.',
  });
}
