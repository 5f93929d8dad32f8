import { resolve } from 'node:path';
import { Secret } from '../../config/secret.ts';
import { BridgeError } from '../../domain/errors.ts';
import type { Console } from '../console.ts';
import { readSecret } from '../rehearse-secret.ts';
import { type Answers, type Draft, flagName, type Place, type Question } from './answers.ts';
import { answerProblem, withInitial, without } from './questions.ts';

/** Stands for standard input. */
const STANDARD_INPUT = '-';
const SECRET_VARIABLE = 'FLEXBRIDGE_CLIENT_SECRET';

/** What the flags say, by question. */
export function flagAnswers(questions: readonly Question[], options: Readonly<Answers>): Answers {
  let answers: Answers = {};
  for (const { key } of questions) {
    const value = options[key];
    if (value !== undefined) answers = { ...answers, [key]: value };
  }
  return answers;
}

/** The client secret, where it is piped in or stands in the variable; a file that holds it is only named. */
export async function readGivenSecret(
  answers: Answers,
  { env, folder }: Place,
  console: Pick<Console, 'cwd' | 'input'>,
): Promise<Draft> {
  const { clientSecretFile: path } = answers;
  if (path === STANDARD_INPUT) {
    const { text } = await readSecret(path, console);
    return { answers: without(answers, { key: 'clientSecretFile' }), secret: new Secret(text) };
  }
  // Given from the folder where the command runs; in the file, paths count from the file.
  if (path !== undefined) {
    const isHere = resolve(console.cwd) === folder;
    return { answers: isHere ? answers : { ...answers, clientSecretFile: resolve(console.cwd, path) }, secret: null };
  }
  const text = env.value('FLEXBRIDGE_CLIENT_SECRET_FILE') === null ? env.value(SECRET_VARIABLE) : null;
  return { answers, secret: text === null ? null : new Secret(text) };
}

/**
 * The answers of somebody who cannot be asked.
 * @throws BridgeError SETUP_ANSWERS with everything that is missing or wrong at once
 */
export function completeAnswers(questions: readonly Question[], given: Draft, place: Place): Draft {
  const answers = withInitial(questions, given.answers, place);
  const problems = [
    ...wrongAnswers(questions, given.answers, answers, place),
    ...missing(questions, { ...given, answers }),
  ];
  if (problems.length > 0) throw incomplete(problems);
  return { answers, secret: answers.credential === 'secret' ? given.secret : null };
}

/** @throws BridgeError SETUP_ANSWERS for flags that are wrong, also where the rest can be asked */
export function checkFlags(questions: readonly Question[], given: Answers, place: Place): void {
  const problems = wrongAnswers(questions, given, withInitial(questions, given, place), place);
  if (problems.length > 0) throw incomplete(problems);
}

function wrongAnswers(questions: readonly Question[], given: Answers, all: Answers, place: Place): readonly string[] {
  return questions.flatMap((asked) => {
    const value = all[asked.key];
    if (value === undefined) {
      return given[asked.key] === undefined ? [] : [`${flagName(asked)} does not go with the other answers`];
    }
    const problem = answerProblem(asked, value, all, place);
    return problem === null ? [] : [`${flagName(asked)}: ${problem}`];
  });
}

function missing(questions: readonly Question[], { answers, secret }: Draft): readonly string[] {
  return questions
    .filter((asked) => asked.applies(answers) && answers[asked.key] === undefined)
    .filter(({ key }) => key !== 'clientSecretFile' || secret === null)
    .map(({ flag, title }) => `${flag} is missing (${title})`);
}

function incomplete(problems: readonly string[]): BridgeError {
  const count = `${problems.length} answer${problems.length === 1 ? ' is' : 's are'} missing or wrong`;
  return new BridgeError({
    code: 'SETUP_ANSWERS',
    kind: 'operator',
    message: `${count}: ${problems.map((problem) => problem.replace(/\.$/, '')).join('; ')}`,
    hint: 'Give them as flags; docs/setup.md has the whole list. On a terminal, without --yes, setup asks for what is missing. Nothing was written.',
  });
}
