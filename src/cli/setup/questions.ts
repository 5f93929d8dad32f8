import type { Answers, Place, Question } from './answers.ts';
import { BRIDGE_QUESTIONS, FEED_QUESTIONS } from './bridge-questions.ts';
import { CREDENTIAL_QUESTIONS } from './credential-questions.ts';
import { TENANT_QUESTIONS } from './tenant-questions.ts';

/** All of them, in the order in which they are asked; a default may depend on every answer above it. */
export const QUESTIONS: readonly Question[] = [
  ...TENANT_QUESTIONS,
  ...CREDENTIAL_QUESTIONS,
  ...FEED_QUESTIONS,
  ...BRIDGE_QUESTIONS,
];

/** Those of a tenant: all that is asked when one is added to a configuration that is there. */
export const ACCESS_QUESTIONS: readonly Question[] = [...TENANT_QUESTIONS, ...CREDENTIAL_QUESTIONS];

/** What is wrong with an answer; null when nothing is, or when it may be left out and is. */
export function answerProblem(asked: Question, value: string, answers: Answers, place: Place): string | null {
  if (value === '') return asked.isOptional(answers, place) ? null : 'This cannot be left out.';
  if (/\p{Cc}/u.test(value)) return 'This must be one line without control characters.';
  const { choices } = asked;
  if (choices !== undefined && !choices.some((choice) => choice.value === value))
    return `This must be one of ${choices.map((choice) => choice.value).join(', ')}.`;
  return asked.problem(value, answers, place);
}

/** What is proposed: empty where it may be left out and nothing is known; null where somebody has to say it. */
export function initialAnswer(asked: Question, answers: Answers, place: Place): string | null {
  return asked.initial(answers, place) ?? (asked.isOptional(answers, place) ? '' : null);
}

/** Answers to the questions that apply, with the initial answer where there is none yet and one is known. */
export function withInitial(questions: readonly Question[], given: Answers, place: Place): Answers {
  let answers = given;
  for (const asked of questions) {
    if (!asked.applies(answers)) {
      answers = without(answers, asked);
      continue;
    }
    const value = answers[asked.key] ?? initialAnswer(asked, answers, place);
    if (value !== null) answers = { ...answers, [asked.key]: value };
  }
  return answers;
}

export function without(answers: Answers, { key }: Pick<Question, 'key'>): Answers {
  const { [key]: _, ...rest } = answers;
  return rest;
}
