import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FILE_VARIABLE } from '../../config/environment.ts';
import { loadConfig } from '../../config/load.ts';
import type { SetupEnvironment } from '../../config/setup-environment.ts';
import { BridgeError } from '../../domain/errors.ts';
import type { Console } from '../console.ts';
import type { Place, Question } from './answers.ts';
import type { Target } from './plan.ts';
import { cancelled, NOTHING_WRITTEN, type Prompter } from './prompter.ts';
import { ACCESS_QUESTIONS, QUESTIONS } from './questions.ts';

/** What is to be set up, and where. */
export interface Session {
  readonly place: Place;
  readonly target: Target;
  readonly questions: readonly Question[];
}

interface Wish {
  readonly config?: string;
  readonly force?: boolean;
  readonly addTenant?: boolean;
}

/** @throws BridgeError SETUP_EXISTS, SETUP_NO_CONFIG, or ConfigError of a file that cannot be extended */
export async function openSession(
  wish: Wish,
  { cwd }: Pick<Console, 'cwd'>,
  { env, hostname, prompter }: { env: SetupEnvironment; hostname: string; prompter: Prompter | null },
): Promise<Session> {
  const file = resolve(cwd, wish.config ?? env.value(FILE_VARIABLE) ?? 'flexbridge.yaml');
  const folder = dirname(file);
  const what = await whatToDo(wish, file, prompter);
  if (what === 'new')
    return { place: { env, hostname, folder, tenants: null }, target: { file, existing: null }, questions: QUESTIONS };
  const existing = readFileSync(file, 'utf8');
  const { tenants } = await loadConfig({ argvPath: file, env: env.rest, cwd: folder });
  const names = tenants.map(({ name }) => name);
  return { place: { env, hostname, folder, tenants: names }, target: { file, existing }, questions: ACCESS_QUESTIONS };
}

async function whatToDo({ force, addTenant }: Wish, file: string, prompter: Prompter | null): Promise<'new' | 'add'> {
  const isThere = existsSync(file);
  if (addTenant && !isThere) throw noConfig(file);
  if (addTenant) return 'add';
  if (!isThere || force) return 'new';
  if (prompter === null) throw exists(file);
  const chosen = await prompter.choose({
    message: `${file} is there already.`,
    choices: [
      { value: 'add', label: 'Add a tenant to it' },
      { value: 'new', label: 'Write a new one; the old one is kept as .bak' },
      { value: 'leave', label: 'Leave it as it is' },
    ],
    initial: 'add',
  });
  if (chosen === 'leave') throw cancelled(NOTHING_WRITTEN);
  return chosen === 'new' ? 'new' : 'add';
}

function exists(file: string): BridgeError {
  return new BridgeError({
    code: 'SETUP_EXISTS',
    kind: 'operator',
    message: `${file} is there already`,
    hint: 'Add a tenant to it with --add-tenant, write a new one with --force (the old one is kept as .bak), or name another with --config FILE. Nothing was written.',
  });
}

function noConfig(file: string): BridgeError {
  return new BridgeError({
    code: 'SETUP_NO_CONFIG',
    kind: 'operator',
    message: `there is no ${file} that a tenant could be added to`,
    hint: 'Leave --add-tenant out to make one, or name the file with --config FILE.',
  });
}
