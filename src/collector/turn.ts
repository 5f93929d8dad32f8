import type { Normalised } from '../defender/source.ts';
import type { Emit, PollCounts, SourceRef } from '../domain/bridge-event.ts';
import type { SourceName } from '../domain/detection.ts';
import type { Checkpoint } from '../domain/window.ts';
import type { AppendCounts, DetectionStore, SetAside, Stretch, TenantRef } from '../store/detection-store.ts';
import type { Range } from './known-stretches.ts';
import { add, NOTHING } from './poll-counts.ts';

export interface TurnDeps {
  readonly tenant: TenantRef;
  readonly source: SourceName;
  /** Every source that the tenant is read by. */
  readonly sources: readonly SourceName[];
  readonly ref: SourceRef;
  readonly store: DetectionStore;
  readonly emit: Emit;
  /** Answers of Microsoft's that one poll may take. */
  readonly budgetPages: number;
}

/** What is stored at once: an answer of Microsoft's, or what could not be got from it. */
export interface Portion extends Partial<Normalised> {
  /** The stretch that the answer is for. */
  readonly readIn?: Range;
  /** Stretches that Microsoft does not answer for. */
  readonly unread?: readonly (SetAside & { readonly stretch: Stretch })[];
  /** Entries of the quarantine that are settled with it. */
  readonly settles?: readonly number[];
}

/** One poll while it runs: where the source stands, what was stored, and what is left of the budget. */
export interface Turn {
  checkpoint(): Checkpoint;
  counts(): PollCounts;
  /** Events that filters kept out, by feed. */
  filtered(): Readonly<Record<string, number>>;
  /** Counts a request, answered or not. */
  spend(): void;
  isSpent(): boolean;
  /** Stores it with the checkpoint, in one transaction: what fails later does not undo it. */
  store(portion: Portion, checkpoint: Checkpoint): Promise<void>;
}

export function createTurn(deps: TurnDeps, start: Checkpoint): Turn {
  const { tenant, source, sources, ref, store, emit, budgetPages } = deps;
  let checkpoint = start;
  let counts = NOTHING;
  let requests = 0;
  const filtered: Record<string, number> = {};

  const tell = (setAside: readonly SetAside[], { arrivalDelaysMs, rejected }: AppendCounts): void => {
    if (arrivalDelaysMs.length > 0) emit({ name: 'alertsArrived', ...ref, delaysMs: arrivalDelaysMs });
    // The overlap brings them again with every poll: they are told when one of them is new.
    if (rejected === 0) return;
    for (const { id, code, reason, stretch } of setAside)
      emit({ name: 'recordSetAside', ...ref, id, code, reason, stretch: stretchText(stretch) });
  };

  return {
    checkpoint: () => checkpoint,
    counts: () => counts,
    filtered: () => filtered,
    spend() {
      requests += 1;
    },
    isSpent: () => requests >= budgetPages,
    async store({ records: answered, rejected = [], readIn = null, unread = [], settles = [] }, next) {
      const records = answered ?? [];
      const pages = answered === undefined ? 0 : 1;
      const setAside = [...rejected.map((rejection) => ({ ...rejection, stretch: null, readIn })), ...unread];
      const batch = { tenant, source, sources, records, setAside, settles, checkpoint: next };
      const appended = await store.append(batch);
      checkpoint = next;
      const { arrivalDelaysMs: _, filtered: kept, ...numbers } = appended;
      counts = add(counts, { pages, fetched: records.length + rejected.length, ...numbers });
      for (const [feed, events] of Object.entries(kept)) filtered[feed] = (filtered[feed] ?? 0) + events;
      tell(setAside, appended);
    },
  };
}

/** What comes after the main line: one request at least, however much that has taken, until it is over. */
export function afterMainLine(turn: Turn, isOver = (): boolean => false): Turn {
  let requests = 0;
  return {
    ...turn,
    spend() {
      requests += 1;
      turn.spend();
    },
    isSpent: () => isOver() || (requests > 0 && turn.isSpent()),
  };
}

function stretchText(stretch: Stretch | null): string | null {
  if (stretch === null) return null;
  const { from, to, index } = stretch;
  return index === null ? `${from}/${to}` : `${from}/${to}#${index}`;
}
