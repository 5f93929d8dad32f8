import { ConfigError } from '../../config/config-error.ts';
import type { Finding } from '../../domain/finding.ts';
import { checkAccess } from './access-check.ts';
import type { Draft } from './answers.ts';
import { askQuestions, correct, summaryLine } from './ask.ts';
import { makePlan, type Plan } from './plan.ts';
import { cancelled, NOTHING_WRITTEN, type Prompter, type Voice } from './prompter.ts';
import { ACCESS_QUESTIONS, withInitial } from './questions.ts';
import type { Session } from './session.ts';

/** What was answered and agreed to; nothing is written yet. */
export interface Agreed {
  readonly plan: Plan;
  /** What Microsoft said; null: it was not asked. */
  readonly access: readonly Finding[] | null;
}

/** Asks, tries the access to Microsoft, shows everything once more, and lets whatever is wrong be corrected. */
export async function runWizard(
  given: Draft,
  session: Session,
  prompter: Prompter,
  asksMicrosoft: boolean,
): Promise<Agreed> {
  const { questions, place } = session;
  const asked = await askQuestions(ACCESS_QUESTIONS, given, place, prompter);
  const { draft, access } = asksMicrosoft
    ? await settleAccess(asked, session, prompter)
    : { draft: asked, access: null };
  let whole = await askQuestions(questions, draft, place, prompter);
  for (;;) {
    prompter.note(`What will be written to ${session.target.file}`, summary(whole, session));
    const plan = await planned(whole, session, prompter);
    const choices = [
      ...(plan === null ? [] : [{ value: 'write', label: 'Write it, and try the whole chain' }]),
      { value: 'correct', label: 'Correct an answer' },
      { value: 'leave', label: 'Leave, and write nothing' },
    ];
    const chosen = await prompter.choose({ message: 'Go on?', choices, initial: choices[0]?.value ?? '' });
    if (chosen === 'leave') throw cancelled(NOTHING_WRITTEN);
    if (chosen === 'write' && plan !== null) return { plan, access };
    whole = await correct(questions, whole, place, prompter);
  }
}

async function settleAccess(
  first: Draft,
  session: Session,
  prompter: Prompter,
): Promise<{ readonly draft: Draft; readonly access: readonly Finding[] | null }> {
  let draft = first;
  for (;;) {
    const plan = await planned(draft, session, prompter);
    const access = plan === null ? null : await askMicrosoft(plan, prompter);
    if (access !== null && !hasFailed(access)) return { draft, access };
    const chosen = await prompter.choose({ message: 'What now?', choices: WHAT_NOW, initial: 'correct' });
    if (chosen === 'leave') throw cancelled(NOTHING_WRITTEN);
    if (chosen === 'anyway') return { draft, access };
    if (chosen === 'correct') draft = await correct(ACCESS_QUESTIONS, draft, session.place, prompter);
  }
}

const WHAT_NOW = [
  { value: 'correct', label: 'Correct an answer' },
  { value: 'again', label: 'Try again: I have put it right in Entra, or on the network' },
  { value: 'anyway', label: 'Go on all the same' },
  { value: 'leave', label: 'Leave, and write nothing' },
];

/** Says what each link of the way to Microsoft came to. */
export async function askMicrosoft({ tenant }: Plan, voice: Voice): Promise<readonly Finding[]> {
  voice.say('step', 'Asking Microsoft for a token and one alert ...');
  const rows = await checkAccess(tenant);
  sayFindings(rows, voice);
  return rows;
}

export function sayFindings(rows: readonly Finding[], voice: Voice): void {
  for (const { id, state, meaning, remedy } of rows) {
    const tone = state === 'ok' ? 'good' : state === 'warning' ? 'warning' : 'bad';
    voice.say(tone, `${id}: ${meaning}`);
    if (remedy !== '') voice.say('step', `-> ${remedy}`);
  }
}

export function hasFailed(rows: readonly Finding[]): boolean {
  return rows.some(({ state }) => state === 'failed');
}

/** With proposals in place of what was not asked yet. Null where the loader refuses it; it is said why. */
async function planned(draft: Draft, { questions, place, target }: Session, voice: Voice): Promise<Plan | null> {
  try {
    return await makePlan({ ...draft, answers: withInitial(questions, draft.answers, place) }, target, place);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    for (const { path, message, remedy } of thrown.problems) voice.say('bad', `${path}: ${message} -> ${remedy}`);
    return null;
  }
}

/** Without what nobody was asked and nobody gave. */
function summary(draft: Draft, { questions, place }: Session): readonly string[] {
  const { answers } = draft;
  return questions
    .filter(({ applies }) => applies(answers))
    .filter(({ key, isAsked }) => isAsked(answers, place) || (answers[key] ?? '') !== '')
    .map((asked) => summaryLine(asked, draft));
}
