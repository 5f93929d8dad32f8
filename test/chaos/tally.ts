import type { PollResult } from '../../src/connector/poll-result.ts';

export interface CountedPoll {
  readonly result: PollResult;
  readonly isProcessed: boolean;
  readonly isSaved: boolean;
  /** First FeedSeq of what the bridge sent, whether it arrived or not; null when nothing was seen. */
  readonly from: number | null;
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
  /** Why the bridge last began again, and up to where it had been: what lies between comes again in its wake. */
  let again = { upTo: 0, reason: '' };
  /** Why it began again in an answer that nobody saw: where, the next one shows. */
  let unseen: string | null = null;
  let polls = 0;
  let failedPolls = 0;
  let pages = 0;
  let highest = 0;
  let outOfOrder = 0;
  let lastWentWrong = false;

  const beginAgain = (from: number, reason: string, known: ReadonlySet<number>): void => {
    again = { upTo: Math.max(again.upTo, highest, ...known), reason };
    highest = Math.min(highest, from - 1);
  };
  const process = (seqs: readonly number[], known: ReadonlySet<number>): void => {
    for (const seq of seqs) {
      if (seq <= highest) outOfOrder += 1;
      highest = Math.max(highest, seq);
    }
    const repeated = seqs.filter((seq) => known.has(seq));
    const [first] = repeated;
    const last = repeated.at(-1);
    if (first === undefined || last === undefined) return;
    const reason = last <= again.upTo ? again.reason : 'no reason';
    if (reason === 'no reason') unexplained.push(`events ${first} to ${last} came again without a reason`);
    repeats.set(reason, (repeats.get(reason) ?? 0) + repeated.length);
  };

  return {
    count({ result, isProcessed, isSaved, from, known, because }) {
      polls += 1;
      if (result.kind === 'failed') failedPolls += 1;
      lastWentWrong = result.kind === 'failed' || !isProcessed || !isSaved;
      const reason = because ?? unseen;
      unseen = from === null ? reason : null;
      if (from !== null && reason !== null && (because !== null || from <= highest)) beginAgain(from, reason, known);
      if (result.kind === 'failed' || !isProcessed || result.events.length === 0) return;
      pages += 1;
      process(
        result.events.map(({ additionalData }) => Number(additionalData['FeedSeq'])),
        known,
      );
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
