import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import { isUnwritable, type Unwritable } from './upkeep.ts';

/** What the writes of this process say of the disk. */
export interface WriteWatch {
  /** `kind`: what was to be written, in the caller's words. Errors that say nothing of the disk are passed over. */
  failed(kind: string, error: unknown): void;
  succeeded(kind: string): void;
  unwritable(): Unwritable | null;
}

/** Writes that nobody repeats: any that succeeds speaks for them. */
export const ONCE = 'once';

/**
 * So long after the last failure any write that succeeds speaks for all. Before that, only one of the same kind: on a full
 * disk a position still finds room where a page of events does not, and the state would change with every poll.
 */
const FORGOTTEN_AFTER_MS = 10 * 60_000;

interface Failure {
  readonly error: BridgeError;
  readonly sinceMs: number;
}

export function createWriteWatch(clock: Clock, emit: Emit): WriteWatch {
  const failures = new Map<string, Failure>();
  let began = 0;
  let lastFailure = 0;

  return {
    failed(kind, error) {
      if (!(error instanceof BridgeError) || !isUnwritable(error)) return;
      lastFailure = clock.monotonic();
      if (failures.size === 0) {
        began = clock.monotonic();
        emit({ name: 'storeUnwritable', error });
      }
      failures.set(kind, { error, sinceMs: failures.get(kind)?.sinceMs ?? clock.now() });
    },
    succeeded(kind) {
      if (failures.size === 0) return;
      failures.delete(kind);
      failures.delete(ONCE);
      if (clock.monotonic() - lastFailure >= FORGOTTEN_AFTER_MS) failures.clear();
      if (failures.size === 0) emit({ name: 'storeWritable', durationMs: Math.round(clock.monotonic() - began) });
    },
    unwritable() {
      const [oldest] = [...failures.values()].toSorted((a, b) => a.sinceMs - b.sinceMs);
      if (oldest === undefined) return null;
      const { code, message, hint } = oldest.error;
      return { code, message, hint, sinceMs: oldest.sinceMs };
    },
  };
}
