import { type Instant, instantFromMs, shiftInstant } from './instant.ts';

/**
 * A stretch of update times being read: `from` inclusive, `to` exclusive. `progress` is the update time up to which
 * pages are already stored, so a restart goes on inside the window.
 */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
  readonly progress: Instant | null;
}

/** Where a source stands. `watermark`: everything updated before it has been read and stored. */
export interface Checkpoint {
  readonly watermark: Instant | null;
  readonly window: Window | null;
  readonly rescan: Rescan;
}

/** The wide look back for records that showed up with an update time older than the watermark. */
export interface Rescan {
  /**
   * The look back being read, or the last one: finished when its progress is its end. The finished one is
   * kept because the next is measured from it: nothing before its start was ever wanted, and what was visible when it
   * started has been read.
   */
  readonly window: Window | null;
  /** Microsoft's clock when the last one was finished; at first when the source started; null when nobody knows. */
  readonly doneAt: Instant | null;
}

export const NO_CHECKPOINT: Checkpoint = { watermark: null, window: null, rescan: { window: null, doneAt: null } };

export interface WindowSettings {
  /** Read again this far behind the watermark: records become visible late (defender-api 7). */
  readonly overlapMs: number;
  /** Stay this far behind Microsoft's clock: the newest records are still moving. */
  readonly settleMs: number;
  /** How far back the very first window reaches. */
  readonly initialLookbackMs: number;
  /** Longest window: a first start, or an outage of days, is caught up in slices. */
  readonly sliceMs: number;
  /** How often the wide look back is due, and how far it reaches; null: never. */
  readonly rescan: { readonly everyMs: number; readonly reachMs: number } | null;
}

/** What is read next: a window of the main line, or a slice of the wide look back `whole`. */
export type Step =
  | { readonly kind: 'window'; readonly window: Window }
  | {
      readonly kind: 'rescan';
      readonly window: Window;
      readonly whole: Window;
      /** Microsoft's clock when the step was planned. */
      readonly at: Instant;
    };

/** Microsoft's servers agree within seconds; a time further ahead than this was taken from a wrong clock. */
const CLOCK_TOLERANCE_MS = 300_000;
/** Microsoft keeps alerts for half a year (from memory): a start further back was taken from a wrong clock. */
const LONGEST_START_MS = 180 * 86_400_000;

/**
 * Where a source starts: `initialLookback` before now, kept from the first try on, however late the first success.
 * No look back goes before it, and the first catch-up counts as one: it reads everything that was wanted.
 */
export function firstCheckpoint(nowMs: number, { initialLookbackMs, overlapMs }: WindowSettings): Checkpoint {
  const watermark = instantFromMs(nowMs - initialLookbackMs);
  const start = shiftInstant(watermark, -overlapMs);
  const nothing: Window = { from: start, to: start, progress: start };
  return { watermark, window: null, rescan: { window: nothing, doneAt: instantFromMs(nowMs) } };
}

/** Where the main line has to get: this far Microsoft's records have settled. */
export function targetOf({ settleMs }: WindowSettings, serverNowMs: number): Instant {
  return instantFromMs(serverNowMs - settleMs);
}

/**
 * What to read now: a window that was left open, else the next one of the main line, oldest first; once that has caught
 * up, the wide look back when it is due. Null when there is nothing to read yet.
 * @param serverNowMs Microsoft's clock (Date header), epoch ms; the same for all steps of one poll, or it never ends
 */
export function nextStep(checkpoint: Checkpoint, settings: WindowSettings, serverNowMs: number): Step | null {
  const window = checkpoint.window ?? nextWindow(checkpoint, settings, serverNowMs);
  if (window !== null) return { kind: 'window', window };
  const whole = wholeRescan(checkpoint, settings, serverNowMs);
  if (whole === null) return null;
  const from = whole.progress ?? whole.from;
  const slice = { from, to: earlier(shiftInstant(from, settings.sliceMs), whole.to), progress: null };
  return { kind: 'rescan', window: slice, whole, at: instantFromMs(serverNowMs) };
}

function nextWindow(checkpoint: Checkpoint, settings: WindowSettings, serverNowMs: number): Window | null {
  const target = targetOf(settings, serverNowMs);
  const watermark = isUnread(checkpoint, settings)
    ? believable(checkpoint.watermark, settings, serverNowMs)
    : checkpoint.watermark;
  if (watermark === null) return slice(shiftInstant(target, -settings.initialLookbackMs), target, settings);
  if (isAhead(watermark, serverNowMs)) return slice(shiftInstant(target, -doubtMs(settings)), target, settings);
  return watermark < target ? slice(shiftInstant(watermark, -settings.overlapMs), target, settings) : null;
}

/** Nothing has been read since `firstCheckpoint`. */
function isUnread({ watermark, rescan: { window } }: Checkpoint, { overlapMs }: WindowSettings): boolean {
  return window !== null && window.from === window.to && watermark === shiftInstant(window.to, overlapMs);
}

