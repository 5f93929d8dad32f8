import type { Console } from './console.ts';

export interface LogLevelOptions {
  readonly config?: string;
  readonly for?: string;
}

export function logLevel(_level: string, _options: LogLevelOptions, _console: Console): Promise<number> {
  throw new Error('not written yet');
}
