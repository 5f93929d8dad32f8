import type { AnswerRow, SimulatorAnswer } from '../exchange.ts';

/** The answer with these rows and this link in place of its own; unchanged when it is no list. */
export function pageWith(
  answer: SimulatorAnswer,
  rows: readonly AnswerRow[],
  nextLink: string | null,
): SimulatorAnswer {
  const { page } = answer;
  if (page === undefined) return answer;
  const values = rows.map(({ value }) => value);
  return { ...answer, body: page.print(values, nextLink), page: { ...page, rows, nextLink } };
}

/** The same answer, as one whose records need not be taken. */
export function doubtful(answer: SimulatorAnswer): SimulatorAnswer {
  return answer.page === undefined ? answer : { ...unreadable(answer), doubtful: answer.page };
}

/** The same answer, as one whose records no client can take. */
export function unreadable(answer: SimulatorAnswer): SimulatorAnswer {
  const { page: _page, ...rest } = answer;
  return rest;
}
