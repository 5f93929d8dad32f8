import type { PollResult } from '../../src/connector/poller.ts';

export interface CountedPoll {
  readonly result: PollResult;
  readonly isProcessed: boolean;
  readonly isSaved: boolean;
  /** FeedSeq of what the connector had processed before. */
  readonly known: ReadonlySet<number>;
  /** Why the bridge sent something again; null when it had no reason. */
  readonly because: string | null;
}

/** Counts of one connector. */
export interface Tally {
  count(poll: CountedPoll): void;
  readonly polls: number;
  readonly failedPolls: number;
  /** Answers with events that it has processed. */
  readonly pages: number;
  /** The last poll did not do what it should: the connector has not processed the answer, or forgot that it had. */
  readonly lastWentWrong: boolean;
  /** Events that were processed again, by why they came again. */
  readonly repeats: ReadonlyMap<string, number>;
  /** Events below one that came before them, where the bridge had no reason to begin again further back. */
  readonly outOfOrder: number;
  /** Events that were processed again although their page counted as delivered. */
  readonly unexplained: readonly string[];
}

export function createTally(): Tally {
  const repeats = new Map<string, number>();
  const unexplained: string[] = [];
  /** Why a page came again, and up to where its earlier sending had reached: it may come in smaller parts. */
  let parts = { upTo: 0, reason: '' };
  let polls = 0;
  let failedPolls = 0;
  let pages = 0;
  let highest = 0;
  let outOfOrder = 0;
  let lastWentWrong = false;
  return {
    count({ result, isProcessed, isSaved, known, because }) {
      polls += 1;
      lastWentWrong = result.kind === 'failed' || !isProcessed || !isSaved;
      if (result.kind === 'failed') {
        failedPolls += 1;
        return;
      }
      if (!isProcessed) return;
      const seqs = result.events.map(({ additionalData }) => Number(additionalData['FeedSeq']));
      if (because !== null) highest = (seqs[0] ?? highest + 1) - 1;
      for (const seq of seqs) {
        if (seq <= highest) outOfOrder += 1;
        highest = Math.max(highest, seq);
      }
      if (result.events.length > 0) pages += 1;
      const again = seqs.filter((seq) => known.has(seq));
      if (again.length === 0) return;
      const last = again.at(-1) ?? 0;
      const reason = because ?? (last <= parts.upTo ? parts.reason : 'no reason');
      if (reason === 'no reason') unexplained.push(`events ${again[0] ?? ''} to ${last} came again without a reason`);
      if (because !== null) parts = { upTo: Math.max(...known), reason: because };
      repeats.set(reason, (repeats.get(reason) ?? 0) + again.length);
    },
    get polls() {
      return polls;
    },
    get failedPolls() {
      return failedPolls;
    },
    get pages() {
      return pages;
    },
    get lastWentWrong() {
      return lastWentWrong;
    },
    get outOfOrder() {
      return outOfOrder;
    },
    repeats,
    unexplained,
  };
}
