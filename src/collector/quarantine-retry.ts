import { isNarrowable, type Page, type Source } from '../defender/source.ts';
import type { Emit, SourceRef } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { BridgeError, toBridgeError } from '../domain/errors.ts';
import { halfway } from '../domain/halfway.ts';
import type { DetectionStore, QuarantineEntry, SourceKey } from '../store/detection-store.ts';
import type { KnownStretches, Range } from './known-stretches.ts';
import type { Portion, Turn } from './turn.ts';

/** Tries of one poll. */
const MOST_ENTRIES = 20;
/** Parts of one stretch that are tried for themselves, from either end. */
const MOST_PARTS = 6;
/** An hour, doubling to a day. */
const FIRST_WAIT_MS = 3_600_000;
const LONGEST_WAIT_MS = 86_400_000;

export interface QuarantineRetry {
  /** Tries again what is due; what can be taken now is stored and leaves the quarantine. The checkpoint stays. */
  run(turn: Turn, signal: AbortSignal): Promise<void>;
}

export interface QuarantineRetryDeps {
  readonly key: SourceKey;
  readonly ref: SourceRef;
  readonly source: Source;
  readonly store: DetectionStore;
  readonly known: KnownStretches;
  readonly clock: Clock;
  readonly emit: Emit;
}

export function createQuarantineRetry(deps: QuarantineRetryDeps): QuarantineRetry {
  const { key, ref, source, store, known, clock, emit } = deps;

  const postpone = async ({ entryId, tries }: QuarantineEntry, reason: string): Promise<void> => {
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS);
    await store.postponeQuarantine(entryId, reason, clock.now() + waitMs);
  };

  /** All of exactly the stretch, or why Microsoft does not give it. */
  const readAgain = async (turn: Turn, readIn: Range, signal: AbortSignal): Promise<Portion | BridgeError> => {
    const pages: Page[] = [];
    const { from, to } = readIn;
    try {
      for await (const page of source.pages({ from, to, progress: null }, signal)) {
        turn.spend();
        pages.push(page);
      }
    } catch (thrown) {
      signal.throwIfAborted();
      turn.spend();
      return toBridgeError(thrown);
    }
    return {
      records: pages.flatMap(({ records }) => records),
      rejected: pages.flatMap(({ rejected }) => rejected),
      readIn,
    };
  };

  const settle = async (turn: Turn, { entryId }: QuarantineEntry, content: Portion): Promise<void> => {
    await turn.store({ ...content, settles: [entryId] }, turn.checkpoint());
    emit({ name: 'setAsideSettled', ...ref, entries: 1 });
  };

  /** False when Microsoft would not answer for the others either; so it is with records. */
  const retryStretch = async (turn: Turn, entry: QuarantineEntry, read: Read): Promise<boolean> => {
    const { stretch } = entry;
    if (stretch === null) return true;
    const content = await read({ from: stretch.from, to: stretch.to });
    if (!(content instanceof BridgeError)) {
      await settle(turn, entry, content);
      await known.load();
      return true;
    }
    if (isNarrowable(content) && (await retryParts(turn, entry, stretch, read))) return true;
    await postpone(entry, content.message);
    return isNarrowable(content);
  };

  /** Reads what it can of a stretch from one of its ends on, in ever smaller parts; `left`: what it could not. */
  const readFrom = async (end: 'older' | 'newer', { from, to }: Range, read: Read) => {
    const parts: Portion[] = [];
    let left: Range = { from, to };
    let failing: Range = left;
    for (let part = 0; part < MOST_PARTS; part += 1) {
      const middle = halfway(failing.from, failing.to, source.blurMs);
      if (middle === null) break;
      const [older, newer] = [
        { from: failing.from, to: middle },
        { from: middle, to: failing.to },
      ];
      const answer = await read(end === 'newer' ? { ...newer, to: left.to } : { ...older, from: left.from });
      if (answer instanceof BridgeError) failing = end === 'newer' ? newer : older;
      else {
        parts.push(answer);
        left = end === 'newer' ? { from, to: middle } : { from: middle, to };
        failing = end === 'newer' ? older : newer;
      }
    }
    return { parts, left };
  };

  /** Where a time fails and not a record, more was set aside than had to be: what can be read of it is let go. */
  const retryParts = async (turn: Turn, entry: QuarantineEntry, stretch: Range, read: Read): Promise<boolean> => {
    for (const end of ['newer', 'older'] as const) {
      const { parts, left } = await readFrom(end, stretch, read);
      if (parts.length === 0) continue;
      for (const part of parts) await turn.store(part, turn.checkpoint());
      const unread = [{ ...entry, stretch: { ...left, index: null }, readIn: null }];
      await turn.store({ unread, settles: [entry.entryId] }, turn.checkpoint());
      await known.load();
      return true;
    }
    return false;
  };

  /** A newer program may make something of the text; or Microsoft no longer sends it, but what can be taken. */
  const retryRecord = async (turn: Turn, entry: QuarantineEntry, read: Read): Promise<boolean> => {
    const { raw, readIn } = entry;
    const content = source.normalise(raw);
    const [rejection] = content.rejected;
    if (rejection === undefined && content.records.length > 0) {
      await settle(turn, entry, content);
      return true;
    }
    const now = readIn === null ? null : await read(readIn);
    if (now === null || now instanceof BridgeError || isIn(now, entry)) {
      await postpone(entry, rejection?.reason ?? entry.reason);
      return !(now instanceof BridgeError) || isNarrowable(now);
    }
    await settle(turn, entry, now);
    return true;
  };

  return {
    async run(turn, signal) {
      // Records that were set aside together were in one answer.
      const answers = new Map<string, Portion | BridgeError>();
      const read: Read = async (range) => {
        const name = `${range.from}/${range.to}`;
        const answer = answers.get(name) ?? (await readAgain(turn, range, signal));
        answers.set(name, answer);
        return answer;
      };
      for (const entry of await store.dueQuarantine(key, MOST_ENTRIES)) {
        if (turn.isSpent()) return;
        signal.throwIfAborted();
        const retry = entry.stretch === null ? retryRecord : retryStretch;
        if (!(await retry(turn, entry, read))) return;
      }
    },
  };
}

/** What Microsoft gives for a stretch now. */
type Read = (range: Range) => Promise<Portion | BridgeError>;

function isIn({ rejected = [] }: Portion, { id, raw }: QuarantineEntry): boolean {
  return rejected.some((rejection) => rejection.id === id && rejection.raw === raw);
}
