import type { RequestFailure } from './feed-request.ts';
import type { ArcSightEvent, InterpretWarning } from './interpreter/interpret.ts';

/** When it asked, and for what. */
export interface Timing {
  /** What stood in place of `$START_AT_TIME`. */
  readonly sinceText: string;
  /** The connector's clock, epoch ms. */
  readonly startedMs: number;
  readonly answeredMs: number;
}

interface PollFacts extends Timing {
  /** Bytes of the body that arrived. */
  readonly bytes: number;
}

export interface PollReceived extends PollFacts {
  readonly kind: 'received';
  readonly status: number;
  readonly events: readonly ArcSightEvent[];
  readonly warnings: readonly InterpretWarning[];
  /** Elements of the array. */
  readonly rawCount: number;
}

export interface PollFailed extends PollFacts {
  readonly kind: 'failed';
  readonly reason: RequestFailure | 'status' | 'not-json' | 'not-an-array' | 'token' | 'token-fatal';
  /** Null when no answer came. */
  readonly status: number | null;
  /** Bytes that the answer announced; null when none came or it announced none. */
  readonly announcedBytes: number | null;
  /** Free of the URL's query and of the body. */
  readonly message: string;
}

export type PollResult = PollReceived | PollFailed;

/** What a feed answers to HEAD that would answer 200 with events. */
export interface Checked extends Timing {
  readonly kind: 'checked';
  /** Of the answer that GET would bring; null when it is not said. */
  readonly announcedBytes: number | null;
}
