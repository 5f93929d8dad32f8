import type { Console } from '../console.ts';

export interface SetupOptions {
  readonly config?: string;
}

export function setup(_options: SetupOptions, _console: Console): Promise<number> {
  throw new Error('not written yet');
}
