/** Every static check, all of them even when one fails: format, types, typed lint, unused code, dependency direction. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHECKS = [
  ['biome', 'check', '.'],
  ['tsc', '-p', '.config/tsconfig.test.json', '--noEmit'],
  ['eslint', '--config', '.config/eslint.config.js', '--max-warnings', '0', 'src', 'test'],
  ['knip', '--config', '.config/knip.json'],
  ['depcruise', '--config', '.config/dependency-cruiser.cjs', '--output-type', 'err-long', 'src'],
];

let failed = 0;
for (const [tool, ...args] of CHECKS) {
  process.stdout.write(`lint: ${tool}\n`);
  const { status } = spawnSync(`${ROOT}/node_modules/.bin/${tool}`, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
process.stdout.write(failed === 0 ? 'lint: clean\n' : `lint: ${failed} of ${CHECKS.length} checks failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
