import type { AnswerPage, AnswerRow } from '../exchange.ts';

/** One record that is answered by itself, with the members of the envelope among its own. */
export function singlePage(row: AnswerRow, envelope: Readonly<Record<string, unknown>>): AnswerPage {
  return {
    rows: [row],
    nextLink: null,
    again: () => null,
    print: ([value]) => JSON.stringify(typeof value === 'object' ? { ...envelope, ...value } : value),
  };
}
