import type { RehearsalStep } from '../../connector/rehearsal-step.ts';
import { printable } from '../../domain/printable.ts';
import type { Console } from '../console.ts';
import type { CarriedOut } from './carry-out.ts';
import type { Plan } from './plan.ts';
import type { Voice } from './prompter.ts';
import type { ChainTried } from './try-chain.ts';
import type { Agreed } from './wizard.ts';
import { sayFindings } from './wizard.ts';
import type { NewFile } from './write-files.ts';

/** The files as they would be written; a secret is named and not shown. */
export function sayDryRun(files: readonly NewFile[], { out }: Pick<Console, 'out'>): void {
  out('Nothing is written. It would be:\n');
  for (const { path, text, mode } of files) {
    const body = isSecret(mode) ? '(the client secret)\n' : text;
    out(`\n--- ${printable(path)} (mode ${mode.toString(8).padStart(4, '0')})\n${body}`);
  }
}

export function dryRunJson({ plan, access }: Agreed, files: readonly NewFile[]): string {
  const shown = files.map(({ path, text, mode }) => ({
    path,
    mode: mode.toString(8).padStart(4, '0'),
    ...(isSecret(mode) ? {} : { text }),
  }));
  return asJson({ dryRun: true, config: plan.target.file, access, files: shown });
}

/** Only secrets are their owner's alone. */
function isSecret(mode: number): boolean {
  return mode === 0o600;
}

/** @param done null: nothing was written */
export function resultJson(
  { plan, access }: Agreed,
  done: CarriedOut | null,
  next: readonly string[],
  ok: boolean,
): string {
  const { target, tenant } = plan;
  const login = done?.login ?? null;
  return asJson({
    ok,
    config: target.file,
    tenant: tenant.name,
    access,
    written: done?.written ?? [],
    connector: login === null ? null : { name: login.name, kind: login.kind, secretsIn: login.handedOverIn },
    pack: done?.pack ?? null,
    chain: done?.chain === null || done === null ? null : chainJson(done.chain),
    next,
  });
}

function chainJson({ ok, failure, polled, steps, failed }: ChainTried) {
  const told = failure === null ? null : { code: failure.code, message: failure.message, remedy: failure.hint };
  return { ok, polled, failure: told, steps, failed };
}

/** The verdict first, then what to do. */
export function sayResult(
  { tenant }: Plan,
  { chain, login, running }: CarriedOut,
  next: readonly string[],
  voice: Voice,
): void {
  if (chain !== null) sayChain(chain, login?.rehearsal != null, voice);
  else if (running !== null)
    voice.say('step', `${tenant.name} is configured; the bridge runs already and was not tried.`);
  else voice.say('step', 'Configured; the chain was not tried.');
  voice.note(
    'What to do next',
    next.map((step, index) => `${index + 1}. ${step}`),
  );
}

function sayChain({ ok, failure, polled, steps, failed }: ChainTried, isRehearsed: boolean, voice: Voice): void {
  for (const step of steps) sayStep(step, voice);
  sayFindings(failed, voice);
  if (failure !== null) {
    voice.say('bad', `${failure.message} [${failure.code}]`);
    voice.say('step', `-> ${failure.hint}`);
  }
  if (!polled && failure === null)
    voice.say('warning', 'Microsoft had not given everything within a minute; the bridge goes on when it runs.');
  if (!ok) voice.say('bad', 'Configured, but events would not arrive yet: put right what is said above.');
  else if (isRehearsed)
    voice.say(
      'good',
      'Configured, and events would arrive: the whole chain was tried, and the bridge was stopped again.',
    );
  else
    voice.say(
      'good',
      'Configured: Microsoft gives alerts and the bridge serves. The login of a connector was not tried.',
    );
}

function sayStep({ title, state, found, faults }: RehearsalStep, voice: Voice): void {
  if (state === 'skipped') return;
  const tone = state === 'ok' ? 'good' : state === 'warning' ? 'warning' : 'bad';
  voice.say(tone, `${title}${found.length === 0 ? '' : `: ${found.join('; ')}`}`);
  for (const { message, remedy } of faults) voice.say('step', `${message} -> ${remedy}`);
}

function asJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
