import type { AlertRecord, SourceName } from '../domain/detection.ts';
import type { Instant } from '../domain/instant.ts';
import type { Window } from '../domain/window.ts';

/** One answer of Microsoft's, checked and normalised. */
export interface Page {
  readonly records: readonly AlertRecord[];
  /** Records that could not be read; the page goes on without them. */
  readonly rejected: readonly Rejection[];
  /** Update time up to which the window is complete with this page; null when the order does not prove it. */
  readonly progress: Instant | null;
  readonly isLast: boolean;
}

export interface Rejection {
  /** The alert id when it could be read. */
  readonly id: string | null;
  readonly reason: string;
  readonly raw: string;
}

/** One of Microsoft's APIs for one tenant. Reads only: knows no store, schedule or metric. */
export interface Source {
  readonly name: SourceName;
  /** Microsoft's clock, epoch ms, never ahead of it (from the Date header of its answers). */
  serverNow(signal: AbortSignal): Promise<number>;
  /** Pages of a window, from `window.progress` on. Throws a BridgeError; nothing after a throw. */
  pages(window: Window, signal: AbortSignal): AsyncIterable<Page>;
}
