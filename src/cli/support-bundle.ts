import type { Console } from './console.ts';

export interface SupportBundleOptions {
  readonly config?: string;
  readonly out?: string;
  readonly log?: string;
  readonly offline?: boolean;
}

export function supportBundle(_options: SupportBundleOptions, _console: Console): Promise<number> {
  throw new Error('not written yet');
}
