import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Bridge, createBridge } from '../../src/bridge.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { BridgeEvent } from '../../src/domain/bridge-event.ts';
import { type Clock, systemClock } from '../../src/domain/clock.ts';
import { hashPassword, hashSecret } from '../../src/domain/credential.ts';
import { createTrace } from '../../src/domain/trace.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { createEventLog } from '../../src/telemetry/event-log.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createAnswerCheck } from './answer-check.ts';
import { type Answer, type Ask, ask } from './https.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const SECRETS = {
  client: 'client~secret+value/1',
  connector: 'connector-secret-value-1',
  other: 'connector-secret-value-2',
  operator: 'operator password value',
};

export interface RigOptions {
  readonly backlog?: number;
  readonly clientSecret?: string;
  /** Further lines of the feed `default`, for example `page: { maxEvents: 2 }`. */
  readonly feed?: string;
  readonly schedule?: string;
  /** Plain http in place of TLS. */
  readonly plain?: boolean;
  /** Further keys of the server, for example `urlKeys: true`. */
  readonly server?: string;
  /** Further connectors, each a line of YAML. */
  readonly connectors?: readonly string[];
  /** Files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** PEM of the CA that the bridge's certificate comes from; without it: its own. */
  readonly caPem?: string;
  /** Of the bridge; Microsoft keeps the real time. */
  readonly clock?: Clock;
}

/** The real bridge against the simulator, in this process, over real sockets and a real database. */
export interface BridgeRig {
  readonly simulator: Simulator;
  readonly folder: string;
  readonly events: readonly BridgeEvent[];
  /** Everything that was logged, as text, at level debug. */
  log(): string;
  startBridge(): Promise<void>;
  stopBridge(): Promise<void>;
  /**
   * Resolves with the first event of that name that was emitted after the call, or before it.
   * @param from only events from that index of `events` on
   */
  seen<Name extends BridgeEvent['name']>(name: Name, from?: number): Promise<Extract<BridgeEvent, { name: Name }>>;
  /** Every answer is held to the bridge's own OpenAPI document. */
  ask(path: string, asked?: Ask): Promise<Answer>;
  /** Answers that were held to it so far, as `GET /livez 200`. */
  readonly answered: ReadonlySet<string>;
  /** Takes the tables away under the running bridge: every read of the store fails from now on. */
  breakStore(): void;
  /** The feed as the connector arcsight-01. */
  poll(since?: string, asked?: Ask): Promise<Answer>;
  close(): Promise<void>;
}

export async function createBridgeRig(options: RigOptions = {}): Promise<BridgeRig> {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-rig-'));
  const simulator = createSimulator({
    seed: 3,
    clock: systemClock,
    tenants: [{ tenantId: TENANT, clientId: 'client-1', clientSecret: SECRETS.client }],
    world: { startMs: systemClock.now(), backlog: options.backlog ?? 12, live: 0, livePeriodMs: 60_000 },
  });
  const microsoft = await simulator.start();
  writeFileSync(join(folder, 'ca.pem'), microsoft.caPem);
  writeFileSync(join(folder, 'client-secret'), options.clientSecret ?? SECRETS.client, { mode: 0o600 });
  for (const [name, text] of Object.entries(options.files ?? {}))
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  writeFileSync(join(folder, 'flexbridge.yaml'), await configText(microsoft.url, options));

  const events: BridgeEvent[] = [];
  const lines: string[] = [];
  const trace = createTrace();
  const write = createEventLog(createLogger('debug', { write: (line: string) => lines.push(line) }), trace);
  const waiting = new Set<() => void>();
  const emit = (event: BridgeEvent): void => {
    events.push(event);
    write(event);
    for (const look of waiting) look();
  };
  const check = createAnswerCheck();
  let bridge: Bridge | null = null;
  let url = '';

  const rig: BridgeRig = {
    simulator,
    folder,
    events,
    log: () => lines.join(''),
    async startBridge() {
      const config = await loadConfig({ argvPath: join(folder, 'flexbridge.yaml'), env: {} });
      const { clock = systemClock } = options;
      bridge = createBridge(config, { emit, version: '0.0.0-test', pid: process.pid, clock, trace });
      url = (await bridge.start()).url.replace('127.0.0.1', 'localhost');
    },
    async stopBridge() {
      await bridge?.stop();
      bridge = null;
    },
    seen: <Name extends BridgeEvent['name']>(name: Name, from = 0) =>
      new Promise<Extract<BridgeEvent, { name: Name }>>((resolve) => {
        const look = (): void => {
          const event = events
            .slice(from)
            .find((candidate): candidate is Extract<BridgeEvent, { name: Name }> => candidate.name === name);
          if (event === undefined) return;
          waiting.delete(look);
          resolve(event);
        };
        waiting.add(look);
        look();
      }),
    answered: check.seen,
    async ask(path, asked = {}) {
      const ca = options.plain ? '' : (options.caPem ?? readFileSync(join(folder, 'data', 'tls', 'ca.pem'), 'utf8'));
      const answer = await ask(`${url}${path}`, ca, asked);
      check.check(path, asked, answer);
      return answer;
    },
    breakStore() {
      const database = new Database(join(folder, 'data', 'flexbridge.db'));
      database.pragma('foreign_keys = OFF');
      for (const table of ['meta', 'feed', 'position']) database.exec(`DROP TABLE ${table}`);
      database.close();
    },
    poll: (since = '', asked = {}) =>
      rig.ask(`/v1/feeds/default/detections?since=${encodeURIComponent(since)}`, {
        user: 'arcsight-01',
        password: SECRETS.connector,
        ...asked,
      }),
    async close() {
      for (const secret of [...Object.values(SECRETS), 'eyJ', 'Bearer ']) {
        if (lines.some((line) => line.includes(secret))) throw new Error('a secret or token is in the log');
      }
      await rig.stopBridge();
      await simulator.stop();
      rmSync(folder, { recursive: true });
    },
  };
  return rig;
}

async function configText(microsoft: string, options: RigOptions): Promise<string> {
  const { feed = '', schedule = '*/30 * * * * *', plain = false, server = '', connectors = [] } = options;
  return `
server: { host: 127.0.0.1, port: 0${plain ? ', tls: off' : ''}${server === '' ? '' : `, ${server}`} }
store: { path: data/flexbridge.db }
tenants:
  - name: contoso
    tenantId: ${TENANT}
    cloud: custom
    endpoints: { login: "${microsoft}", graph: "${microsoft}" }
    caFile: ca.pem
    credential: { kind: secret, clientId: client-1, secretFile: client-secret }
    sources: [{ api: graph-alerts, schedule: "${schedule}", settle: 0s }]
feeds:
  - name: default
    ${feed}
  - name: private
connectors:
  - { name: arcsight-01, feeds: [default], auth: { kind: basic, secretHash: ${hashSecret(SECRETS.connector)} } }
  - { name: arcsight-02, feeds: [default, private], auth: { kind: basic, secretHash: ${hashSecret(SECRETS.other)} } }
${connectors.map((line) => `  - ${line}\n`).join('')}operators:
  - { name: ops, passwordHash: "${await hashPassword(SECRETS.operator)}" }
`;
}
