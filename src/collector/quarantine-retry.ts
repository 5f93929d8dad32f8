import { isNarrowable, type Normalised, type Page, type Source } from '../defender/source.ts';
import type { Emit, SourceRef } from '../domain/bridge-event.ts';
import type { Clock } from '../domain/clock.ts';
import { toBridgeError } from '../domain/errors.ts';
import type { DetectionStore, QuarantineEntry, SourceKey, Stretch } from '../store/detection-store.ts';
import type { KnownStretches } from './known-stretches.ts';
import type { Turn } from './turn.ts';

/** Tries of one poll. */
const MOST_ENTRIES = 20;
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

  /** The pages of exactly the stretch; thrown errors are Microsoft's. */
  const pagesOf = async (turn: Turn, stretch: Stretch, signal: AbortSignal): Promise<readonly Page[]> => {
    const pages: Page[] = [];
    const { from, to } = stretch;
    for await (const page of source.pages({ from, to, progress: null }, signal)) {
      turn.spend();
      pages.push(page);
    }
    return pages;
  };

  const settle = async (turn: Turn, { entryId }: QuarantineEntry, content: Normalised): Promise<void> => {
    const { records, rejected } = content;
    await turn.store({ records, rejected, settles: [entryId] }, turn.checkpoint());
    emit({ name: 'setAsideSettled', ...ref, entries: 1 });
  };

  /** False when Microsoft would not answer for the others either. */
  const retryStretch = async (turn: Turn, entry: Stretched, signal: AbortSignal): Promise<boolean> => {
    let pages: readonly Page[];
    try {
      pages = await pagesOf(turn, entry.stretch, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      turn.spend();
      const error = toBridgeError(thrown);
      await postpone(entry, error.message);
      return isNarrowable(error);
    }
    const content = {
      records: pages.flatMap(({ records }) => records),
      rejected: pages.flatMap(({ rejected }) => rejected),
    };
    await settle(turn, entry, content);
    await known.load();
    return true;
  };

  const retryRecord = async (turn: Turn, entry: QuarantineEntry): Promise<void> => {
    const content = source.normalise(entry.raw);
    const [rejection] = content.rejected;
    if (rejection !== undefined || content.records.length === 0)
      await postpone(entry, rejection?.reason ?? entry.reason);
    else await settle(turn, entry, content);
  };

  return {
    async run(turn, signal) {
      for (const entry of await store.dueQuarantine(key, MOST_ENTRIES)) {
        if (turn.isSpent()) return;
        signal.throwIfAborted();
        if (!isStretched(entry)) await retryRecord(turn, entry);
        else if (!(await retryStretch(turn, entry, signal))) return;
      }
    },
  };
}

type Stretched = QuarantineEntry & { readonly stretch: Stretch };

function isStretched(entry: QuarantineEntry): entry is Stretched {
  return entry.stretch !== null;
}
