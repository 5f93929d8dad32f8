import type { Config, FeedConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { parseDuration } from '../config/quantity.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { TestEventArgs } from '../feed/command-args.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import { isEnded, type StoredCommand, testEventSeq } from '../store/errands.ts';
import { runningInstance } from '../store/instance-lock.ts';
import { account } from './account.ts';
import type { Console } from './console.ts';
import { chooseConnector, chooseFeed, connectorsOf } from './feed-choice.ts';
import { onInterrupt } from './interrupt.ts';
import { withStore } from './open-store.ts';
import { type ConnectorStep, isArrived, stepOf, stepText } from './test-event-steps.ts';

export interface TestEventOptions {
  readonly config?: string;
  readonly feed: string;
  readonly connector?: string;
  readonly timeout: string;
  readonly json?: boolean;
}

const LOOK_MS = 250;
/** The server takes a command within a second. */
const TAKEN_MS = 15_000;

/** One event of the bridge's own, followed to the acknowledgement of every connector that is to get it. */
export async function testEvent(options: TestEventOptions, console: Console): Promise<number> {
  const timeoutMs = parseTimeout(options.timeout);
  const config = await loadConfig({ argvPath: options.config });
  const feed = chooseFeed(options.feed, config);
  const names =
    options.connector === undefined ? connectorsOf(feed, config) : [chooseConnector(options.connector, feed, config)];
  if (names.length === 0) throw nobody(feed);
  if (runningInstance(config.store.path) === null) throw notRunning();
  // Read-only first: a database that an older version serves is not to be changed.
  await withStore(config, 'read', (store) => store.ping());
  const args: TestEventArgs = { feed: feed.name, connector: options.connector ?? null };
  const commandId = await withStore(config, 'write', (store) =>
    store.addCommand({ kind: 'test-event', args, requestedBy: account() }),
  );
  const interrupt = onInterrupt();
  try {
    return await withStore(config, 'read', (store) =>
      followEvent(
        { store, config, feed, names, commandId, clock: systemClock, timeoutMs, signal: interrupt.signal },
        { ...console, out: options.json ? () => undefined : console.out },
      ).then((followed) => conclude(followed, options, console)),
    );
  } finally {
    interrupt.close();
  }
}

interface Following {
  readonly store: DetectionStore;
  readonly config: Config;
  readonly feed: FeedConfig;
  readonly names: readonly string[];
  readonly commandId: number;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

interface Followed {
  readonly feed: string;
  readonly seq: number;
  readonly askedMs: number;
  readonly storedMs: number;
  readonly connectors: readonly ConnectorStep[];
}

async function followEvent(following: Following, { out }: Console): Promise<Followed> {
  const { clock, timeoutMs, signal, feed, names, store } = following;
  const askedMs = clock.now();
  const started = clock.monotonic();
  const command = await whenStored(following);
  const seq = testEventSeq(command) ?? 0;
  out(`${time(askedMs)}  asked for; stored as FeedSeq ${seq} of the feed ${feed.name} at ${time(command.updatedMs)}\n`);
  const told = new Map<string, string>();
  for (;;) {
    const steps = await Promise.all(
      names.map(async (name) =>
        stepOf(name, { feed, seq, askedMs, position: await store.position(name, feed.name), nowMs: clock.now() }),
      ),
    );
    for (const step of steps) {
      if (told.get(step.connector) === step.state) continue;
      told.set(step.connector, step.state);
      if (step.state !== 'waiting') out(`${time(clock.now())}  ${step.connector}: ${stepText(step)}\n`);
    }
    const isOver = steps.every(isArrived) || clock.monotonic() - started >= timeoutMs || signal.aborted;
    if (isOver) return { feed: feed.name, seq, askedMs, storedMs: command.updatedMs, connectors: steps };
    await clock.sleep(LOOK_MS, signal).catch(nothing);
  }
}

/** Waits until the server has stored the event. */
async function whenStored({ store, config, commandId, clock, signal }: Following): Promise<StoredCommand> {
  const started = clock.monotonic();
  for (;;) {
    const command = await store.command(commandId);
    if (command?.problem) throw new BridgeError({ ...command.problem, kind: 'operator' });
    if (command?.state === 'done') return command;
    if (clock.monotonic() - started >= TAKEN_MS || signal.aborted || command === null || isEnded(command)) {
      await withStore(config, 'write', (writable) => writable.updateCommand(commandId, { state: 'cancelled' }));
      throw notTaken(config);
    }
    await clock.sleep(LOOK_MS, signal).catch(nothing);
  }
}

function conclude(followed: Followed, { json }: TestEventOptions, { out }: Console): number {
  const missing = followed.connectors.filter((step) => !isArrived(step));
  const isOk = missing.length === 0;
  if (json) {
    out(`${JSON.stringify({ ok: isOk, ...followed }, null, 2)}\n`);
    return isOk ? 0 : 1;
  }
  for (const step of missing) {
    out(`\n${step.connector} has not acknowledged it: ${step.meaning}\n  -> ${step.remedy}\n`);
  }
  if (isOk) out('In ArcSight it has deviceEventClassId bridge:test.\n');
  else out('\nThe event stays in the feed: it is delivered as soon as it can be.\n');
  return isOk ? 0 : 1;
}

function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms >= 1000) return ms;
  throw new BridgeError({
    code: 'TEST_TIMEOUT',
    kind: 'operator',
    message: `${JSON.stringify(text.slice(0, 40))} is no time to wait`,
    hint: 'Give a number and a unit from 1s on, such as 5m: as long as the connector needs for two polls.',
  });
}

function nobody({ name }: FeedConfig): BridgeError {
  return new BridgeError({
    code: 'CONNECTOR_UNKNOWN',
    kind: 'operator',
    message: `no connector may read the feed ${name}, so nobody would get a test event`,
    hint: 'Give one this feed: connectors[].feeds in the configuration.',
  });
}

function notRunning(): BridgeError {
  return new BridgeError({
    code: 'SERVE_NOT_RUNNING',
    kind: 'operator',
    message: 'FlexBridge is not running: nothing can reach ArcSight',
    hint: 'Start flexbridge serve with this configuration. Nothing was asked for.',
  });
}

function notTaken({ store: { path } }: Config): BridgeError {
  const pid = runningInstance(path);
  return new BridgeError({
    code: 'TEST_NOT_TAKEN',
    kind: 'operator',
    message:
      pid === null
        ? 'FlexBridge stopped before it took the request'
        : `FlexBridge is running (pid ${pid}) but did not take the request within ${TAKEN_MS / 1000} seconds`,
    hint:
      pid === null
        ? 'Start flexbridge serve, then ask again. The request was taken back.'
        : 'Its database may be full or read-only: flexbridge doctor says. After an update, restart it. The request was taken back.',
  });
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

function nothing(): void {}
