import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

const RESOLUTION_MS = 1;

/** Watches how long the event loop of this process is held up at a time. */
export function watchLoop(): { longestMs(): Promise<number> } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  return {
    async longestMs() {
      // A hold-up is noticed when it is over and the loop has turned.
      await wait(2 * RESOLUTION_MS);
      delay.disable();
      return Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    },
  };
}
