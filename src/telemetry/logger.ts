import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../domain/log-settings.ts';

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

/** Standard output, written at once: nothing is lost where the process ends. */
export function standardOutput(): DestinationStream {
  return pino.destination({ fd: 1, sync: true });
}

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
