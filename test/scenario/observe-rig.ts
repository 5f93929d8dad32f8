import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { run } from '../../src/cli/program.ts';
import { loadParser } from '../../src/connector/interpreter/load-parser.ts';
import { renderParserFile } from '../../src/connector/parser-file.ts';
import { createPoller, type Poller, type PollerOptions } from '../../src/connector/poller.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { type Observation, readObservation } from '../../src/domain/observation.ts';
import { type ProbeName, SLOW_MS } from '../../src/domain/observation-probe.ts';
import type { Position } from '../../src/domain/position.ts';
import type { ObserveArgs } from '../../src/feed/command-args.ts';
import type { DetectionStore } from '../../src/store/detection-store.ts';
import { isEnded, type StoredCommand } from '../../src/store/errands.ts';
import { createSqliteStore } from '../../src/store/sqlite-detection-store.ts';
import { type BridgeRig, createBridgeRig, type RigOptions, SECRETS } from '../support/bridge-rig.ts';
import { type Answer, type Ask, ask } from '../support/https.ts';
import { type MovedClock, movedClock } from '../support/moved-clock.ts';

const PARSER = loadParser(
  Buffer.from(
    renderParserFile({ feed: 'default', layout: 'microsoft', receiptTime: 'feed', choices: DEFAULT_CHOICES }),
    'latin1',
  ),
).definition;
const LOOK_MS = 20;

/** The real bridge, a connector of ours, and a store beside them as a command has it. The test moves the clock of both. */
export interface ObserveRig {
  readonly bridge: BridgeRig;
  readonly clock: MovedClock;
  poller(options?: Partial<PollerOptions>): Promise<Poller>;
  /** Asks for an observation of arcsight-01; resolves once the server has taken it. */
  observe(asked?: { readonly forMs?: number; readonly probes?: readonly ProbeName[] }): Promise<number>;
  /** What is kept of it once that is so. */
  record(id: number, isEnough: (seen: Observation, command: StoredCommand) => boolean): Promise<Observation>;
  /** Lets the rest of its time pass. */
  finish(id: number): Promise<Observation>;
  position(): Promise<Position | null>;
  /** Resolves when an answer begins to be held. */
  held(): Promise<void>;
  cancel(id: number): Promise<void>;
  /** One request, held to nothing. */
  ask(path: string, asked?: Ask): Promise<Answer>;
  /** A command beside the bridge. */
  command(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
  /** DetectionId of every event that the feed has for it, sorted. */
  stored(): Promise<readonly unknown[]>;
  audit(): Promise<readonly AuditEntry[]>;
  close(): Promise<void>;
}

export async function createObserveRig(options: RigOptions = {}): Promise<ObserveRig> {
  const moved = movedClock(0);
  let tellHeld = (): void => undefined;
  const clock: Clock = {
    ...moved,
    sleep(ms, signal) {
      const slept = moved.sleep(ms, signal);
      if (ms === SLOW_MS) tellHeld();
      return slept;
    },
  };
  const bridge = await createBridgeRig({ feed: 'page: { maxEvents: 2 }', ...options, clock });
  await bridge.startBridge();
  await bridge.seen('pollFinished');
  const withStore = async <Result>(work: (store: DetectionStore) => Promise<Result>): Promise<Result> => {
    const store = createSqliteStore({ path: join(bridge.folder, 'data', 'flexbridge.db'), clock });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  const until = async (id: number, isEnough: (command: StoredCommand) => boolean): Promise<StoredCommand> => {
    for (;;) {
      const command = await withStore((store) => store.command(id));
      if (command !== null && isEnough(command)) return command;
      if (command !== null && isEnded(command)) throw new Error(`ended as ${command.state}: ${command.problem?.code}`);
      await setTimeout(LOOK_MS);
    }
  };
  const rig: ObserveRig = {
    bridge,
    clock: moved,
    async poller(changes = {}) {
      const { url } = await bridge.seen('started');
      return createPoller({
        url: `${url.replace('127.0.0.1', 'localhost')}/v1/feeds/default/detections?since=$START_AT_TIME`,
        ca: readFileSync(join(bridge.folder, 'data', 'tls', 'ca.pem')),
        authorization: { kind: 'basic', user: 'arcsight-01', password: SECRETS.connector },
        parser: PARSER,
        mode: 'newest-event',
        clock: moved,
        startTimeMs: moved.now(),
        ...changes,
      });
    },
    async observe({ forMs = 3_600_000, probes = [] } = {}) {
      const args: ObserveArgs = {
        connector: 'arcsight-01',
        clientId: null,
        forMs,
        probes,
        feeds: [{ feed: 'default', acknowledge: 'progress' }],
      };
      const id = await withStore((store) => store.addCommand({ kind: 'observe', args, requestedBy: 'kim' }));
      await until(id, ({ progress }) => readObservation(progress) !== null);
      return id;
    },
    async record(id, isEnough) {
      const command = await until(id, (now) => {
        const seen = readObservation(now.progress);
        return seen !== null && isEnough(seen, now);
      });
      const seen = readObservation(command.progress);
      if (seen === null) throw new Error('nothing is kept');
      return seen;
    },
    async finish(id) {
      moved.pass(86_400_000);
      return rig.record(id, (_, { state }) => state === 'done');
    },
    position: () => withStore((store) => store.position('arcsight-01', 'default')),
    held: () =>
      new Promise((resolve) => {
        tellHeld = resolve;
      }),
    cancel: (id) => withStore((store) => store.updateCommand(id, { state: 'cancelled' })),
    async ask(path, asked = {}) {
      const { url } = await bridge.seen('started');
      const ca = readFileSync(join(bridge.folder, 'data', 'tls', 'ca.pem'), 'utf8');
      return ask(`${url.replace('127.0.0.1', 'localhost')}${path}`, ca, asked);
    },
    async command(...args) {
      let [out, err] = ['', ''];
      const code = await run([...args, '--config', join(bridge.folder, 'flexbridge.yaml')], {
        out: (text) => (out += text),
        err: (text) => (err += text),
        input: Readable.from([]),
        cwd: bridge.folder,
        isTerminal: false,
      });
      return { code, out, err };
    },
    stored: () =>
      withStore(async (store) => {
        const { body } = await store.readPage({
          feed: 'default',
          after: 0,
          upTo: null,
          limits: { maxEvents: 10_000, maxBytes: 1e9 },
          audience: { connector: 'arcsight-01', updates: true, cutOver: null },
          stamp: { kind: 'stored' },
        });
        const events = JSON.parse(body.toString()) as Record<string, unknown>[];
        return events.map((event) => event['DetectionId']).toSorted();
      }),
    audit: () => withStore((store) => store.audit(100)),
    close: () => bridge.close(),
  };
  return rig;
}
