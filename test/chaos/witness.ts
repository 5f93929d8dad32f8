import { type AcknowledgementModel, createAcknowledgementModel } from '../support/acknowledgement-model.ts';
import { type Sight, writtenTime } from '../support/acknowledgement-rules.ts';
import type { Exchange } from './paths/exchange.ts';

/** Follows the exchanges of one connector with the bridge, and what happened to the bridge meanwhile. */
export interface Witness {
  readonly model: AcknowledgementModel;
  /** The process ended, at that time of `performance.now()`. */
  bridgeEnded(at: number): void;
  /**
   * Exchanges of one poll, in order. @param why what happened to the connector with the answer; empty when nothing
   * @returns why the last page was a repeated one; null when it was not
   */
  follow(exchanges: readonly Exchange[], why: string): string | null;
  /** What no rule allows. */
  readonly violations: readonly string[];
}

const SIGHTS: Readonly<Record<Exchange['fate'], Sight>> = { taken: 'clean', cut: 'broken', unsure: 'maybe' };

export function createWitness(): Witness {
  const model = createAcknowledgementModel();
  const violations: string[] = [];
  let ends: number[] = [];
  /** The bridge came back without what it could not write. */
  let setBack = false;
  let full = false;
  let highest = 0;

  const applyEnds = (before: number): void => {
    const [due, later] = [ends.filter((at) => at < before), ends.filter((at) => at >= before)];
    ends = later;
    for (const _ of due) model.bridgeEnded();
  };
  return {
    model: {
      ...model,
      unwritable() {
        full = true;
        model.unwritable();
      },
    },
    bridgeEnded(at) {
      ends.push(at);
      setBack ||= full;
    },
    follow(exchanges, why) {
      let because: string | null = null;
      // Behind the first surprise there is nothing to go by.
      for (const exchange of violations.length > 0 ? [] : exchanges) {
        applyEnds(exchange.sentAt);
        const { page, fate, sinceText, sentMs, endedMs } = exchange;
        const verdict = model.exchange({
          since: sinceText === null ? null : writtenTime(sinceText),
          sentMs,
          endedMs,
          page,
          sight: SIGHTS[fate],
          why: exchange.why === '' ? why : exchange.why,
        });
        if (verdict.violation !== null) violations.push(verdict.violation);
        because = verdict.repeatedBecause;
      }
      applyEnds(Infinity);
      const seqs = exchanges.at(-1)?.page?.seqs ?? [];
      const [first = Infinity] = seqs;
      const isBack = setBack && first <= highest;
      if (isBack) setBack = false;
      highest = Math.max(highest, ...seqs);
      return because ?? (isBack ? 'its position could not be written before the bridge ended' : null);
    },
    violations,
  };
}
