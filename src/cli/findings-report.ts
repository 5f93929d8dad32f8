import type { Finding } from '../domain/finding.ts';
import { printable } from '../domain/printable.ts';

const MARKS = { ok: 'ok      ', warning: 'warning ', failed: 'FAILED  ' } as const;

/** The table of findings for people, worst first, each with what to do. */
export function findingsReport(findings: readonly Finding[]): string {
  return findings.map(report).join('');
}

function report({ state, id, subject, sinceMs, meaning, remedy }: Finding): string {
  const since = state !== 'ok' && sinceMs !== null ? ` (since ${new Date(sinceMs).toISOString()})` : '';
  const action = remedy === '' ? '' : `          -> ${printable(remedy)}\n`;
  return `${MARKS[state]}${id}  ${printable(subject)}${since}\n          ${printable(meaning, 600)}\n${action}`;
}

/** 0 when nothing has failed. */
export function exitCodeOf(findings: readonly Finding[]): number {
  return findings.some(({ state }) => state === 'failed') ? 1 : 0;
}