/**
 * The start by Microsoft's clock where the local one was ahead, or so far behind that nothing can be left of that time:
 * a host without a clock of its own begins in 1970.
 */
function believable(start: Instant | null, { initialLookbackMs }: WindowSettings, serverNowMs: number): Instant {
  const wanted = instantFromMs(serverNowMs - initialLookbackMs);
  if (start === null || start < shiftInstant(wanted, -LONGEST_START_MS)) return wanted;
  return earlier(start, wanted);
}

/** What is read again where the watermark is not to be believed: nobody knows since when. */
function doubtMs({ initialLookbackMs, overlapMs }: WindowSettings): number {
  return Math.max(initialLookbackMs, overlapMs);
}

/** Taken from a wrong local clock at the first start, or from an answer with a wrong date. */
function isAhead(time: Instant, serverNowMs: number): boolean {
  return time > instantFromMs(serverNowMs + CLOCK_TOLERANCE_MS);
}

/** At most `slice` long, but always well past the overlap, which is no news. */
function slice(from: Instant, target: Instant, { sliceMs, overlapMs }: WindowSettings): Window {
  return { from, to: earlier(shiftInstant(from, Math.max(sliceMs, 2 * overlapMs)), target), progress: null };
}

/**
 * The look back that is open, or the next one when it is due. It is measured from the last one, and not from now: what
 * became visible while it waited, through an outage of days too, is within its reach.
 */
function wholeRescan(checkpoint: Checkpoint, { rescan }: WindowSettings, serverNowMs: number): Window | null {
  const { watermark } = checkpoint;
  const { window: last, doneAt } = checkpoint.rescan;
  if (rescan === null || watermark === null) return null;
  if (last !== null && isOpen(last)) return last;
  const isDue =
    doneAt === null || isAhead(doneAt, serverNowMs) || doneAt <= instantFromMs(serverNowMs - rescan.everyMs);
  if (!isDue) return null;
  const from =
    last === null
      ? shiftInstant(instantFromMs(serverNowMs), -rescan.reachMs)
      : later(last.from, shiftInstant(last.to, -rescan.reachMs));
  return from < watermark ? { from, to: watermark, progress: null } : null;
}

/** The same place with a look back that is due at once and begins where another source had got, unless it would anyway. */
export function lookBackFrom(checkpoint: Checkpoint, reached: Instant, settings: WindowSettings): Checkpoint {
  const from = shiftInstant(reached, -settings.overlapMs);
  const { watermark, rescan } = checkpoint;
  if (settings.rescan === null || watermark === null || from >= watermark) return checkpoint;
  const isWithinReach = rescan.window !== null && from >= shiftInstant(rescan.window.to, -settings.rescan.reachMs);
  return isWithinReach
    ? checkpoint
    : { ...checkpoint, rescan: { window: { from, to: from, progress: from }, doneAt: null } };
}

function isOpen({ progress, to }: Window): boolean {
  return progress !== to;
}

/** How far a step has got by this checkpoint: its reading goes on there. */
export function positionOf(checkpoint: Checkpoint, step: Step): Instant {
  const [open, whole] =
    step.kind === 'window' ? [checkpoint.window, step.window] : [checkpoint.rescan.window, step.whole];
  const isStarted = open?.from === whole.from && open.to === whole.to;
  return (isStarted ? open.progress : null) ?? step.window.from;
}

/** The checkpoint once a page is stored; the watermark moves only with the last page of a window of the main line. */
export function advance(
  checkpoint: Checkpoint,
  step: Step,
  page: { readonly isLast: boolean; readonly progress: Instant | null },
): Checkpoint {
  return step.kind === 'window' ? advanceWindow(checkpoint, step.window, page) : advanceRescan(checkpoint, step, page);
}

type Passed = Parameters<typeof advance>[2];

function advanceWindow({ watermark, rescan }: Checkpoint, window: Window, { isLast, progress }: Passed): Checkpoint {
  if (!isLast) return { watermark, window: { ...window, progress }, rescan };
  return { watermark: window.to, window: null, rescan: startedBy(rescan, window.from, watermark) };
}

/** A start that was taken from a wrong local clock lies elsewhere; look backs begin where the reading began. */
function startedBy(rescan: Rescan, from: Instant, watermark: Instant | null): Rescan {
  const { window } = rescan;
  if (window === null) return rescan;
  const isElsewhere = from < window.from || (watermark !== null && watermark < from);
  return isElsewhere ? { ...rescan, window: { from, to: from, progress: from } } : rescan;
}

function advanceRescan(checkpoint: Checkpoint, step: Extract<Step, { kind: 'rescan' }>, page: Passed): Checkpoint {
  const { window, whole, at } = step;
  const reached = page.isLast ? window.to : (page.progress ?? window.from);
  const { doneAt } = checkpoint.rescan;
  const rescan = { window: { ...whole, progress: reached }, doneAt: reached === whole.to ? at : doneAt };
  return { ...checkpoint, rescan };
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

function later(a: Instant, b: Instant): Instant {
  return a < b ? b : a;
}
