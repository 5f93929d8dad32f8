import type { BridgeError } from './errors.ts';

/**
 * Everything worth a log line or a metric. Emitters name facts; `telemetry/` decides level and text.
 * Values are ids, counts and times only: no alert text, no token, no secret.
 */
export type BridgeEvent =
  | { readonly name: 'started'; readonly url: string; readonly version: string }
  | { readonly name: 'stopping'; readonly reason: string }
  | { readonly name: 'stopped' }
  | { readonly name: 'credentialsCreated'; readonly file: string }
  | { readonly name: 'certificateCreated'; readonly file: string; readonly hosts: readonly string[] }
  | ({ readonly name: 'pollFinished' } & SourceRef & PollCounts & { readonly durationMs: number })
  | ({
      readonly name: 'pollFailed';
      readonly error: BridgeError;
      readonly attempt: number;
      /** What it had stored before; absent when nothing. */
      readonly stored?: PollCounts;
    } & SourceRef)
  | ({ readonly name: 'pollSkipped'; readonly reason: 'running' | 'waiting' } & SourceRef)
  | ({ readonly name: 'recordRejected'; readonly id: string | null; readonly reason: string } & SourceRef)
  /** Of each alert stored for the first time: milliseconds from its last update at Microsoft to its storing. */
  | ({ readonly name: 'alertsArrived'; readonly delaysMs: readonly number[] } & SourceRef)
  | { readonly name: 'tokenAcquired'; readonly tenant: string; readonly expiresInMs: number }
  | { readonly name: 'tokenKept'; readonly tenant: string; readonly error: BridgeError; readonly expiresInMs: number }
  | {
      readonly name: 'pageSent';
      readonly feed: string;
      readonly connector: string;
      readonly events: number;
      readonly from: number;
      readonly to: number;
      readonly tries: number;
    }
  | {
      readonly name: 'pageAcknowledged';
      readonly feed: string;
      readonly connector: string;
      readonly by: 'confirmed' | 'progress' | 'repeat' | 'response';
      readonly to: number;
    }
  | { readonly name: 'tryBroken'; readonly feed: string; readonly connector: string; readonly reason: string }
  /** A request for a feed was answered; `feed` is null when its URL names no feed of this bridge. */
  | { readonly name: 'feedRequest'; readonly feed: string | null; readonly status: number; readonly durationMs: number }
  | { readonly name: 'loginFailed'; readonly login: string; readonly address: string }
  | { readonly name: 'requestFailed'; readonly requestId: string; readonly error: BridgeError };

export interface SourceRef {
  readonly tenant: string;
  readonly source: string;
}

/** What one poll of a source did, in records and events. */
export interface PollCounts {
  readonly pages: number;
  readonly fetched: number;
  readonly fresh: number;
  readonly changed: number;
  readonly duplicate: number;
  readonly stale: number;
  readonly rejected: number;
  readonly events: number;
  /** Values that did not fit their ArcSight field and were cut; the whole value stays in the store. */
  readonly cut: number;
}

export type Emit = (event: BridgeEvent) => void;
