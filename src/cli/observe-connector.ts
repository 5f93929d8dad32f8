import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { type Observation, readObservation } from '../domain/observation.ts';
import { moment, span } from '../domain/time-words.ts';
import type { DetectionStore } from '../store/detection-store.ts';
import { isEnded, type StoredCommand } from '../store/errands.ts';
import { runningInstance } from '../store/instance-lock.ts';
import { counted } from '../telemetry/wording.ts';
import { account } from './account.ts';
import type { Console } from './console.ts';
import { onInterrupt } from './interrupt.ts';
import { readRequest, settingsOf } from './observe-connector-request.ts';
import { observationJson, observationReport } from './observe-connector-view.ts';
import { withStore } from './open-store.ts';
import { openProgress, type ProgressLine } from './progress-line.ts';

export interface ObserveOptions {
  readonly config?: string;
  readonly connector: string;
  readonly for: string;
  readonly probe?: string;
  readonly report?: boolean;
  readonly json?: boolean;
}

const LOOK_MS = 500;
/** The server takes a command within a second. */
const TAKEN_MS = 15_000;
/** How far back an observation is looked for. */
const COMMANDS = 500;

/** Records what a connector sends while it lasts, then says what that proves and which settings follow. */
export async function observeConnector(options: ObserveOptions, console: Console): Promise<number> {
  const config = await loadConfig({ argvPath: options.config });
  const args = readRequest(options, config);
  if (options.report) return report(await lastOf(options.connector, config), config, options, console);
  // Read-only first: a database that an older version serves is not to be changed.
  await withStore(config, 'read', (store) => refuseSecond(store));
  const shown: Console = options.json ? { ...console, out: () => undefined } : console;
  warn(args.probes, shown);
  if (runningInstance(config.store.path) === null)
    shown.out(
      `FlexBridge is not running: the request waits ${TAKEN_MS / 1000} seconds for flexbridge serve to be started.\n`,
    );
  const commandId = await withStore(config, 'write', (store) =>
    store.addCommand({ kind: 'observe', args, requestedBy: account() }),
  );
  const interrupt = onInterrupt();
  try {
    const command = await withStore(config, 'read', (store) =>
      follow({ store, config, commandId, clock: systemClock, signal: interrupt.signal }, shown),
    );
    return report(command, config, options, console);
  } finally {
    interrupt.close();
  }
}

function warn(probes: readonly string[], { out }: Console): void {
  if (probes.length === 0) return;
  out(`Some polls are answered in chosen ways (${probes.join(', ')}), each at most twice. No event is lost by it.\n`);
  if (probes.includes('error-401'))
    out('error-401 may make a connector with OAuth2 ask for a new token, or stop: be ready to start it again.\n');
}

interface Following {
  readonly store: DetectionStore;
  readonly config: Config;
  readonly commandId: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Until it has ended, or Ctrl-C ends it. */
async function follow(
  { store, config, commandId, clock, signal }: Following,
  console: Console,
): Promise<StoredCommand> {
  const progress = openProgress(console);
  const started = clock.monotonic();
  try {
    for (;;) {
      const command = await store.command(commandId);
      if (command === null) throw notTaken(config);
      if (isEnded(command)) return command;
      if (signal.aborted) {
        await cancel(config, commandId);
        return { ...command, state: 'cancelled' };
      }
      if (command.state === 'waiting' && clock.monotonic() - started >= TAKEN_MS) {
        await cancel(config, commandId);
        throw notTaken(config);
      }
      show(command, progress);
      await clock.sleep(LOOK_MS, signal).catch(nothing);
    }
  } finally {
    progress.end();
  }
}

function show({ done, total, progress: kept }: StoredCommand, progress: ProgressLine): void {
  const seen = readObservation(kept);
  if (seen === null || total === 0) return;
  const probed = seen.reactions.length === 0 ? '' : `, ${counted(seen.reactions.length, 'probe')}`;
  progress.show(done, total, `seconds, ${counted(seen.sums.requests, 'request')}${probed}`);
}

async function cancel(config: Config, commandId: number): Promise<void> {
  await withStore(config, 'write', (store) => store.updateCommand(commandId, { state: 'cancelled' }));
}

async function refuseSecond(store: DetectionStore): Promise<void> {
  const commands = await store.commands(COMMANDS);
  const other = commands.find((command) => command.kind === 'observe' && !isEnded(command));
  if (other === undefined) return;
  const seen = readObservation(other.progress);
  const until = seen === null ? '' : ` It ends by itself at ${moment(seen.startedMs + seen.forMs)}.`;
  throw new BridgeError({
    code: 'OBSERVE_BUSY',
    kind: 'operator',
    message: `an observation is under way; ${other.requestedBy} asked for it ${span(systemClock.now() - other.requestedMs)} ago`,
    hint: `One observation runs at a time. Wait for its end, or end it with Ctrl-C where it was started.${until}`,
  });
}

async function lastOf(connector: string, config: Config): Promise<StoredCommand> {
  const commands = await withStore(config, 'read', (store) => store.commands(COMMANDS));
  const last = commands.find(
    (command) => command.kind === 'observe' && readObservation(command.progress)?.connector === connector,
  );
  if (last !== undefined) return last;
  throw new BridgeError({
    code: 'OBSERVE_NO_RECORD',
    kind: 'operator',
    message: `${connector} was never observed, or longer ago than the database keeps it`,
    hint: 'Observe it: flexbridge observe, without --report.',
  });
}

function report(command: StoredCommand, config: Config, options: ObserveOptions, { out }: Console): number {
  const { problem, state } = command;
  if (problem !== null) throw new BridgeError({ ...problem, kind: 'operator' });
  const seen: Observation | null = readObservation(command.progress);
  if (seen === null) {
    out(options.json ? 'null\n' : 'It ended before anything was recorded.\n');
    return 1;
  }
  const settings = settingsOf(options.connector, config);
  out(options.json ? observationJson(seen, settings, state) : observationReport(seen, settings, state));
  return seen.sums.requests > 0 && (options.report || state === 'done') ? 0 : 1;
}

function notTaken({ store: { path } }: Config): BridgeError {
  const pid = runningInstance(path);
  return new BridgeError({
    code: 'OBSERVE_NOT_TAKEN',
    kind: 'operator',
    message:
      pid === null
        ? 'FlexBridge is not running, so nothing can be observed'
        : `FlexBridge is running (pid ${pid}) but did not take the request within ${TAKEN_MS / 1000} seconds`,
    hint:
      pid === null
        ? 'Start flexbridge serve with this configuration, then ask again. The request was taken back.'
        : 'Its database may be full or read-only: flexbridge doctor says. After an update, restart it. The request was taken back.',
  });
}

function nothing(): void {}
