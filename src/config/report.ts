import { printable } from '../domain/printable.ts';
import type { ConfigProblem } from './config-error.ts';
import { type ConfigPath, formatPath } from './config-path.ts';

export type Place = Pick<ConfigProblem, 'file' | 'line' | 'variable'>;
export interface ConfigWarning {
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

/** Collects what is wrong (the configuration is refused) and what is doubtful (it is taken). */
export interface Report {
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigWarning[];
  /** The same thing said twice of the same place is kept once. */
  problem(path: ConfigPath, message: string, remedy: string, place?: Place): void;
  warning(path: ConfigPath, message: string, remedy: string): void;
  placeOf(path: ConfigPath): Place;
}

/** @param placeOf where the value at a path was written */
export function createReport(placeOf: (path: ConfigPath) => Place): Report {
  const problems: ConfigProblem[] = [];
  const warnings: ConfigWarning[] = [];
  return {
    problems,
    warnings,
    placeOf,
    problem(at, message, remedy, place = placeOf(at)) {
      const path = formatPath(at);
      if (problems.some((known) => known.path === path && known.message === message)) return;
      problems.push({ ...place, path, message, remedy });
    },
    warning(at, message, remedy) {
      warnings.push({ path: formatPath(at), message: printable(message, 1000), remedy: printable(remedy, 1000) });
    },
  };
}

/** In the order of the file; what has no line comes last. */
export function inFileOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const rank = ({ line }: ConfigProblem) => line ?? Number.POSITIVE_INFINITY;
  return problems.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}
