import type { Clock } from '../domain/clock.ts';

export interface LoginLimit {
  /** Counts a failed login. Seconds to wait once there were too many of this name from this address, else null. */
  failed(address: string, name: string): number | null;
}

const WINDOW_MS = 60_000;
/** A connector set up with a wrong password polls a few times a minute: it must still read the 401 that says so. */
const FAILURES_OF_A_NAME = 10;
/** Whatever the names: somebody is guessing. */
const FAILURES_OF_AN_ADDRESS = 50;
/** Bounds the memory that strangers can take. */
const MOST_KEPT = 10_000;

/** Failures are counted in windows of a minute. A login that succeeds is never asked for here, so never limited. */
export function createLoginLimit(clock: Clock): LoginLimit {
  const windows = new Map<string, { readonly endsAt: number; failures: number }>();

  const count = (key: string, limit: number): number | null => {
    const now = clock.monotonic();
    const found = windows.get(key);
    const window = found === undefined || found.endsAt <= now ? { endsAt: now + WINDOW_MS, failures: 0 } : found;
    window.failures += 1;
    windows.delete(key);
    windows.set(key, window);
    const [oldest] = windows.keys();
    if (windows.size > MOST_KEPT && oldest !== undefined) windows.delete(oldest);
    return window.failures > limit ? Math.ceil((window.endsAt - now) / 1000) : null;
  };

  return {
    failed(address, name) {
      const ofName = count(JSON.stringify([address, name]), FAILURES_OF_A_NAME);
      const ofAddress = count(address, FAILURES_OF_AN_ADDRESS);
      return ofName === null && ofAddress === null ? null : Math.max(ofName ?? 0, ofAddress ?? 0);
    },
  };
}
