import type { AlertRecord, SourceName } from '../domain/detection.ts';
import type { BridgeError } from '../domain/errors.ts';
import type { Instant } from '../domain/instant.ts';
import type { Rejection } from '../domain/rejection.ts';
import type { Window } from '../domain/window.ts';

/** What a payload became. */
export interface Normalised {
  readonly records: readonly AlertRecord[];
  /** Records that could not be read; the page goes on without them. */
  readonly rejected: readonly Rejection[];
}

/** One answer of Microsoft's, checked and normalised. */
export interface Page extends Normalised {
  /** Update time up to which the window is complete with this page; null when the order does not prove it. */
  readonly progress: Instant | null;
  readonly isLast: boolean;
}

/** What is wrong with an access token by its own claims; found before Microsoft refuses it. */
export interface TokenProblem {
  readonly code: 'audience' | 'tenant' | 'role' | 'expired';
  /** What it means and what to do, for a finding. */
  readonly meaning: string;
  readonly remedy: string;
}

/** One of Microsoft's APIs for one tenant. Reads only: knows no store, schedule or metric. */
export interface Source {
  readonly name: SourceName;
  /** Microsoft's clock, epoch ms, never ahead of it (from the Date header of its answers). */
  serverNow(signal: AbortSignal): Promise<number>;
  /**
   * Pages of a window, from `window.progress` on. Throws a BridgeError; nothing after a throw.
   * `pageSize` asks for pages smaller than usual, where the API has pages.
   */
  pages(window: Window, signal: AbortSignal, options?: { readonly pageSize?: number }): AsyncIterable<Page>;
  /**
   * The record at this place of a window of one instant, alone; null past the last one. Null itself for an API that
   * cannot be asked for a single record.
   */
  readonly single: ((window: Window, index: number, signal: AbortSignal) => Promise<Normalised | null>) | null;
  /**
   * How far beyond a window an answer may reach, milliseconds: a record that cannot be given breaks the answers for
   * whatever is nearer to it. 0 where a window is answered for exactly.
   */
  readonly blurMs: number;
  /** Reads what was set aside again, as a newer program may be able to. */
  normalise(raw: string): Normalised;
  /** What is wrong with the token of the last request; null when nothing is, or when it says nothing. */
  tokenProblem(): TokenProblem | null;
}

/** Failures that may be the fault of what was asked for: another page or another stretch of time may well succeed. */
const NARROWABLE: ReadonlySet<string> = new Set([
  'UPSTREAM_FAILED',
  // A link to a place too far down the list is a 400 (`$skip` beyond 500, defender-api 4).
  'UPSTREAM_BAD_REQUEST',
  'UPSTREAM_BAD_JSON',
  'UPSTREAM_BAD_ENVELOPE',
  'UPSTREAM_PAGE_LOOP',
  'RESPONSE_TOO_LARGE',
  // An answer too heavy to be made in time, or one that breaks off on its way.
  'NETWORK_TIMEOUT',
  'NETWORK_CUT',
]);

/** Whether asking for less may get round this failure of `pages` or `single`. */
export function isNarrowable({ code }: BridgeError): boolean {
  return NARROWABLE.has(code);
}
