import { dirname, resolve } from 'node:path';
import type { Config } from './config.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type ConfigFiles, diskFiles } from './config-files.ts';
import { formatPath } from './config-path.ts';
import { readConfigText } from './config-text.ts';
import { crossCheck } from './cross-check.ts';
import { type Environment, type Overlay, overlayEnvironment } from './environment.ts';
import { createReport, inFileOrder, type Place, type Report } from './report.ts';
import { resolveConfig } from './resolve-config.ts';
import { ConfigSchema } from './schema.ts';
import { checkSchema } from './schema-check.ts';
import { reportKinds } from './schema-kinds.ts';
import { toNode } from './schema-node.ts';
import { reportViolations } from './schema-problem.ts';
import { dropEmpty } from './settings-tree.ts';
import { TENANT_REMEDY } from './tenant-variables.ts';

export interface LoadRequest {
  /** The file named on the command line (`--config`). */
  readonly argvPath?: string | undefined;
  /** Without it, the environment of the process. */
  readonly env?: Environment;
  /** Without it, the working directory of the process. */
  readonly cwd?: string;
  readonly files?: ConfigFiles;
}

/**
 * Reads `flexbridge.yaml` (or the named file) and the FLEXBRIDGE_ variables.
 * Relative paths count from the file's folder, without a file from `cwd`.
 * @throws ConfigError with every problem at once
 */
export async function loadConfig(request: LoadRequest = {}): Promise<Config> {
  const { argvPath, env = process.env, cwd = process.cwd(), files = diskFiles } = request;
  const text = await readConfigText({ argvPath, env, cwd, files });
  const schema = toNode(ConfigSchema);
  const tree = text.yaml?.tree ?? {};
  const overlay = overlayEnvironment(tree, env, schema);
  const early = [...text.problems, ...overlayProblems(overlay, text.isReadable)];
  if (!text.isReadable) throw new ConfigError(inFileOrder(early));

  const report = createReport((path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const place = placeOf(path.slice(0, length), text, overlay);
      if (place !== null) return place;
    }
    return { file: text.file, line: null, variable: null };
  });
  reportNoTenant(tree, report, text.file, cwd);
  dropEmpty(tree, schema);
  const check = checkSchema(tree);
  const violations = check.violations.filter(({ path, key }) => path.length > 0 || key !== 'tenants');
  reportViolations(violations, report, schema);
  reportKinds(tree, schema, report);
  crossCheck(tree, report);
  const base = text.file === null ? resolve(cwd) : dirname(text.file);
  const config = await resolveConfig({ report, check, files, env, base }, tree, text.file);
  const problems = [...early, ...report.problems];
  if (config === null || problems.length > 0) throw new ConfigError(inFileOrder(problems));
  return config;
}

function placeOf(
  path: readonly (string | number)[],
  text: Awaited<ReturnType<typeof readConfigText>>,
  overlay: Overlay,
): Place | null {
  const variable = overlay.variables.get(formatPath(path));
  if (variable !== undefined) return { file: null, line: null, variable };
  const line = text.yaml?.lineOf(path) ?? null;
  return line === null ? null : { file: text.file, line, variable: null };
}

/** Of an unreadable file only the names of the variables can be judged. */
function overlayProblems({ problems }: Overlay, isReadable: boolean): readonly ConfigProblem[] {
  return problems
    .filter(({ path }) => isReadable || path.length === 0)
    .map((problem) => ({ ...problem, file: null, line: null, path: formatPath(problem.path) }));
}

function reportNoTenant(tree: Record<string, unknown>, report: Report, file: string | null, cwd: string): void {
  if ((tree['tenants'] ?? null) !== null) return;
  const place = file === null ? `, and there is no flexbridge.yaml in ${resolve(cwd)}` : '';
  report.problem(['tenants'], `no tenant is configured${place}`, TENANT_REMEDY);
  delete tree['tenants'];
}
