import { type DestinationStream, type Logger, pino } from 'pino';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Members whose value is never written, on the first two levels of a line. */
const SECRET_NAMES = [
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'secret',
  'secretHash',
  'clientSecret',
  'client_secret',
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'access_token',
  'refresh_token',
  'client_assertion',
];

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
    redact: { paths: SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[secret]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
