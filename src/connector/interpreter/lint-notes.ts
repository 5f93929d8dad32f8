import type { LintNote } from './lint-note.ts';
import type { PropertiesFile } from './properties-reader.ts';

/** Gathers notes about one file and looks their lines up. */
export interface LintNotes {
  readonly all: readonly LintNote[];
  error(code: string, key: string | null, message: string): void;
  warning(code: string, key: string | null, message: string): void;
}

export function createLintNotes(file: PropertiesFile): LintNotes {
  const all: LintNote[] = [...file.lint];
  const add = (level: LintNote['level'], code: string, key: string | null, message: string): void => {
    all.push({ level, code, key, line: key === null ? null : (file.lines.get(key) ?? null), message });
  };
  return {
    all,
    error: (code, key, message) => {
      add('error', code, key, message);
    },
    warning: (code, key, message) => {
      add('warning', code, key, message);
    },
  };
}
