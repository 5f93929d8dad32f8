import { setTimeout as sleep } from 'node:timers/promises';
import type { Path, PathOptions } from './path.ts';
import { type Get, startProxy } from './proxy.ts';

const NEVER = new AbortController().signal;

/** Takes the whole answer, whether the connector still waits for it or not, and then hands it on. */
export function startBufferingProxy(options: PathOptions): Promise<Path> {
  const get: Get = async ({ trouble, fetch }) => {
    const got = await fetch({ cut: null, signal: NEVER });
    if (trouble?.kind === 'hold') await sleep(trouble.ms);
    return got.kind === 'whole' ? got : null;
  };
  return startProxy(options, get);
}
