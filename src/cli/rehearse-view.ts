import type { RehearsalFault, RehearsalStep } from '../connector/rehearsal-step.ts';

const STATES: Readonly<Record<RehearsalStep['state'], string>> = {
  ok: 'ok',
  warning: 'warning',
  failed: 'FAILED',
  skipped: 'skipped',
};
const WIDTH = 9;

/** One step in words: what was found, what is wrong, what to do. */
export function stepText({ state, title, found, faults }: RehearsalStep): string {
  const lines = [...found.map((text) => `- ${text}`), ...faults.flatMap(faultLines)];
  return [`${STATES[state].padEnd(WIDTH)}${title}`, ...lines.map((line) => `${' '.repeat(WIDTH)}${line}`), ''].join(
    '\n',
  );
}

function faultLines({ level, message, remedy, certainty }: RehearsalFault): readonly string[] {
  const mark = certainty === 'inferred' ? ' (inferred)' : '';
  return [`${level === 'error' ? '!' : '?'} ${message}${mark}`, `  -> ${remedy}`];
}

export function unseenText(unseen: readonly string[]): string {
  return `\nWhat this cannot show; only the real connector does:\n${unseen.map((text) => `- ${text}\n`).join('')}`;
}
