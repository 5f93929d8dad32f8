/** From the gravest on; what each means stands in docs/logs.md. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `auto`: pretty on a terminal, JSON otherwise. */
export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export function isLogLevel(text: unknown): text is LogLevel {
  return LOG_LEVELS.some((level) => level === text);
}

export function isLogFormat(text: unknown): text is LogFormat {
  return LOG_FORMATS.some((format) => format === text);
}
