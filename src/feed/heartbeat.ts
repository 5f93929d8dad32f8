import type { Emit } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import type { ErrandStore, StoredNotice } from '../store/errands.ts';

export interface HeartbeatFeed {
  readonly name: string;
  /** Time between two heartbeats; null: none. */
  readonly heartbeatMs: number | null;
}

export interface Heartbeat {
  /** Adds the heartbeat that is due by now, if one is. */
  beat(): Promise<void>;
}

/**
 * An event every so often, for ESM to miss. None is added while nobody has taken the last one: a connector that comes
 * back after a weekend finds one, not a thousand.
 */
export function createHeartbeat(
  { name: feed, heartbeatMs }: HeartbeatFeed,
  { store, clock, emit }: { readonly store: ErrandStore; readonly clock: Clock; readonly emit: Emit },
): Heartbeat {
  /** Of the monotonic clock: a wall clock that is set back must not silence it. Null until the store was asked. */
  let dueMs: number | null = null;

  const append = (everyMs: number): Promise<number | null> =>
    store.appendNotice({
      kind: 'heartbeat',
      feed,
      recipient: null,
      commandId: null,
      reason: `heartbeat every ${inWords(everyMs)}`,
      title: 'FlexBridge heartbeat',
      text: `FlexBridge is running, and its feed ${feed} reaches ArcSight. The next heartbeat is due in ${inWords(everyMs)}.`,
    });

  return {
    async beat() {
      if (heartbeatMs === null) return;
      const nowMs = clock.monotonic();
      if (dueMs !== null && nowMs < dueMs) return;
      const last = await store.lastNotice(feed, 'heartbeat');
      dueMs ??= nowMs + leftMs(last, heartbeatMs, clock.now());
      if (nowMs < dueMs || last?.taken === false) return;
      const seq = await append(heartbeatMs);
      dueMs = nowMs + heartbeatMs;
      if (seq !== null) emit({ name: 'noticeStored', feed, kind: 'heartbeat', seq });
    },
  };
}

/** Until the next one, for a process that has added none yet. */
function leftMs(last: StoredNotice | null, everyMs: number, nowMs: number): number {
  return last === null ? 0 : Math.min(Math.max(last.storedMs + everyMs - nowMs, 0), everyMs);
}

const UNITS = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

function inWords(ms: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => ms % size === 0) ?? [1, 'ms'];
  return `${ms / unitMs} ${unit}`;
}
