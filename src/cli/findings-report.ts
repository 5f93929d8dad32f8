import type { Finding } from '../domain/finding.ts';

/** 0 when nothing has failed. */
export function exitCodeOf(findings: readonly Finding[]): number {
  return findings.some(({ state }) => state === 'failed') ? 1 : 0;
}
