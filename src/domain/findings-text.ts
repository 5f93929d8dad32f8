import type { Finding } from './finding.ts';
import { printable } from './printable.ts';

const MARKS = { ok: 'ok      ', warning: 'warning ', failed: 'FAILED  ' } as const;

/** The table of findings for people, in the order given, each with what to do. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(rowText).join('');
}

function rowText({ state, id, subject, sinceMs, meaning, remedy }: Finding): string {
  const since = state !== 'ok' && sinceMs !== null ? ` (since ${new Date(sinceMs).toISOString()})` : '';
  const action = remedy === '' ? '' : `          -> ${printable(remedy)}\n`;
  return `${MARKS[state]}${id}  ${printable(subject)}${since}\n          ${printable(meaning, 600)}\n${action}`;
}
