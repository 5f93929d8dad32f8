import { resolve } from 'node:path';
import { readPack } from '../connector/pack-reader.ts';
import { type RehearsalOptions, rehearsePack } from '../connector/rehearsal.ts';
import type { RehearsalStep } from '../connector/rehearsal-step.ts';
import { unseenByRehearsal } from '../connector/rehearsal-unseen.ts';
import { systemClock } from '../domain/clock.ts';
import { BridgeError } from '../domain/errors.ts';
import type { Console } from './console.ts';
import { onInterrupt } from './interrupt.ts';
import { type RehearsalLoginOptions, rehearsalLogin } from './rehearse-login.ts';
import { stepText, unseenText } from './rehearse-view.ts';

export interface RehearseOptions extends RehearsalLoginOptions {
  readonly pack: string;
  readonly polls: string;
  readonly take?: boolean;
  readonly json?: boolean;
}

/** Does what a connector would do with nothing but a pack, and says what it found. Exit code 1 when a step failed. */
export async function rehearse(options: RehearseOptions, console: Console): Promise<number> {
  const mode = modeOf(options);
  const pack = await readPack(resolve(console.cwd, options.pack));
  const { login, secret } = await rehearsalLogin(pack.manifest, options, console);
  const notes: string[] = [];
  const keepRefreshToken = (text: string): void => {
    const problem = secret?.keep(text) ?? null;
    notes.push(problem === null ? KEPT : `The bridge gave a new refresh token, which was not kept: ${problem}.`);
  };
  const interrupt = onInterrupt();
  const say = options.json ? () => undefined : console.out;
  const steps: RehearsalStep[] = [];
  try {
    const { signal } = interrupt;
    for await (const step of rehearsePack({ pack, login, mode, clock: systemClock, signal, keepRefreshToken })) {
      steps.push(step);
      say(stepText(step));
    }
  } finally {
    interrupt.close();
  }
  if (steps.some(({ id }) => id === 'poll')) notes.push(mode.kind === 'look' ? LOOKED : TAKEN);
  const unseen = unseenByRehearsal(pack.manifest.login.kind);
  const isOk =
    steps.every(({ state }) => state === 'ok' || state === 'warning' || state === 'skipped') && isWhole(steps);
  if (options.json) console.out(`${JSON.stringify({ ok: isOk, mode: mode.kind, steps, notes, unseen }, null, 2)}\n`);
  for (const note of notes) say(`\n${note}\n`);
  say(unseenText(unseen));
  say(
    isOk
      ? '\nA connector with this pack gets its events.\n'
      : '\nA connector with this pack gets no events, or wrong ones.\n',
  );
  return isOk ? 0 : 1;
}

/** A step that is skipped for a reason of its own ends the rehearsal before the answer. */
function isWhole(steps: readonly RehearsalStep[]): boolean {
  return steps.some(({ id, state }) => id === 'poll' && state !== 'skipped');
}

const KEPT = 'The bridge gave a new refresh token; the file of --secret-file holds it now.';
const LOOKED =
  'This was a look: it moves no position and counts as no try, and the connector still gets every event. Look as often as you like.';
const TAKEN =
  'What was received counts as delivered to this login once its next request comes; a connector with the same login does not get it again. flexbridge replay sends it once more.';

const MOST_POLLS = 1000;

function modeOf({ polls, take = false }: RehearseOptions): RehearsalOptions['mode'] {
  const count = /^\d{1,4}$/.test(polls) ? Number(polls) : 0;
  if (count < 1 || count > MOST_POLLS)
    throw new BridgeError({
      code: 'REHEARSE_POLLS',
      kind: 'operator',
      message: `${JSON.stringify(polls.slice(0, 40))} is no number of polls`,
      hint: `Give a number from 1 to ${MOST_POLLS}.`,
    });
  return take ? { kind: 'take', polls: count } : { kind: 'look' };
}
