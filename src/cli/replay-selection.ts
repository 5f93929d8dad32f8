import { BridgeError } from '../domain/errors.ts';
import { moment } from '../domain/time-words.ts';
import type { ReplayPreview, ReplaySelection } from '../store/errands.ts';
import { parseMoment } from './moment.ts';

export interface SelectionOptions {
  readonly from?: string;
  readonly to?: string;
  readonly alert?: string;
  readonly position?: string;
}

const ALL: ReplaySelection = { storedFromMs: null, storedToMs: null, fromSeq: null, toSeq: null, alertId: null };

/**
 * Which events are meant.
 * @throws BridgeError REPLAY_USE where that is not said, or said twice
 */
export function parseSelection(options: SelectionOptions, nowMs: number): ReplaySelection {
  const { from, to, alert, position } = options;
  const ways = [from ?? to, alert, position].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    throw misused(
      ways.length === 0 ? 'it is not said which events' : 'the events are chosen in more than one way',
      'Give one of: --from TIME --to TIME (when FlexBridge stored them), --alert ID, --position N or N-M (FeedSeq).',
    );
  }
  if (alert !== undefined) return { ...ALL, alertId: alertOf(alert) };
  if (position !== undefined) return { ...ALL, ...positions(position) };
  return { ...ALL, ...times(from, to, nowMs) };
}

function times(from: string | undefined, to: string | undefined, nowMs: number): Partial<ReplaySelection> {
  if (from === undefined) throw misused('--to needs --from', 'Say from when on: --from 2026-01-31T12:00:00Z, or 2h.');
  const storedFromMs = parseMoment(from, '--from', nowMs);
  const storedToMs = to === undefined ? nowMs : parseMoment(to, '--to', nowMs);
  if (storedFromMs < storedToMs) return { storedFromMs, storedToMs };
  throw misused(
    `there is no time from ${moment(storedFromMs)} to ${moment(storedToMs)}`,
    to === undefined ? '--from lies in the future.' : 'Exchange --from and --to; --to itself is not included.',
  );
}

function positions(text: string): Partial<ReplaySelection> {
  const [, first, last] = /^(\d{1,13})(?:-(\d{1,13}))?$/.exec(text.trim()) ?? [];
  const fromSeq = Number(first);
  const toSeq = last === undefined ? fromSeq : Number(last);
  if (first !== undefined && fromSeq >= 1 && toSeq >= fromSeq) return { fromSeq, toSeq };
  throw misused(
    `${JSON.stringify(text.slice(0, 40))} is no position`,
    'Give a FeedSeq from 1 on, as --position 4711, or two with the smaller first, as --position 4711-4720.',
  );
}

function alertOf(text: string): string {
  const id = text.trim();
  if (id !== '') return id;
  throw misused('--alert is empty', "Give Microsoft's id of the alert: AlertId, in ArcSight externalId.");
}

/** @throws BridgeError REPLAY_NOTHING where the store has no event of it (any more) */
export function requireEvents(selection: ReplaySelection, preview: ReplayPreview, lastSeq: number): void {
  if (preview.events > 0) return;
  throw new BridgeError({
    code: 'REPLAY_NOTHING',
    kind: 'operator',
    message: `there is nothing to replay: ${nothingBecause(selection, preview, lastSeq)}`,
    hint: remedy(selection, preview, lastSeq),
  });
}

function nothingBecause(
  { alertId, fromSeq, storedFromMs, storedToMs }: ReplaySelection,
  { keptFromSeq }: ReplayPreview,
  lastSeq: number,
): string {
  if (alertId !== null) return `the feed has no event of the alert ${alertId}`;
  if (fromSeq !== null) {
    if (fromSeq > lastSeq) return `the last FeedSeq of the feed is ${lastSeq}`;
    if (fromSeq < keptFromSeq) return `events before FeedSeq ${keptFromSeq} have been deleted by retention`;
    return 'what is there are replays, heartbeats or tests, which are never replayed, or events that were made anew under later numbers';
  }
  return `no event was stored from ${moment(storedFromMs ?? 0)} to ${moment(storedToMs ?? 0)}`;
}

function remedy({ alertId, fromSeq }: ReplaySelection, { keptFromSeq }: ReplayPreview, lastSeq: number): string {
  const kept = `The feed keeps FeedSeq ${keptFromSeq} to ${lastSeq}.`;
  if (lastSeq < keptFromSeq) return 'The feed holds no event now: see flexbridge status.';
  if (alertId !== null) {
    return `Compare the id with AlertId of an event. The feed's filter may have kept it out. ${kept}`;
  }
  return fromSeq === null ? `The times are those at which FlexBridge stored an event, in UTC. ${kept}` : kept;
}

export function misused(message: string, hint: string): BridgeError {
  return new BridgeError({ code: 'REPLAY_USE', kind: 'operator', message: `replay: ${message}`, hint });
}
