import type { AuditEntry } from './audit.ts';
import type { BridgeError } from './errors.ts';
import type { LogLevel } from './log-settings.ts';
import type { RejectionCode } from './rejection.ts';

/**
 * Everything worth a log line or a metric. Emitters name facts; `telemetry/` decides level and text.
 * Values are ids, counts and times only: no alert text, no token, no secret.
 */
export type BridgeEvent =
  | { readonly name: 'started'; readonly url: string; readonly version: string }
  | { readonly name: 'stopping'; readonly reason: string }
  | { readonly name: 'stopped' }
  /** A changed configuration is in use; `changed` are its top-level keys. `restarted`: the parts were stopped and made anew. */
  | { readonly name: 'configReloaded'; readonly changed: readonly string[]; readonly restarted: boolean }
  /** A changed configuration is not used; the one before goes on serving. */
  | { readonly name: 'configRefused'; readonly error: BridgeError; readonly problems: readonly string[] }
  /** Connections from now on get this certificate. */
  | { readonly name: 'certificateRenewed'; readonly file: string; readonly notAfter: string }
  /** The new certificate is not served; the one before is. */
  | { readonly name: 'certificateRefused'; readonly error: BridgeError }
  /** `forMs`: for so long; null: until it is changed again. */
  | { readonly name: 'logLevelChanged'; readonly to: LogLevel; readonly forMs: number | null }
  /** Lines wait for the audit file, and it is written again. */
  | { readonly name: 'auditFileFailed'; readonly error: BridgeError }
  | { readonly name: 'auditFileWritten'; readonly file: string }
  | { readonly name: 'credentialsCreated'; readonly file: string }
  | { readonly name: 'certificateCreated'; readonly file: string; readonly hosts: readonly string[] }
  /** While a source is behind, also where it has got to and where it has to get (ISO-8601). */
  | ({
      readonly name: 'pollFinished';
      readonly durationMs: number;
      readonly reached?: string;
      readonly target?: string;
    } & SourceRef &
      PollCounts)
  | ({
      readonly name: 'pollFailed';
      readonly error: BridgeError;
      readonly attempt: number;
      /** What it had stored before; absent when nothing. */
      readonly stored?: PollCounts;
    } & SourceRef)
  | ({ readonly name: 'pollSkipped'; readonly reason: 'running' | 'waiting' } & SourceRef)
  /** A record was set aside; `stretch` is the time that Microsoft does not answer for, when that is all that is known. */
  | ({
      readonly name: 'recordSetAside';
      readonly id: string | null;
      readonly code: RejectionCode;
      readonly reason: string;
      readonly stretch: string | null;
    } & SourceRef)
  /** Something that was set aside could be taken after all. */
  | ({ readonly name: 'setAsideSettled'; readonly entries: number } & SourceRef)
  /** After every slice while a source is behind: where it has got to and where it has to get (ISO-8601). */
  | ({
      readonly name: 'catchingUp';
      readonly reached: string;
      readonly target: string;
      readonly percent: number;
    } & SourceRef)
  | ({ readonly name: 'caughtUp'; readonly durationMs: number } & SourceRef)
  /** The wide look back is finished. */
  | ({ readonly name: 'rescanFinished'; readonly fresh: number; readonly changed: number } & SourceRef)
  /** The wide look back failed; it is tried again by itself, and the main line goes on. */
  | ({ readonly name: 'rescanFailed'; readonly error: BridgeError; readonly attempt: number } & SourceRef)
  /** A page fails again and again and is read in smaller parts. */
  | ({
      readonly name: 'narrowing';
      readonly from: string;
      readonly to: string;
      readonly error: BridgeError;
    } & SourceRef)
  /** Events that a feed's filter kept out. */
  | { readonly name: 'eventsFiltered'; readonly feed: string; readonly events: number }
  /** A host asked to slow down, or its published limit is used up: nothing is sent to it for so long. */
  | {
      readonly name: 'hostGated';
      readonly tenant: string;
      readonly host: string;
      readonly waitMs: number;
      readonly reason: 'asked' | 'limit';
    }
  /** The first secret or certificate was refused and the next one works. */
  | { readonly name: 'credentialSwitched'; readonly tenant: string; readonly reason: string }
  /** What is wrong with a new token by its own claims. */
  | {
      readonly name: 'tokenProblem';
      readonly tenant: string;
      readonly scope: string;
      readonly code: string;
      readonly meaning: string;
    }
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
      /** How many it is now known to have taken. */
      readonly events: number;
    }
  /** An event was given up after many failed tries (*forced*): it can be replayed. */
  | {
      readonly name: 'eventPassedOver';
      readonly feed: string;
      readonly connector: string;
      readonly seq: number;
      readonly tries: number;
    }
  /** Two parties seem to share one login. */
  | {
      readonly name: 'twoParties';
      readonly feed: string;
      readonly connector: string;
      readonly addresses: readonly string[];
    }
  /** Positions cannot be written and are kept in memory; `error` says why. */
  | { readonly name: 'positionsKept'; readonly error: BridgeError }
  /** They are written again. */
  | { readonly name: 'positionsSaved'; readonly positions: number }
  /** The store cannot be written, and can again. */
  | { readonly name: 'storeUnwritable'; readonly error: BridgeError }
  | { readonly name: 'storeWritable'; readonly durationMs: number }
  /** Events that were not sent to anybody yet were made anew, because settings or the mapping changed. */
  | { readonly name: 'feedRenewed'; readonly feed: string; readonly events: number }
  /** A request for the events of a reader with a cursor was answered. */
  | { readonly name: 'eventsRead'; readonly feed: string; readonly reader: string; readonly events: number }
  | { readonly name: 'replayStarted'; readonly command: number; readonly feed: string; readonly events: number }
  | { readonly name: 'replayFinished'; readonly command: number; readonly feed: string; readonly events: number }
  | { readonly name: 'commandFailed'; readonly command: number; readonly error: BridgeError }
  | { readonly name: 'noticeStored'; readonly feed: string; readonly kind: 'heartbeat' | 'test'; readonly seq: number }
  /** The database is of an older schema: it is copied to `backup` (null: it is empty), then brought up to date. */
  | { readonly name: 'storeUpgraded'; readonly from: number; readonly to: number; readonly backup: string | null }
  /** Retention deleted something. `undelivered`: events that a connector had not taken. */
  | {
      readonly name: 'pruned';
      readonly events: number;
      readonly records: number;
      readonly alerts: number;
      readonly undelivered: number;
    }
  | { readonly name: 'upkeepFailed'; readonly error: BridgeError }
  | { readonly name: 'tryBroken'; readonly feed: string; readonly connector: string; readonly reason: string }
  /** A request for a feed was answered; `feed` is null when its URL names no feed of this bridge. */
  | { readonly name: 'feedRequest'; readonly feed: string | null; readonly status: number; readonly durationMs: number }
  /** `login`: the name, or the fingerprint of a certificate; empty where nobody can say. */
  | { readonly name: 'loginFailed'; readonly login: string; readonly address: string; readonly by: LoginWay }
  /** A line was written for the auditor. */
  | ({ readonly name: 'audited' } & Omit<AuditEntry, 'atMs'>)
  /** That line could not be written to the store. */
  | { readonly name: 'auditFailed'; readonly action: string; readonly error: BridgeError }
  | { readonly name: 'requestFailed'; readonly requestId: string; readonly error: BridgeError };

/** What a login was tried with. */
export type LoginWay = 'basic' | 'bearer' | 'certificate' | 'urlKey' | 'clientSecret' | 'signIn';

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
