import { type Instant, instantFromMs, shiftInstant } from './instant.ts';

/**
 * A stretch of update times being read: `from` inclusive, `to` exclusive. `progress` is the update time up to which
 * pages are already stored, so a restart goes on inside the window.
 */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
  readonly progress: Instant | null;
}

/** Where a source stands. `watermark`: everything updated before it has been read and stored. */
export interface Checkpoint {
  readonly watermark: Instant | null;
  readonly window: Window | null;
}

export interface WindowSettings {
  /** Read again this far behind the watermark: records become visible late (defender-api 7). */
  readonly overlapMs: number;
  /** Stay this far behind Microsoft's clock: the newest records are still moving. */
  readonly settleMs: number;
  /** How far back the very first window reaches. */
  readonly initialLookbackMs: number;
}

const CLOCK_TOLERANCE_MS = 3_600_000;

/** Where a source starts: `initialLookback` before now, kept from the first try on, however late the first success. */
export function firstCheckpoint(nowMs: number, { initialLookbackMs }: WindowSettings): Checkpoint {
  return { watermark: instantFromMs(nowMs - initialLookbackMs), window: null };
}

/**
 * The window to read now: the one that was left open, else the next one. Null when there is nothing to read yet.
 * @param serverNowMs Microsoft's clock (Date header), epoch ms
 */
export function nextWindow(checkpoint: Checkpoint, settings: WindowSettings, serverNowMs: number): Window | null {
  if (checkpoint.window !== null) return checkpoint.window;
  const to = instantFromMs(serverNowMs - settings.settleMs);
  const { watermark } = checkpoint;
  // A watermark far ahead of Microsoft's clock was taken from a wrong local clock at the first start.
  if (watermark === null || watermark > instantFromMs(serverNowMs + CLOCK_TOLERANCE_MS)) {
    return { from: shiftInstant(to, -settings.initialLookbackMs), to, progress: null };
  }
  return watermark < to ? { from: shiftInstant(watermark, -settings.overlapMs), to, progress: null } : null;
}

/** The checkpoint once a page is stored; the watermark moves only with the last page of the window. */
export function advance(
  checkpoint: Checkpoint,
  window: Window,
  page: { isLast: boolean; progress: Instant | null },
): Checkpoint {
  if (page.isLast) return { watermark: window.to, window: null };
  return { watermark: checkpoint.watermark, window: { ...window, progress: page.progress } };
}
