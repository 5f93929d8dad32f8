import { hostname as systemHostname } from 'node:os';
import { type SetupEnvironment, setupEnvironment } from '../../config/setup-environment.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Console } from '../console.ts';
import { onInterrupt } from '../interrupt.ts';
import { SECRET_ID_WARNING } from './ask.ts';
import { type CarriedOut, carryOut, plannedFiles } from './carry-out.ts';
import { type StartBridge, startChildBridge } from './child-bridge.ts';
import { createClackPrompter } from './clack-prompter.ts';
import { looksLikeSecretId } from './credential-questions.ts';
import { checkFlags, completeAnswers, flagAnswers, readGivenSecret } from './given-answers.ts';
import { nextSteps } from './next-steps.ts';
import type { SetupOptions } from './options.ts';
import { createPlainVoice } from './plain-voice.ts';
import { makePlan, type Plan } from './plan.ts';
import { cancelled, type Prompter, type Voice } from './prompter.ts';
import { openSession, type Session } from './session.ts';
import { dryRunJson, resultJson, sayDryRun, sayResult } from './setup-result.ts';
import { type Agreed, askMicrosoft, hasFailed, runWizard, sayFindings } from './wizard.ts';

/** What is not the terminal's or the caller's; every one has its real thing. */
export interface SetupDeps {
  readonly env?: SetupEnvironment;
  readonly hostname?: string;
  /** Null: nobody can be asked. */
  readonly prompter?: Prompter | null;
  readonly start?: StartBridge;
}

/** Sets a bridge up, by questions or by flags, and tries the whole chain. Exit code 1 when events would not arrive. */
export async function setup(options: SetupOptions, console: Console, deps: SetupDeps = {}): Promise<number> {
  const { env = setupEnvironment(), hostname = systemHostname(), start = startChildBridge } = deps;
  const prompter = canAsk(options, console) ? (deps.prompter ?? createClackPrompter()) : null;
  const voice = prompter ?? createPlainVoice(console, options.json === true);
  const session = await openSession(options, console, { env, hostname, prompter });
  const agreed = await agree(session, options, console, prompter, voice);
  const { plan, access } = agreed;
  if (options.dryRun) {
    const files = plannedFiles(plan);
    if (options.json) console.out(dryRunJson(agreed, files));
    else sayDryRun(files, console);
    return hasFailed(access ?? []) ? 1 : 0;
  }
  if (prompter === null && hasFailed(access ?? []) && !options.anyway) return refused(agreed, options, console, voice);
  const done = await carriedOut(plan, session, { console, voice, start, tries: options.try !== false });
  const next = nextSteps(plan, done, session.place);
  const isGood = (done.chain?.ok ?? true) && !hasFailed(access ?? []);
  if (options.json) console.out(resultJson(agreed, done, next, isGood));
  else sayResult(plan, done, next, voice);
  return isGood ? 0 : 1;
}

/** A terminal on both sides, and nobody who said that nothing is to be asked. */
function canAsk({ yes, json }: SetupOptions, { isTerminal, input }: Console): boolean {
  return isTerminal && 'isTTY' in input && input.isTTY === true && !yes && !json;
}

async function agree(
  session: Session,
  options: SetupOptions,
  console: Console,
  prompter: Prompter | null,
  voice: Voice,
): Promise<Agreed> {
  const { questions, place, target } = session;
  const given = await readGivenSecret(flagAnswers(questions, options), place, console);
  const asksMicrosoft = options.check !== false;
  if (prompter !== null) {
    checkFlags(questions, given.answers, place);
    return runWizard(given, session, prompter, asksMicrosoft);
  }
  const draft = completeAnswers(questions, given, place);
  if (looksLikeSecretId(draft.secret?.reveal() ?? '')) voice.say('warning', SECRET_ID_WARNING);
  const plan = await makePlan(draft, target, place);
  return { plan, access: asksMicrosoft ? await askMicrosoft(plan, voice) : null };
}

async function carriedOut(
  plan: Plan,
  { place }: Session,
  deps: { console: Console; voice: Voice; start: StartBridge; tries: boolean },
): Promise<CarriedOut> {
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  try {
    return await carryOut(plan, { ...deps, place, signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    throw cancelled(
      'The files are written and whole; only the trial was broken off. Go on with: flexbridge serve, then flexbridge doctor.',
    );
  } finally {
    interrupt.close();
  }
}

/** Nobody is there to be asked whether to go on. */
function refused(agreed: Agreed, { json }: SetupOptions, { out }: Console, voice: Voice): number {
  const rows: readonly Finding[] = agreed.access ?? [];
  if (json) out(resultJson(agreed, null, [], false));
  else {
    voice.say('bad', 'Microsoft does not let the bridge in, so nothing was written. --anyway writes it all the same.');
    sayFindings(rows.filter(({ state }) => state === 'failed').slice(0, 1), voice);
  }
  return 1;
}

export type { SetupOptions } from './options.ts';
