import type { AuditEntry } from '../domain/audit.ts';
import type { NoticeText } from '../domain/notice.ts';
import type { CutOver, Position } from '../domain/position.ts';

/** What a command asks the running server to do. Times are epoch ms. */
export type CommandKind = 'replay' | 'test-event' | 'observe' | 'log-level';

export interface CommandRequest {
  readonly kind: CommandKind;
  /** JSON; its shape belongs to the kind. */
  readonly args: unknown;
  /** Who asked: the account of the operating system. */
  readonly requestedBy: string;
}

export interface StoredCommand extends CommandRequest {
  readonly commandId: number;
  readonly requestedMs: number;
  /** `waiting` for the server; `running` there; the rest are ends. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly done: number;
  readonly total: number;
  /** Where the work has got to, in the kind's own words (JSON): survives a restart. */
  readonly progress: unknown;
  /** Why it failed, with what to do. */
  readonly problem: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly updatedMs: number;
}

/** An end is final: whoever ends a command first decides how it ended. */
export function isEnded({ state }: Pick<StoredCommand, 'state'>): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

export type CommandUpdate = Partial<Pick<StoredCommand, 'state' | 'done' | 'total' | 'progress' | 'problem'>>;

/** Which events are sent once more. Exactly the members that are given narrow the choice. */
export interface ReplaySelection {
  /** Stored at or after, before; epoch ms. */
  readonly storedFromMs: number | null;
  readonly storedToMs: number | null;
  /** FeedSeq, both inclusive. */
  readonly fromSeq: number | null;
  readonly toSeq: number | null;
  /** Microsoft's alert id, in any spelling that the store takes for the same alert. */
  readonly alertId: string | null;
}

export interface ReplaySlice {
  /** A command that is `running`; its progress becomes a ReplayProgress. */
  readonly commandId: number;
  readonly feed: string;
  /** Null: for every connector of the feed. */
  readonly recipient: string | null;
  readonly selection: ReplaySelection;
  readonly limit: number;
}

/** `progress` of a replay that has begun. FeedSeq. */
export interface ReplayProgress {
  /** Events behind this one are not in the selection: they came later. */
  readonly toSeq: number;
  /** Events up to here have been looked at. */
  readonly afterSeq: number;
  /** What was appended so far; null while nothing was. */
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
}

/** Null for a replay that has not begun. */
export function replayProgress({ progress }: Pick<StoredCommand, 'progress'>): ReplayProgress | null {
  const [toSeq, afterSeq] = [memberOf(progress, 'toSeq'), memberOf(progress, 'afterSeq')];
  if (toSeq === null || afterSeq === null) return null;
  return { toSeq, afterSeq, firstSeq: memberOf(progress, 'firstSeq'), lastSeq: memberOf(progress, 'lastSeq') };
}

/** FeedSeq of the event that a `test-event` command became; null before. */
export function testEventSeq({ progress }: Pick<StoredCommand, 'progress'>): number | null {
  return memberOf(progress, 'seq');
}

function memberOf(value: unknown, name: string): number | null {
  if (typeof value !== 'object' || value === null) return null;
  const member: unknown = Reflect.get(value, name);
  return typeof member === 'number' ? member : null;
}

/** Of a selection: how many events there are, and which. */
export interface ReplayPreview {
  readonly events: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly firstStoredMs: number | null;
  readonly lastStoredMs: number | null;
  /** Times of events that retention has already deleted can no longer be replayed: first FeedSeq that is kept. */
  readonly keptFromSeq: number;
}

/** Where a connector is to begin. */
export interface CutOverStart {
  readonly feed: string;
  readonly connector: string;
  /** FeedSeq; what follows it is sent, unless `cutOver` leaves it out. */
  readonly acknowledged: number;
  readonly cutOver: CutOver | null;
}

/** Events of the feed that are stored now and kept. */
export interface CutOverPreview {
  readonly sent: number;
  /** Those for everybody or for this connector that it will not get. */
  readonly leftOut: number;
}

/** An event that the bridge makes by itself. */
export interface Notice extends NoticeText {
  /** Null: for every connector of the feed. */
  readonly recipient: string | null;
  /** The command that asked for it, `done` and audited by it in the same transaction; null: nobody asked. */
  readonly commandId: number | null;
}

/** A notice that was stored. */
export interface StoredNotice {
  readonly seq: number;
  readonly storedMs: number;
  /** Somebody has taken it: a connector acknowledged it, or a reader was sent it. */
  readonly taken: boolean;
}

/** With its place in the trail: numbers only grow. */
export interface NumberedAuditEntry extends AuditEntry {
  readonly auditId: number;
}

/** Part of the store: requests of commands, replays, events of the bridge's own, the audit trail. */
export interface ErrandStore {
  addCommand(request: CommandRequest): Promise<number>;
  /** The oldest that waits, or that a process which is gone left running; it is `running` from then on. Null: none. */
  takeCommand(): Promise<StoredCommand | null>;
  updateCommand(commandId: number, update: CommandUpdate): Promise<void>;
  command(commandId: number): Promise<StoredCommand | null>;
  /** Newest first. */
  commands(limit: number): Promise<readonly StoredCommand[]>;
  /** Every command that is `running` waits again: the process that ran it is gone. */
  releaseCommands(): Promise<number>;
  replayPreview(feed: string, selection: ReplaySelection): Promise<ReplayPreview>;
  /**
   * Appends the next events of a replay as `replay`, up to `limit`, and notes in the command how far it got, in one
   * transaction; with the last one the command is `done`. Replays, heartbeats and tests are not replayed. Nothing is
   * appended for a command that is not running. `ended`: nothing is left, or the command has ended otherwise.
   */
  appendReplay(slice: ReplaySlice): Promise<{ readonly events: number; readonly ended: boolean }>;
  /** What `saveStart` with this start would mean. */
  cutOverPreview(start: CutOverStart): Promise<CutOverPreview>;
  /** A position that was set by hand, and who set it, in one transaction. False: somebody else was faster. */
  saveStart(position: Position, entry: Omit<AuditEntry, 'atMs'>): Promise<boolean>;
  /** Answers the event's FeedSeq; null when the command that asked for it is not running any more. */
  appendNotice(notice: Notice): Promise<number | null>;
  /** The last notice of this kind in the feed that was for everybody; null when there is none. */
  lastNotice(feed: string, kind: Notice['kind']): Promise<StoredNotice | null>;
  addAudit(entry: Omit<AuditEntry, 'atMs'>): Promise<void>;
  /** Newest first. */
  audit(limit: number): Promise<readonly AuditEntry[]>;
  /** Oldest first: what was written behind the line of this number. */
  auditAfter(auditId: number, limit: number): Promise<readonly NumberedAuditEntry[]>;
}
