import { BridgeError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';

/** One thing to correct. Never holds a secret's text. */
export interface ConfigProblem {
  /** Absolute path of the YAML file; null when the value does not come from it. */
  readonly file: string | null;
  /** 1-based; null when there is no line to show. */
  readonly line: number | null;
  /** Environment variable that the value comes from, or should have come from; else null. */
  readonly variable: string | null;
  /** `tenants[0].cloud`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

/** Everything that is wrong with the configuration, at once. Code CONFIG_INVALID. */
export class ConfigError extends BridgeError {
  readonly problems: readonly ConfigProblem[];

  constructor(found: readonly ConfigProblem[]) {
    const problems = found.map(shown);
    super({
      code: 'CONFIG_INVALID',
      kind: 'operator',
      message: `${count(problems.length)}: ${problems.map(heading).join('; ')}`,
      hint: 'Correct the configuration and start again; every problem names its place and its remedy.',
    });
    this.name = 'ConfigError';
    this.problems = problems;
  }

  /** The report for a terminal: one paragraph a problem. */
  toText(): string {
    const paragraphs = this.problems.map((problem) => `${heading(problem)}\n    ${problem.remedy}`);
    return `${[`${count(this.problems.length)}:`, ...paragraphs].join('\n')}\n`;
  }
}

/** Names and values in the texts come from files and variables; none may steer a terminal. */
function shown(problem: ConfigProblem): ConfigProblem {
  return {
    ...problem,
    variable: problem.variable === null ? null : printable(problem.variable),
    path: printable(problem.path),
    message: printable(problem.message, 1000),
    remedy: printable(problem.remedy, 1000),
  };
}

function count(problems: number): string {
  return `the configuration has ${problems} problem${problems === 1 ? '' : 's'}`;
}

function heading(problem: ConfigProblem): string {
  return [place(problem), problem.path, problem.message].filter((part) => part !== '').join(': ');
}

function place({ file, line, variable }: ConfigProblem): string {
  if (variable !== null) return variable;
  if (file === null) return '';
  return line === null ? file : `${file}:${line}`;
}
