import type { Clock } from '../domain/clock.ts';
import { PLACEHOLDER } from './feed-login.ts';
import type { ArcSightEvent } from './interpreter/interpret.ts';

/**
 * What the connector puts in place of `$START_AT_TIME`; which of these the real one does is not documented
 * (flexconnector 2), so a feed must hold up against all.
 * wall-clock: its clock as it asks, whatever happened before. last-try: when the previous poll began, even if it failed.
 * last-success: when the last poll began whose answer it processed. newest-event: greatest time of the events it has
 * processed. frozen: always the start time. missing: none, the placeholder is sent as it stands.
 */
export type TimeMeaning = 'wall-clock' | 'last-try' | 'last-success' | 'newest-event' | 'frozen' | 'missing';

/** A meaning, and what may be wrong with the clock it comes from or the way it is written. */
export interface TimeMode {
  readonly meaning: TimeMeaning;
  /** `s`: the connector keeps whole seconds only. Default `ms`. */
  readonly precision?: 'ms' | 's';
  /** The zone it writes in, minutes east of UTC; `written`: with the offset behind the time, else without any. Default UTC with `Z`. */
  readonly zone?: { readonly minutes: number; readonly written: boolean };
  /** How far the connector's clock is ahead; negative: behind. Default 0. */
  readonly clockErrorMs?: number;
  /** Its clock is set back by so much before every so many polls. */
  readonly stepBack?: { readonly everyPolls: number; readonly byMs: number };
}

const HOUR_MS = 3_600_000;

/** One mode for each thing that the time may be (docs/delivery.md). */
export const TIME_MODES = {
  'wall-clock': { meaning: 'wall-clock' },
  'newest-event': { meaning: 'newest-event' },
  'last-success': { meaning: 'last-success' },
  'last-try': { meaning: 'last-try' },
  frozen: { meaning: 'frozen' },
  missing: { meaning: 'missing' },
  seconds: { meaning: 'newest-event', precision: 's' },
  'other-zone': { meaning: 'wall-clock', zone: { minutes: 120, written: false } },
  'hour-off': { meaning: 'wall-clock', clockErrorMs: HOUR_MS },
  'stepping-back': { meaning: 'wall-clock', stepBack: { everyPolls: 4, byMs: 90_000 } },
} as const satisfies Readonly<Record<string, TimeMode>>;

export type TimeModeName = keyof typeof TIME_MODES;

/** What a connector keeps on its disk between two starts. Epoch ms. */
export interface SavedTime {
  readonly timeMs: number;
  readonly newestMs: number | null;
}

/** What moves the time: an answer that was processed. */
interface Processed {
  /** When the poll began, by the connector's clock. */
  readonly startedMs: number;
  readonly events: readonly Pick<ArcSightEvent, 'fields'>[];
}

export interface ConnectorTime {
  /** The connector's own clock, epoch ms. */
  now(): number;
  /** A poll begins: what stands in place of `$START_AT_TIME`, and when it began. */
  begin(): { readonly text: string; readonly startedMs: number };
  processed(answer: Processed): void;
  saved(): SavedTime;
  /** Sets the connector's clock by so much, as an administrator would. */
  setClock(byMs: number): void;
}

export interface ConnectorTimeOptions {
  readonly mode: TimeMode;
  readonly clock: Clock;
  readonly start: SavedTime;
  /** Event field that `newest-event` goes by. Default `deviceReceiptTime`. */
  readonly timeField?: string;
  /** Epoch ms as text, in place of `mode.zone`. */
  readonly formatTime?: (epochMs: number) => string;
}

export function createConnectorTime(options: ConnectorTimeOptions): ConnectorTime {
  const { mode, clock, start, timeField = 'deviceReceiptTime' } = options;
  const { meaning, stepBack } = mode;
  let { timeMs, newestMs } = start;
  let errorMs = mode.clockErrorMs ?? 0;
  let polls = 0;
  const now = (): number => clock.now() + errorMs;

  return {
    now,
    begin() {
      polls += 1;
      if (stepBack !== undefined && polls % stepBack.everyPolls === 0) errorMs -= stepBack.byMs;
      const startedMs = now();
      const text = meaning === 'missing' ? PLACEHOLDER : write(meaning === 'wall-clock' ? startedMs : timeMs, options);
      if (meaning === 'last-try') timeMs = startedMs;
      return { text, startedMs };
    },
    processed({ startedMs, events }) {
      newestMs = newestOf(events, timeField, newestMs);
      if (meaning === 'last-success') timeMs = startedMs;
      if (meaning === 'newest-event') timeMs = newestMs ?? timeMs;
    },
    saved: () => ({ timeMs, newestMs }),
    setClock: (byMs) => {
      errorMs += byMs;
    },
  };
}

function write(epochMs: number, { mode, formatTime }: ConnectorTimeOptions): string {
  const kept = mode.precision === 's' ? Math.floor(epochMs / 1000) * 1000 : epochMs;
  if (formatTime !== undefined) return formatTime(kept);
  const { zone } = mode;
  if (zone === undefined) return new Date(kept).toISOString();
  const local = new Date(kept + zone.minutes * 60_000).toISOString().slice(0, -1);
  return zone.written ? `${local}${offsetText(zone.minutes)}` : local;
}

/** `+05:30` */
function offsetText(minutes: number): string {
  const digits = (count: number): string => String(Math.floor(count)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${digits(size / 60)}:${digits(size % 60)}`;
}

function newestOf(events: Processed['events'], field: string, before: number | null): number | null {
  let newest = before;
  for (const { fields } of events) {
    const time = fields[field];
    if (typeof time === 'number' && (newest === null || time > newest)) newest = time;
  }
  return newest;
}
