import type { Emit, SourceRef } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { type Instant, instantToMs } from '../domain/instant.ts';
import type { Checkpoint } from '../domain/window.ts';
import type { SourceStatus } from '../store/detection-store.ts';

export type CatchingUp = SourceStatus['catchingUp'];

export interface CatchUp {
  /**
   * Where the source stands after a part of a poll, told when it is behind and when it no longer is.
   * @param before what was noted last, by an earlier process too
   * @param start where the source stood when the poll began
   */
  note(before: CatchingUp, start: Checkpoint, now: Checkpoint, target: Instant): CatchingUp;
}

export function createCatchUp({
  clock,
  emit,
  ref,
}: {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly ref: SourceRef;
}): CatchUp {
  /** Monotonic; of this process. */
  let sinceMs = clock.monotonic();
  return {
    note(before, start, now, target) {
      const reached = reachedBy(now);
      if (reached === null) return before;
      if (before === null) sinceMs = clock.monotonic();
      if (reached >= target) {
        if (before !== null) emit({ name: 'caughtUp', ...ref, durationMs: Math.round(clock.monotonic() - sinceMs) });
        return null;
      }
      const from = before?.from ?? reachedBy(start) ?? reached;
      emit({ name: 'catchingUp', ...ref, reached, target, percent: percent(from, reached, target) });
      return { from, reached, target };
    },
  };
}

/** The overlap that a window begins with is no step back. */
function reachedBy({ watermark, window }: Checkpoint): Instant | null {
  const progress = window?.progress ?? null;
  if (watermark === null || progress === null) return watermark ?? progress;
  return progress > watermark ? progress : watermark;
}

function percent(from: Instant, reached: Instant, target: Instant): number {
  const whole = instantToMs(target) - instantToMs(from);
  return whole <= 0 ? 0 : Math.max(0, Math.floor((100 * (instantToMs(reached) - instantToMs(from))) / whole));
}
