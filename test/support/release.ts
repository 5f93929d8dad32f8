import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Of nobody on every Linux. */
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'];

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Release {
  /** Where the archive, the list of parts and the checksums are. */
  readonly folder: string;
  /** The files in it, in order. */
  readonly files: readonly string[];
  /** Unpacks the one archive into a new, empty folder below `folder`; returns the folder that came out of it. */
  unpack(): string;
  remove(): void;
}

/** `npm run release` without the build, which `npm test` has done, in a shell of its own. */
export function makeRelease(setting: { readonly umask: string; readonly env: Record<string, string> }): Release {
  const folder = mkdtempSync(join(tmpdir(), 'flexbridge-release-test-'));
  chmodSync(folder, 0o755);
  const made = join(folder, 'made');
  const line = `umask ${setting.umask} && exec "$0" .config/release.mjs --out "$1"`;
  const { code, err } = run(['sh', '-c', line, process.execPath, made], ROOT, setting.env);
  if (code !== 0) throw new Error(`no release was made: ${err}`);
  const files = readdirSync(made).toSorted();
  return {
    folder: made,
    files,
    unpack() {
      const empty = join(folder, 'empty');
      mkdirSync(empty);
      const archive = files.find((file) => file.endsWith('.tar.gz')) ?? '';
      const unpacked = run(['tar', '--extract', '--file', join(made, archive), '--directory', empty], ROOT);
      if (unpacked.code !== 0) throw new Error(`not unpacked: ${unpacked.err}`);
      return join(empty, archive.replace('.tar.gz', ''));
    },
    remove() {
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * `npm ci` in an unpacked release, with the compiled database of this tree in place of compiling it once more, which takes
 * a minute or two. Returns why the registry was not reached, null when all went well; throws at any other failure.
 */
export function installPackages(place: string): string | null {
  const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=2000'];
  const { code, err } = run(['npm', 'ci', '--prefer-offline', '--ignore-scripts', '--no-fund', ...patience], place);
  const [unreached] = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/.exec(err) ?? [];
  if (code !== 0 && unreached !== undefined) return `the npm registry was not reached (${unreached})`;
  if (code !== 0) throw new Error(`npm ci failed: ${err}`);
  const database = 'node_modules/better-sqlite3/build';
  cpSync(join(ROOT, database), join(place, database), { recursive: true });
  return null;
}

/** Runs a command in the release as nobody, where this process may become that user and node is there for it. */
export function runAsNobody(command: readonly string[], place: string): Ran {
  const mayBe = run([...NOBODY, process.execPath, '--version'], '/').code === 0;
  return run(mayBe ? [...NOBODY, ...command] : command, place);
}

function run([command = '', ...args]: readonly string[], cwd: string, env: Record<string, string> = {}): Ran {
  const inherited = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...inherited, ...env },
  });
  return { code: status, out: stdout, err: error === undefined ? stderr : error.message };
}

/** What a JSON file of the release says. */
export function readJson(...path: readonly string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}
