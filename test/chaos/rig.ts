import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSecret } from '../../src/domain/credential.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { createDisk, type Disk } from './disk.ts';
import type { Plan } from './plan.ts';
import { type BridgeHandle, createBridgeHandle } from './process/bridge-handle.ts';
import { createSimTime, type SimTime } from './sim-time.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
const CLIENT = { clientId: '99999999-8888-4777-8666-555555555555', clientSecret: 'chaos~client+secret' };
export const SECRET = 'chaos-connector-secret';
export const CONNECTORS = { tested: 'arcsight-01', bystander: 'arcsight-02' };

/** Microsoft, the bridge as a process and its disk, for one round. */
export interface Rig {
  readonly time: SimTime;
  readonly simulator: Simulator;
  readonly bridge: BridgeHandle;
  readonly disk: Disk;
  readonly port: number;
  readonly database: string;
  ca(): Buffer;
  /** Lets time pass for everybody. */
  pass(ms: number): Promise<void>;
  /** From now on nothing new comes from Microsoft. */
  holdMicrosoft(): void;
  /** Sets the bridge's wall clock, to be so far ahead of the right time. */
  setBridgeClock(aheadMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly entryFile: string;
  readonly wrapper?: readonly string[];
  /** Default true; without it connectors come over plain HTTP. */
  readonly tls?: boolean;
  readonly world: Pick<Plan, 'seed' | 'backlog' | 'live' | 'livePeriodMs' | 'maxEvents'>;
}

/** Everything but the bridge's start. */
export async function createRig({ entryFile, wrapper = [], tls = true, world }: RigOptions): Promise<Rig> {
  const { seed, backlog, live, livePeriodMs, maxEvents } = world;
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-chaos-'));
  const disk = createDisk(join(folder, 'data'));
  const time = createSimTime();
  let heldMs: number | null = null;
  const simulator = createSimulator({
    seed,
    clock: { ...time.clock, now: () => heldMs ?? time.clock.now() },
    tenants: [{ tenantId: TENANT, ...CLIENT }],
    world: { startMs: time.clock.now(), backlog, live, livePeriodMs },
    faultTimes: { retryAfterSeconds: 1 },
  });
  const microsoft = await simulator.start();
  const port = await freePort();
  writeFileSync(join(folder, 'ca.pem'), microsoft.caPem);
  writeFileSync(join(folder, 'client-secret'), CLIENT.clientSecret, { mode: 0o600 });
  const configFile = join(folder, 'flexbridge.yaml');
  writeFileSync(configFile, configText(microsoft.url, `port: ${port}${tls ? '' : ', tls: off'}`, maxEvents));
  const bridge = createBridgeHandle({ entryFile, configFile, wrapper, aheadMs: () => time.aheadMs() });
  return {
    time,
    simulator,
    bridge,
    disk,
    port,
    database: join(disk.folder, 'flexbridge.db'),
    ca: () => readFileSync(join(disk.folder, 'tls', 'ca.pem')),
    async pass(ms) {
      if (ms === 0) return;
      time.clock.pass(ms);
      await bridge.pass(ms);
    },
    holdMicrosoft() {
      heldMs = time.clock.now();
    },
    async setBridgeClock(aheadMs) {
      const byMs = aheadMs - time.skewMs;
      time.skewMs = aheadMs;
      await bridge.set(byMs);
    },
    async close() {
      await bridge.kill();
      await simulator.stop();
      disk.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configText(microsoft: string, listener: string, maxEvents: number): string {
  const secretHash = hashSecret(SECRET);
  const connectors = Object.values(CONNECTORS).map(
    (name) => `  - { name: ${name}, feeds: [default], auth: { kind: basic, secretHash: ${secretHash} } }\n`,
  );
  return `
server: { host: 127.0.0.1, ${listener} }
store: { path: data/flexbridge.db }
tenants:
  - name: contoso
    tenantId: ${TENANT}
    cloud: custom
    endpoints: { login: "${microsoft}", graph: "${microsoft}" }
    caFile: ca.pem
    credential: { kind: secret, clientId: ${CLIENT.clientId}, secretFile: client-secret }
    sources: [{ api: graph-alerts, schedule: "* * * * * *", overlap: 15m, settle: 0s, initialLookback: 24h }]
feeds: [{ name: default, page: { maxEvents: ${maxEvents} } }]
connectors:
${connectors.join('')}`;
}

const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
let nextPort = FIRST_PORT + (process.pid % 100) * 100;

/**
 * Below the ports that the system gives to connections: the bridge has to find its own again after each end.
 */
async function freePort(): Promise<number> {
  for (;;) {
    nextPort = nextPort >= LAST_PORT ? FIRST_PORT : nextPort + 1;
    if (await isFree(nextPort)) return nextPort;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(port, '127.0.0.1', () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}
