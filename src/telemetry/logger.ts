import { type DestinationStream, type Logger, pino } from 'pino';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * JSON lines on standard output (or `destination`). Levels: error = a person must act; warn = degraded, healing itself;
 * info = lifecycle and one line a tick; debug = a request.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    // A second fence: what is logged are ids, counts and times (domain/bridge-event.ts), never these.
    redact: {
      paths: [
        'authorization',
        'secret',
        'password',
        'token',
        'clientSecret',
        '*.authorization',
        '*.secret',
        '*.password',
        '*.token',
        '*.clientSecret',
      ],
      censor: '[secret]',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
