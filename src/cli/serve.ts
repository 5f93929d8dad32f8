import { createBridge } from '../bridge.ts';
import { loadConfig } from '../config/load.ts';
import { BridgeError, toBridgeError } from '../domain/errors.ts';
import { createEventLog } from '../telemetry/event-log.ts';
import { createLogger, LOG_LEVELS } from '../telemetry/logger.ts';
import type { Console } from './console.ts';
import { salvageBefore } from './serve-salvage.ts';
import { version } from './version.ts';

/** After this long, open answers are cut: their tries count as broken and are sent again. */
const STOP_LIMIT_MS = 10_000;

export interface ServeOptions {
  readonly config?: string;
  readonly logLevel: string;
  readonly salvage?: boolean;
}

/** Serves until a signal or a defect ends it. Exit code 0 after a signal, 1 after a defect. */
export async function serve(options: ServeOptions, console: Pick<Console, 'err'>): Promise<number> {
  const level = LOG_LEVELS.find((name) => name === options.logLevel);
  if (level === undefined) throw unknownLevel(options.logLevel);
  const config = await loadConfig({ argvPath: options.config });
  if (options.salvage) salvageBefore(config, console);
  const logger = createLogger(level);
  const emit = createEventLog(logger);
  const bridge = createBridge(config, { emit, version: version(), pid: process.pid });
  const ending = whenEnded();
  await bridge.start();
  const { reason, code, error } = await ending;
  if (error !== null)
    logger.error({ event: 'defect', message: error.message, stack: error.stack }, 'a defect of FlexBridge; stopping');
  emit({ name: 'stopping', reason });
  const limit = new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref());
  await Promise.race([bridge.stop(), limit]);
  emit({ name: 'stopped' });
  return code;
}

interface Ending {
  readonly reason: string;
  readonly code: number;
  readonly error: Error | null;
}

function whenEnded(): Promise<Ending> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve({ reason: signal, code: 0, error: null });
      });
    }
    process.once('uncaughtException', (thrown) => {
      resolve({ reason: 'a defect', code: 1, error: toBridgeError(thrown) });
    });
  });
}

function unknownLevel(level: string): BridgeError {
  return new BridgeError({
    code: 'LOG_LEVEL',
    kind: 'operator',
    message: `there is no log level ${JSON.stringify(level)}`,
    hint: `Use one of ${LOG_LEVELS.join(', ')}.`,
  });
}
