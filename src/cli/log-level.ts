import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { parseDuration } from '../config/quantity.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { LogLevelArgs } from '../feed/command-args.ts';
import { runningInstance } from '../store/instance-lock.ts';
import { account } from './account.ts';
import type { Console } from './console.ts';
import { readLogLevel } from './log-choice.ts';
import { withStore } from './open-store.ts';

export interface LogLevelOptions {
  readonly config?: string;
  readonly for?: string;
}

const LOOK_MS = 250;
/** The server takes a command within a second. */
const TAKEN_MS = 15_000;
const LONGEST_MS = 24 * 3_600_000;

/** Asks the running bridge for another level of its log, through its store, and waits until it is so. */
export async function logLevel(
  text: string,
  options: LogLevelOptions,
  { out }: Pick<Console, 'out'>,
  clock: Clock = systemClock,
): Promise<number> {
  const level = readLogLevel(text);
  const forMs = options.for === undefined ? null : parseFor(options.for);
  const config = await loadConfig({ argvPath: options.config });
  if (runningInstance(config.store.path) === null) throw notRunning();
  const args: LogLevelArgs = { level, forMs };
  const commandId = await withStore(config, 'write', (store) =>
    store.addCommand({ kind: 'log-level', args, requestedBy: account() }),
  );
  await whenDone(config, commandId, clock);
  const until = options.for === undefined ? 'until log.level is changed or the bridge restarts' : `for ${options.for}`;
  out(`The running bridge logs from level ${level} on, ${until}.\n`);
  return 0;
}

async function whenDone(config: Config, commandId: number, clock: Clock): Promise<void> {
  const started = clock.monotonic();
  const { signal } = new AbortController();
  while (clock.monotonic() - started < TAKEN_MS) {
    const command = await withStore(config, 'read', (store) => store.command(commandId));
    if (command?.problem) throw new BridgeError({ ...command.problem, kind: 'operator' });
    if (command?.state === 'done') return;
    await clock.sleep(LOOK_MS, signal);
  }
  await withStore(config, 'write', (store) => store.updateCommand(commandId, { state: 'cancelled' }));
  throw new BridgeError({
    code: 'LOG_LEVEL_NOT_TAKEN',
    kind: 'operator',
    message: `the running FlexBridge did not take the request within ${TAKEN_MS / 1000} seconds`,
    hint: 'It may be an older version (restart it after an update), or its database may be full or read-only: flexbridge doctor says. The request was taken back.',
  });
}

function parseFor(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms >= 1000 && ms <= LONGEST_MS) return ms;
  throw new BridgeError({
    code: 'LOG_LEVEL_FOR',
    kind: 'operator',
    message: `${JSON.stringify(text.slice(0, 40))} is no time to log at another level`,
    hint: 'Give a number and a unit from 1s to 24h, such as 15m.',
  });
}

function notRunning(): BridgeError {
  return new BridgeError({
    code: 'SERVE_NOT_RUNNING',
    kind: 'operator',
    message: 'FlexBridge is not running: there is no log to change',
    hint: 'Start it with the level: flexbridge serve --log-level debug, or set log.level in the configuration.',
  });
}
