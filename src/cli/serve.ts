import { createBridge } from '../bridge.ts';
import { createServing } from '../bridge-serving.ts';
import type { Config } from '../config/config.ts';
import { createConfigWatch } from '../config/config-watch.ts';
import { systemClock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import { createTrace } from '../domain/trace.ts';
import { createEventLog } from '../telemetry/event-log.ts';
import { createLogControl } from '../telemetry/log-control.ts';
import { createLogOutput } from '../telemetry/log-output.ts';
import { createLogger, standardOutput } from '../telemetry/logger.ts';
import type { Console } from './console.ts';
import { type LogChoice, logChoice } from './log-choice.ts';
import { salvageBefore } from './serve-salvage.ts';
import { version } from './version.ts';

/** Longer than open answers are waited for: whatever hangs then does not hold up the end of the process. */
const STOP_LIMIT_MS = 10_000;

export interface ServeOptions extends LogChoice {
  readonly config?: string;
  readonly salvage?: boolean;
}

/** Serves until a signal or a defect ends it. Exit code 0 after a signal, 1 after a defect. */
export async function serve(options: ServeOptions, console: Pick<Console, 'err' | 'isTerminal'>): Promise<number> {
  const choose = logChoice(options);
  const watch = createConfigWatch({ argvPath: options.config });
  const config = await watch.load();
  if (options.salvage) salvageBefore(config, console);
  const clock = systemClock;
  const trace = createTrace();
  const { level, format } = choose(config.log);
  const output = createLogOutput(standardOutput(), { isTerminal: console.isTerminal, format });
  const logger = createLogger(level, output);
  const emit = createEventLog(logger, trace);
  const control = createLogControl({ logger, level, clock, emit });
  const ending = whenEnded();
  const serving = createServing(config, {
    watch,
    createBridge: (settings: Config) =>
      createBridge(settings, {
        emit,
        version: version(),
        pid: process.pid,
        clock,
        trace,
        changeLogLevel: control.change,
      }),
    applyLog: (log) => {
      const chosen = choose(log);
      control.configure(chosen.level);
      output.setFormat(chosen.format);
    },
    emit,
    clock,
    pid: process.pid,
    onFatal: ending.fail,
  });
  // `systemctl reload`. On a terminal it means that the terminal is gone. Windows does not have it: there, as everywhere,
  // the files are looked at every few seconds.
  process.on('SIGHUP', () => {
    if (console.isTerminal) ending.stop('SIGHUP');
    else void serving.reload();
  });
  await serving.start();
  const { reason, code, error } = await ending.ended;
  if (error !== null)
    logger.error({ event: 'defect', message: error.message, stack: error.stack }, 'FlexBridge cannot go on; stopping');
  emit({ name: 'stopping', reason });
  const limit = new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref());
  await Promise.race([serving.stop(), limit]);
  emit({ name: 'stopped' });
  return code;
}

interface Ending {
  readonly reason: string;
  readonly code: number;
  readonly error: Error | null;
}

interface Ends {
  readonly ended: Promise<Ending>;
  readonly stop: (reason: string) => void;
  readonly fail: (error: Error) => void;
}

function whenEnded(): Ends {
  let end: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  const stop: Ends['stop'] = (reason) => {
    end({ reason, code: 0, error: null });
  };
  const fail: Ends['fail'] = (error) => {
    end({ reason: 'a defect', code: 1, error });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  process.once('uncaughtException', (thrown) => {
    fail(toBridgeError(thrown));
  });
  return { ended, stop, fail };
}
