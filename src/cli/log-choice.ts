import type { LogConfig } from '../config/config.ts';
import { BridgeError } from '../domain/errors.ts';
import { isLogFormat, isLogLevel, LOG_FORMATS, LOG_LEVELS, type LogLevel } from '../domain/log-settings.ts';

export interface LogChoice {
  readonly logLevel?: string;
  readonly logFormat?: string;
}

/**
 * What the command line says of the log wins over the configuration, also over a changed one.
 * @throws BridgeError LOG_LEVEL or LOG_FORMAT
 */
export function logChoice({ logLevel, logFormat }: LogChoice): (log: LogConfig) => Pick<LogConfig, 'level' | 'format'> {
  const level = logLevel === undefined ? null : readLogLevel(logLevel);
  if (logFormat !== undefined && !isLogFormat(logFormat)) throw unknown('LOG_FORMAT', 'format', logFormat, LOG_FORMATS);
  return (log) => ({ level: level ?? log.level, format: logFormat ?? log.format });
}

/** @throws BridgeError LOG_LEVEL */
export function readLogLevel(text: string): LogLevel {
  if (isLogLevel(text)) return text;
  throw unknown('LOG_LEVEL', 'level', text, LOG_LEVELS);
}

function unknown(code: string, what: string, given: string, known: readonly string[]): BridgeError {
  return new BridgeError({
    code,
    kind: 'operator',
    message: `there is no log ${what} ${JSON.stringify(given.slice(0, 40))}`,
    hint: `Use one of ${known.join(', ')}.`,
  });
}
