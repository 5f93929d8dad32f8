import { Secret } from '../../config/secret.ts';
import type { Answers, Draft, Place, Question } from './answers.ts';
import { looksLikeSecretId, secretProblem } from './credential-questions.ts';
import { entraSteps } from './entra-steps.ts';
import type { Prompter } from './prompter.ts';
import { answerProblem, initialAnswer, without } from './questions.ts';

export const SECRET_ID_WARNING =
  'This looks like the Secret ID, not the Value: the Value is no GUID, and Entra shows it once, when the secret is made.';

/** Asks every question that applies and has no answer yet. */
export async function askQuestions(
  questions: readonly Question[],
  draft: Draft,
  place: Place,
  prompter: Prompter,
): Promise<Draft> {
  let { answers, secret } = draft;
  for (const asked of questions) {
    if (!asked.applies(answers)) answers = without(answers, asked);
    else if (answers[asked.key] === undefined)
      ({ answers, secret } = await settle(asked, { answers, secret }, place, prompter));
    if (asked.key === 'credential' && answers.clientId === undefined) showSteps(answers, prompter);
  }
  return { answers, secret };
}

async function settle(asked: Question, draft: Draft, place: Place, prompter: Prompter): Promise<Draft> {
  const { answers, secret } = draft;
  if (asked.key === 'clientSecretFile' && secret !== null) return draft;
  if (asked.isAsked(answers, place)) return askOne(asked, draft, place, prompter);
  const initial = initialAnswer(asked, answers, place);
  return initial === null ? draft : { answers: { ...answers, [asked.key]: initial }, secret };
}

/** Asks one question, whatever was answered before. */
export async function askOne(asked: Question, draft: Draft, place: Place, prompter: Prompter): Promise<Draft> {
  const { answers, secret } = draft;
  const { key, ask, choices } = asked;
  const initial = answers[key] ?? initialAnswer(asked, answers, place) ?? '';
  if (key === 'clientSecretFile') {
    if (answers[key] === undefined && initial !== '') return { answers: { ...answers, [key]: initial }, secret };
    return { answers: without(answers, asked), secret: await askSecret(asked, prompter) };
  }
  const problem = (text: string): string | null => answerProblem(asked, text.trim(), answers, place);
  const value =
    choices === undefined
      ? await prompter.text({ message: ask, initial, problem })
      : await prompter.choose({ message: ask, choices, initial: initial === '' ? (choices[0]?.value ?? '') : initial });
  return { answers: { ...answers, [key]: value.trim() }, secret };
}

async function askSecret({ ask }: Question, prompter: Prompter): Promise<Secret> {
  for (;;) {
    const text = (await prompter.secret({ message: ask, problem: (typed) => secretProblem(typed.trim()) })).trim();
    if (!looksLikeSecretId(text)) return new Secret(text);
    prompter.say('warning', SECRET_ID_WARNING);
    if (await prompter.confirm('Use it all the same?', false)) return new Secret(text);
  }
}

/** One answer to correct, and what follows from it: proposals that were taken unchanged are made anew. */
export async function correct(
  questions: readonly Question[],
  draft: Draft,
  place: Place,
  prompter: Prompter,
): Promise<Draft> {
  const open = questions.filter((asked) => asked.applies(draft.answers));
  const chosen = await prompter.choose({
    message: 'Which answer?',
    choices: open.map((asked) => ({ value: asked.key, label: summaryLine(asked, draft) })),
    initial: open[0]?.key ?? '',
  });
  const asked = open.find(({ key }) => key === chosen);
  if (asked === undefined) return draft;
  const changed = await askOne(asked, draft, place, prompter);
  const answers = renewed(questions, draft.answers, changed.answers, place);
  if (OF_STEPS.has(asked.key)) showSteps(answers, prompter);
  return askQuestions(questions, { ...changed, answers }, place, prompter);
}

/** What the steps in Entra depend on. */
const OF_STEPS: ReadonlySet<string> = new Set(['cloud', 'api', 'credential']);

function showSteps(answers: Answers, prompter: Prompter): void {
  prompter.note('What to do at Microsoft, if it is not done yet', entraSteps(answers));
}

function renewed(questions: readonly Question[], before: Answers, after: Answers, place: Place): Answers {
  let answers = after;
  for (const asked of questions) {
    const { key } = asked;
    if (answers[key] === undefined || answers[key] !== before[key]) continue;
    const [was, is] = [asked.initial(before, place), asked.initial(answers, place)];
    if (was === is || was !== answers[key]) continue;
    answers = is === null ? without(answers, asked) : { ...answers, [key]: is };
  }
  return answers;
}

/** `Directory (tenant) ID: 0000...`; a secret is never part of it. */
export function summaryLine({ key, title }: Question, { answers, secret }: Draft): string {
  const value = answers[key];
  if (key === 'clientSecretFile' && value === undefined)
    return `client secret: ${secret === null ? 'missing' : 'typed in, hidden'}`;
  return `${title}: ${value === undefined || value === '' ? '(left out)' : value}`;
}
