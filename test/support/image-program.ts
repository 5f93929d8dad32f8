import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copiesOf, type Stage, textsOf } from './dockerfile.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/**
 * What the runtime stage copies, to the same places below `root`. What it takes from the build stage is taken from this
 * tree: `dist` as `npm test` has built it, and of `node_modules` what the build stage would leave.
 */
export function copyProgram(build: Stage, runtime: Stage, root: string): void {
  const context = textsOf(build.instructions, 'WORKDIR').at(-1) ?? '/';
  for (const { sources, target } of copiesOf(runtime)) {
    for (const source of sources) {
      const path = source.replace(`${context}/`, '');
      mkdirSync(join(root, target), { recursive: true });
      if (path === 'node_modules') copyPackages(build, join(root, target));
      else if (path === 'dist') run('cp', ['-a', `${path}/.`, join(root, target)], REPOSITORY);
      else run('cp', ['-a', path, join(root, target)], REPOSITORY);
    }
  }
}

/** What `npm prune --omit=dev` leaves, as npm sees it, less what the rest of that step of the Dockerfile removes. */
function copyPackages(build: Stage, target: string): void {
  const listed = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: REPOSITORY, encoding: 'utf8' });
  const packages = listed.stdout
    .split('\n')
    .filter((line) => line.startsWith(`${REPOSITORY}node_modules/`))
    .map((line) => line.slice(REPOSITORY.length));
  if (packages.length === 0) throw new Error(`npm lists no packages: ${listed.stderr}`);
  const app = join(target, '..');
  run('cp', ['-a', '--parents', ...packages, app], REPOSITORY);
  const pruning = textsOf(build.instructions, 'RUN').find((step) => step.startsWith('npm prune --omit=dev'));
  const [, ...removals] = pruning?.split(' && ') ?? [];
  for (const removal of removals) run('sh', ['-euc', removal], app);
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
}
