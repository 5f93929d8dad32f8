import { resolve } from 'node:path';
import type { ConfigProblem } from './config-error.ts';
import { type ConfigFiles, readFailure } from './config-files.ts';
import { type Environment, FILE_VARIABLE } from './environment.ts';
import { parseYaml, type YamlText } from './yaml-file.ts';

const DEFAULT_FILE = 'flexbridge.yaml';

/** The configuration file as it was found. */
export interface ConfigText {
  /** Absolute path; null when there is no file and none was named. */
  readonly file: string | null;
  readonly yaml: YamlText | null;
  /** False when a file is there, or was named, and nothing of it can be relied on. */
  readonly isReadable: boolean;
  readonly problems: readonly ConfigProblem[];
}

/** The command line names the file, else FLEXBRIDGE_CONFIG, else it is `flexbridge.yaml` in `cwd`, which may be absent. */
export async function readConfigText(options: {
  argvPath: string | undefined;
  env: Environment;
  cwd: string;
  files: ConfigFiles;
}): Promise<ConfigText> {
  const { argvPath, env, cwd, files } = options;
  const variable = env[FILE_VARIABLE] ?? '';
  const named = argvPath ?? (variable === '' ? undefined : variable);
  const file = resolve(cwd, named ?? DEFAULT_FILE);
  const at = (line: number | null, message: string, remedy: string): ConfigProblem => ({
    file,
    line,
    variable: null,
    path: '',
    message,
    remedy,
  });
  try {
    const yaml = parseYaml(await files.read(file));
    const problems = yaml.problems.map(({ line, message, remedy }) => at(line, message, remedy));
    return { file, yaml, isReadable: yaml.tree !== null, problems };
  } catch (error) {
    const failure = readFailure(error);
    if (named === undefined && failure === 'does not exist')
      return { file: null, yaml: null, isReadable: true, problems: [] };
    const origin = argvPath === undefined && named !== undefined ? ` It is named by ${FILE_VARIABLE}.` : '';
    const problem = at(
      null,
      `the configuration file ${failure}`,
      `Correct the path or the file's permissions.${origin}`,
    );
    return { file, yaml: null, isReadable: false, problems: [problem] };
  }
}
