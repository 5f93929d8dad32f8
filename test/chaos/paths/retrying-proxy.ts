import { setTimeout as sleep } from 'node:timers/promises';
import type { Path, PathOptions } from './path.ts';
import { type Get, startProxy } from './proxy.ts';

/** Enough for a bridge that is started again meanwhile. */
const TRIES = 8;
const BETWEEN_MS = 150;

/**
 * Repeats the request when the connection to the bridge breaks, so that the connector sees one answer of several; lets
 * the bridge go when the connector is gone.
 */
export function startRetryingProxy(options: PathOptions): Promise<Path> {
  const get: Get = async ({ trouble, gone, fetch }) => {
    if (trouble?.kind === 'hold') await sleep(trouble.ms);
    let cuts = trouble?.kind === 'cut' ? trouble.times : 0;
    for (let left = TRIES; left > 0 && !gone.aborted; left -= 1) {
      const got = await fetch({ cut: trouble?.kind === 'cut' && cuts > 0 ? trouble.at : null, signal: gone });
      if (got.kind === 'whole') return got;
      if (cuts === 0) await sleep(BETWEEN_MS);
      cuts = Math.max(0, cuts - 1);
    }
    return null;
  };
  return startProxy(options, get);
}
