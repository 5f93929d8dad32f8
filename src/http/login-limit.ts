import type { Clock } from '../domain/clock.ts';

export interface LoginLimit {
  /**
   * Counts a failed login. Seconds to wait once there were too many of this name from this address, else null.
   * @param name null: nobody can say whose; counted for the address alone
   */
  failed(address: string, name: string | null): number | null;
  /** The same without counting. */
  wait(address: string, name: string | null): number | null;
}

const WINDOW_MS = 60_000;
/** A connector set up with a wrong password polls a few times a minute: it must still read the 401 that says so. */
const FAILURES_OF_A_NAME = 10;
/** Whatever the names: somebody is guessing. */
const FAILURES_OF_AN_ADDRESS = 50;
/** Bound the memory that strangers can take. */
const LONGEST_NAME = 128;
const MOST_KEPT = 10_000;

interface Window {
  readonly endsAt: number;
  readonly failures: number;
}

/** Failures are counted in windows of a minute. A login that succeeds is never asked for here, so never limited. */
export function createLoginLimit(clock: Clock): LoginLimit {
  const windows = new Map<string, Window>();

  const open = (key: string): Window => {
    const now = clock.monotonic();
    const found = windows.get(key);
    return found === undefined || found.endsAt <= now ? { endsAt: now + WINDOW_MS, failures: 0 } : found;
  };
  const count = (key: string): void => {
    const { endsAt, failures } = open(key);
    windows.delete(key);
    windows.set(key, { endsAt, failures: failures + 1 });
    const [oldest] = windows.keys();
    if (windows.size > MOST_KEPT && oldest !== undefined) windows.delete(oldest);
  };
  const secondsOf = ({ key, most }: Limited): number => {
    const { endsAt, failures } = open(key);
    return failures > most ? Math.ceil((endsAt - clock.monotonic()) / 1000) : 0;
  };
  const wait = (address: string, name: string | null): number | null => {
    const seconds = Math.max(...limitsOf(address, name).map(secondsOf));
    return seconds > 0 ? seconds : null;
  };

  return {
    failed(address, name) {
      for (const { key } of limitsOf(address, name)) count(key);
      return wait(address, name);
    },
    wait,
  };
}

interface Limited {
  readonly key: string;
  readonly most: number;
}

function limitsOf(address: string, name: string | null): readonly Limited[] {
  const ofAddress = { key: address, most: FAILURES_OF_AN_ADDRESS };
  return name === null
    ? [ofAddress]
    : [{ key: JSON.stringify([address, name.slice(0, LONGEST_NAME)]), most: FAILURES_OF_A_NAME }, ofAddress];
}
