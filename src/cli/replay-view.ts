import { printable } from '../domain/printable.ts';
import { moment, span } from '../domain/time-words.ts';
import { type ReplayArgs, readReplayArgs } from '../feed/command-args.ts';
import { type ReplayPreview, replayProgress, type StoredCommand } from '../store/errands.ts';
import { counted } from '../telemetry/wording.ts';
import { columns } from './columns.ts';

/** A replay as `--json` prints it. Times are epoch ms; FeedSeq null while nothing was appended. */
export interface ReplayRow {
  readonly id: number;
  readonly state: StoredCommand['state'];
  readonly feed: string;
  /** Null: every connector of the feed. */
  readonly connector: string | null;
  readonly requestedBy: string;
  readonly requestedMs: number;
  readonly updatedMs: number;
  readonly done: number;
  readonly total: number;
  /** What the replay became in the feed. */
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly problem: StoredCommand['problem'];
}

export function replayRow(command: StoredCommand): ReplayRow {
  const { commandId, state, requestedBy, requestedMs, updatedMs, done, total, problem } = command;
  const { feed, connector } = readReplayArgs(command.args);
  const { firstSeq = null, lastSeq = null } = replayProgress(command) ?? {};
  return {
    id: commandId,
    state,
    feed,
    connector,
    requestedBy,
    requestedMs,
    updatedMs,
    done,
    total,
    firstSeq,
    lastSeq,
    problem,
  };
}

const TITLES = ['id', 'state', 'feed', 'to', 'events', 'FeedSeq', 'asked for', 'by'];
const LONGEST = 40;

/** Replays for people, one a line. */
export function replayTable(rows: readonly ReplayRow[]): string {
  if (rows.length === 0) return 'Nothing was ever replayed.\n';
  const cells = rows.map((row) => [
    String(row.id),
    row.state,
    row.feed,
    row.connector ?? 'all',
    row.state === 'done' ? String(row.done) : `${row.done} of ${row.total}`,
    row.firstSeq === null ? '-' : `${row.firstSeq}-${row.lastSeq}`,
    moment(row.requestedMs),
    row.requestedBy,
  ]);
  return columns([TITLES, ...cells.map((line) => line.map((cell) => printable(cell, LONGEST)))]);
}

/** A connector that a replay goes to. */
export interface ReplayReader {
  readonly connector: string;
  /** Null: it has never asked. */
  readonly lastPollMs: number | null;
  /** Events that wait for it before the replay. */
  readonly backlog: number;
}

/** A replay before it is asked for. */
export interface Considered {
  readonly args: ReplayArgs;
  readonly preview: ReplayPreview;
  readonly readers: readonly ReplayReader[];
}

/** What a replay would be, as lines. */
export function outlook({ args, preview, readers }: Considered, nowMs: number): readonly string[] {
  const { events, firstSeq, lastSeq, firstStoredMs, lastStoredMs, keptFromSeq } = preview;
  const { fromSeq, storedFromMs, alertId } = args.selection;
  const isCut = keptFromSeq > 1 && (fromSeq === null || fromSeq < keptFromSeq);
  const mayMiss = alertId !== null || fromSeq !== null || (storedFromMs ?? 0) < (firstStoredMs ?? 0);
  return [
    `${counted(events, 'event')} of the feed ${args.feed}: FeedSeq ${firstSeq} to ${lastSeq}, stored from ${moment(firstStoredMs ?? 0)} to ${moment(lastStoredMs ?? 0)}.`,
    ...(isCut && mayMiss ? [`What was before FeedSeq ${keptFromSeq} has been deleted by retention.`] : []),
    ...readers.map((reader) => readerLine(reader, nowMs)),
    ...(readers.length === 0 ? ['No connector may read this feed: nobody will get them.'] : []),
    `At ${args.rate} a second they are in the feed after ${span(durationMs(args, events))}; connectors take them with their next polls.`,
  ];
}

function readerLine({ connector, lastPollMs, backlog }: ReplayReader, nowMs: number): string {
  if (lastPollMs === null) return `To ${connector}, which has never asked for events.`;
  return `To ${connector}, which asked ${span(nowMs - lastPollMs)} ago; it has ${counted(backlog, 'event')} to take before these.`;
}

/** In whole seconds: a replay goes on once a second. */
export function durationMs({ rate }: Pick<ReplayArgs, 'rate'>, events: number): number {
  return Math.ceil(events / rate) * 1000;
}

/** How a replay ended, for people. */
export function endText({ id, state, done, total, firstSeq, lastSeq }: ReplayRow): string {
  switch (state) {
    case 'done': {
      if (firstSeq === null)
        return `Replay ${id} has put nothing into the feed: what was asked for is not there any more.`;
      const missing = done < total ? ` The other ${total - done} were deleted meanwhile.` : '';
      return `Replay ${id} is in the feed: ${counted(done, 'event')}, FeedSeq ${firstSeq} to ${lastSeq}.${missing}`;
    }
    case 'cancelled':
      return `Replay ${id} was cancelled after ${done} of ${total}: those that are in the feed are delivered.`;
    case 'waiting':
    case 'running':
    case 'failed':
      return `Replay ${id} is ${state} at ${done} of ${total}.`;
  }
}
