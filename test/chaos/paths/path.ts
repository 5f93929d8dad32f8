import type { PollResult } from '../../../src/connector/poll-result.ts';
import type { Exchange } from './exchange.ts';

export const PATHS = ['direct', 'buffering', 'retrying', 'slow'] as const;
export type PathName = (typeof PATHS)[number];

/**
 * What a path does to the next request. `hold`: the answer comes so much later. `cut`: the connection to the bridge is
 * reset, so many times, as the request has left, as the answer begins, or in its middle.
 */
export type PathTrouble =
  | { readonly kind: 'hold'; readonly ms: number }
  | { readonly kind: 'cut'; readonly at: 'request' | 'head' | 'body'; readonly times: number };

/** What lies between the connector and the bridge. */
export interface Path {
  /** Where the connector polls: `https://host:port` or `http://127.0.0.1:port`. */
  readonly origin: string;
  /** For the next request. */
  upset(trouble: PathTrouble): void;
  /** The exchanges with the bridge that this poll of the connector brought about, once all have ended, in their order. */
  exchanges(poll: ObservedPoll): Promise<readonly Exchange[]>;
  close(): Promise<void>;
}

export interface ObservedPoll {
  readonly result: PollResult;
  /** What the bridge took for now before and after it. */
  readonly sentMs: number;
  readonly endedMs: number;
  /** `performance.now()` before it. */
  readonly sentAt: number;
}

export interface PathOptions {
  readonly bridge: { readonly port: number; readonly ca: Buffer };
  readonly bridgeNow: () => number;
}
