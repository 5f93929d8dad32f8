import { type MovedClock, movedClock } from '../support/moved-clock.ts';

/**
 * The time of one round. It runs as the real one does, and jumps on when the round says so; Microsoft and the connector
 * go by it. The bridge's wall clock may be wrong by `skewMs`.
 */
export interface SimTime {
  readonly clock: MovedClock;
  skewMs: number;
  /** How far the bridge's wall clock is ahead of the real one. */
  aheadMs(): number;
  /** What the bridge takes for now. */
  bridgeNow(): number;
}

/** Every certificate is valid then, and the round ends long before the real present. */
const BEGINS_MS = -3 * 86_400_000;

export function createSimTime(): SimTime {
  const clock = movedClock(BEGINS_MS);
  const time: SimTime = {
    clock,
    skewMs: 0,
    aheadMs: () => clock.now() - Date.now() + time.skewMs,
    bridgeNow: () => clock.now() + time.skewMs,
  };
  return time;
}
