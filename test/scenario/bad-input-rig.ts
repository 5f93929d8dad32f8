import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { type Ended, followProcess } from '../support/follow-process.ts';
import { startProgram } from '../support/program.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const SECRET = 'the~client/secret+value';
/** Nothing listens on port 1 of a machine. */
export const NOBODY = 'https://127.0.0.1:1';

/** The variables of a single tenant whose Microsoft does not answer. */
export const VARIABLES: Readonly<Record<string, string>> = {
  FLEXBRIDGE_TENANT_ID: TENANT,
  FLEXBRIDGE_CLIENT_ID: 'client-1',
  FLEXBRIDGE_CLIENT_SECRET: SECRET,
  FLEXBRIDGE_ENDPOINTS__LOGIN: NOBODY,
  FLEXBRIDGE_ENDPOINTS__GRAPH: NOBODY,
  FLEXBRIDGE_SERVER__PORT: '0',
};

/** Five lines of YAML: the same tenant. */
export const TENANT_YAML = `tenants:
  - name: contoso
    tenantId: ${TENANT}
    endpoints: { login: "${NOBODY}", graph: "${NOBODY}" }
    credential: { clientId: client-1, secretFile: client-secret }
`;

export interface Scratch {
  /** A new folder with these files; null makes a folder of that name. Modes are 0600 unless given. */
  folder(files?: Files): string;
  remove(): void;
}
export type Files = Readonly<Record<string, string | Buffer | null>>;

export function createScratch(): Scratch {
  const root = mkdtempSync(join(tmpdir(), 'flexbridge-bad-'));
  return {
    folder(files = {}) {
      const folder = mkdtempSync(join(root, 'case-'));
      for (const [name, content] of Object.entries(files)) {
        if (content === null) mkdirSync(join(folder, name));
        else writeFileSync(join(folder, name), content, { mode: 0o600 });
      }
      return folder;
    },
    remove() {
      rmSync(root, { recursive: true });
    },
  };
}

/** What is in a folder: the path of each file with the SHA-256 of its content. */
export function contentOf(folder: string): Readonly<Record<string, string>> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(paths.map((path) => [path, digestOf(join(folder, path))]));
}

export function digestOf(path: string): string {
  return statSync(path).isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'a folder';
}

/** Runs the built program to its end and holds what it says to the rules for every failure. */
export async function runProgram(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Ended> {
  return plain(await startProgram(args, { cwd, env }).ended);
}

/** Makes a command use the configuration file in that folder. */
export function configOf(folder: string): readonly string[] {
  return ['--config', join(folder, 'flexbridge.yaml')];
}

/** A command in this process: for the many cases of one kind. It does not take its configuration from `folder`. */
export async function runHere(args: readonly string[], folder: string): Promise<Ended> {
  const said = { out: '', err: '' };
  const code = await run(args, {
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    input: Readable.from([]),
    cwd: folder,
    isTerminal: false,
  });
  return plain({ code, ...said });
}

/** Never a stack, a defect's words, the secret, or a character that steers the terminal. */
export function plain(ended: Ended): Ended {
  const said = ended.out + ended.err;
  expect(said).not.toMatch(/^ +at .*[:(]/m);
  for (const text of ['UNEXPECTED', 'defect', SECRET, '\u001b', '\u0000']) expect(said).not.toContain(text);
  return ended;
}

export function expectParts(text: string, parts: readonly string[]): void {
  for (const part of parts) expect(text).toContain(part);
}

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The program in the place of a user whom file modes stop: root loses the capabilities that pass over them. */
export async function runWithoutPrivileges(args: readonly string[], cwd: string): Promise<Ended> {
  const drop = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
  return spawned([...drop, process.execPath, MAIN, ...args], cwd);
}

/** The program with one folder mounted read-only. */
export async function runWithReadOnly(folder: string, args: readonly string[], cwd: string): Promise<Ended> {
  const script = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; exec "$@"';
  return spawned(['unshare', '--mount', 'sh', '-euc', script, 'sh', folder, process.execPath, MAIN, ...args], cwd);
}

/** Why `runWithReadOnly` cannot be used here; null when it can. */
export function whyNoMounts(): string | null {
  const { status } = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]);
  return status === 0 ? null : 'nothing can be mounted here';
}

async function spawned([command = '', ...args]: readonly string[], cwd: string): Promise<Ended> {
  const env = { PATH: process.env['PATH'], ...VARIABLES };
  return plain(await followProcess(spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })).ended);
}
