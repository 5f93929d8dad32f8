import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Place } from '../../../../src/cli/setup/answers.ts';
import type { SetupOptions } from '../../../../src/cli/setup/options.ts';
import type { Prompter } from '../../../../src/cli/setup/prompter.ts';
import { cancelled, NOTHING_WRITTEN } from '../../../../src/cli/setup/prompter.ts';
import { setup } from '../../../../src/cli/setup/setup.ts';
import { setupEnvironment } from '../../../../src/config/setup-environment.ts';
import { systemClock } from '../../../../src/domain/clock.ts';
import { toBridgeError } from '../../../../src/domain/errors.ts';
import { createSimulator, type Simulator } from '../../../../src/simulator/simulator.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const OTHER_TENANT = '66666666-2222-4333-8444-555555555555';
export const CLIENT = '99999999-8888-4777-8666-555555555555';
export const SECRET = 'kx8~the.client-secret_of-the-app-0123456';

export function placeOf(env: Record<string, string> = {}, tenants: readonly string[] | null = null): Place {
  return { env: setupEnvironment(env), hostname: 'bridge-host', folder: '/etc/flexbridge', tenants };
}

/** What is answered to a question that has this text in it; a function for one that is asked more than once. */
export type Script = Readonly<Record<string, string | readonly string[]>>;

export interface Scripted {
  readonly prompter: Prompter;
  /** Everything that was said and asked. */
  readonly said: string[];
}

const MOST_SAID = 1000;

/** Answers by the script, else with what is proposed; `CTRL-C` breaks off. A wrong answer is an error of the test. */
export function scripted(script: Script): Scripted {
  const said: string[] = [];
  const left = new Map(
    Object.entries(script).map(([key, value]) => [key, typeof value === 'string' ? [value] : [...value]]),
  );
  const answer = (message: string, initial: string): string => {
    said.push(message);
    if (said.length > MOST_SAID) throw new Error(`asked without end: ${message}`);
    const found = [...left].find(([key, answers]) => message.includes(key) && answers.length > 0);
    const text = found?.[1].shift() ?? initial;
    if (text === 'CTRL-C') throw cancelled(NOTHING_WRITTEN);
    return text;
  };
  const judged = (text: string, problem: (text: string) => string | null): string => {
    const wrong = problem(text);
    if (wrong !== null) throw new Error(`${JSON.stringify(text)} was refused: ${wrong}`);
    return text;
  };
  const prompter: Prompter = {
    text: async ({ message, initial, problem }) => Promise.resolve(judged(answer(message, initial), problem)),
    secret: async ({ message, problem }) => Promise.resolve(judged(answer(message, ''), problem)),
    choose: async ({ message, choices, initial }) => {
      const value = answer(message, initial);
      if (!choices.some((choice) => choice.value === value)) throw new Error(`${value} is no choice of ${message}`);
      said.push(...choices.map(({ label }) => label));
      return Promise.resolve(value);
    },
    confirm: async (message, initial) => Promise.resolve(answer(message, initial ? 'yes' : 'no') === 'yes'),
    note: (heading, lines) => said.push(heading, ...lines),
    say: (tone, text) => said.push(`${tone}: ${text}`),
  };
  return { prompter, said };
}

export interface SetupRig {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly env: Readonly<Record<string, string>>;
  /** Runs the command; the bridge is never started. */
  run(
    options: SetupOptions,
    how?: { readonly scripted?: Scripted; readonly input?: string; readonly env?: Record<string, string> },
  ): Promise<Ran>;
  files(): readonly string[];
  close(): Promise<void>;
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  /** Code of the error; empty without one. */
  readonly error: string;
  readonly message: string;
}

/** The command in an empty folder, with a simulated Microsoft that the environment points to. */
export async function createSetupRig(): Promise<SetupRig> {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-setup-'));
  const simulator = createSimulator({
    seed: 7,
    clock: systemClock,
    tenants: [TENANT, OTHER_TENANT].map((tenantId) => ({ tenantId, clientId: CLIENT, clientSecret: SECRET })),
    world: { startMs: systemClock.now(), backlog: 3, live: 0, livePeriodMs: 60_000 },
  });
  const { url, caPem } = await simulator.start();
  const certificates = mkdtempSync(join(tmpdir(), 'flexbridge-setup-ca-'));
  writeFileSync(join(certificates, 'ca.pem'), caPem);
  const env = {
    FLEXBRIDGE_ENDPOINTS__LOGIN: url,
    FLEXBRIDGE_ENDPOINTS__GRAPH: url,
    FLEXBRIDGE_CA_FILE: join(certificates, 'ca.pem'),
  };
  return {
    folder,
    simulator,
    env,
    async run(options, how = {}) {
      const out: string[] = [];
      const input = Object.assign(Readable.from(how.input === undefined ? [] : [Buffer.from(how.input)]), {
        isTTY: true,
      });
      const isTerminal = how.scripted !== undefined;
      const console = {
        out: (text: string) => out.push(text),
        err: (text: string) => out.push(text),
        input,
        cwd: folder,
        isTerminal,
      };
      const deps = {
        env: setupEnvironment({ ...env, ...how.env }),
        hostname: 'bridge-host',
        ...(how.scripted === undefined ? {} : { prompter: how.scripted.prompter }),
        start: () => {
          throw new Error('no bridge is started here');
        },
      };
      try {
        const code = await setup({ try: false, ...options }, console, deps);
        return { code, out: out.join(''), error: '', message: '' };
      } catch (thrown) {
        const { code, message } = toBridgeError(thrown);
        return { code: 1, out: out.join(''), error: code, message };
      }
    },
    files: () => readdirSync(folder).toSorted(),
    async close() {
      await simulator.stop();
      rmSync(folder, { recursive: true });
      rmSync(certificates, { recursive: true });
    },
  };
}
