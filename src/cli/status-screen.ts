import { setTimeout as sleep } from 'node:timers/promises';
import type { Screen } from './status-watch.ts';

/** Ctrl-C, Ctrl-D and q. */
const LEAVE = ['\u0003', '\u0004', 'q', 'Q'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The terminal of this process. Keys are taken unbuffered and without echo, because an echo would move the cursor while a
 * view is drawn; so Ctrl-C arrives as a key, and as a signal where the input is no terminal. `close` gives all back.
 */
export function openScreen(write: (text: string) => void): Screen & { close(): void } {
  const { stdin, stdout } = process;
  const left = new AbortController();
  const isLeft = (): boolean => left.signal.aborted;
  let wake = new AbortController();
  const leave = (): void => {
    left.abort();
    wake.abort();
  };
  const onKeys = (keys: Buffer): void => {
    if (LEAVE.some((key) => keys.includes(key))) leave();
  };
  const onResize = (): void => {
    wake.abort();
  };
  for (const signal of SIGNALS) process.on(signal, leave);
  stdout.on('resize', onResize);
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', onKeys);
  }
  return {
    write,
    // A terminal that does not know its size says 0.
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    async pause(ms) {
      if (isLeft()) return 'left';
      await sleep(ms, undefined, { signal: wake.signal }).catch(() => undefined);
      wake = new AbortController();
      return isLeft() ? 'left' : 'again';
    },
    close() {
      for (const signal of SIGNALS) process.off(signal, leave);
      stdout.off('resize', onResize);
      if (!stdin.isTTY) return;
      stdin.off('data', onKeys);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
