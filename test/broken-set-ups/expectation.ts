import type { FindingId } from '../../src/domain/finding.ts';
import type { DoctorRow } from './doctor-answer.ts';

/** What `doctor` has to say of a set-up. */
export type Expectation =
  | { readonly kind: 'nothing' }
  /** The first row that is not ok: which check it is, and words of what it means and what to do. */
  | { readonly kind: 'first'; readonly id: FindingId; readonly meaning: RegExp; readonly remedy: RegExp };

export const NOTHING: Expectation = { kind: 'nothing' };

export function first(id: FindingId, meaning: RegExp, remedy: RegExp): Expectation {
  return { kind: 'first', id, meaning, remedy };
}

/** The first row that is not ok; null when there is none. */
export function firstTrouble(rows: readonly DoctorRow[]): DoctorRow | null {
  return rows.find(({ state }) => state !== 'ok') ?? null;
}

/** What is wrong with an answer, or null when it is the expected one. */
export function mismatch(expected: Expectation, rows: readonly DoctorRow[]): string | null {
  if (rows.length === 0) return 'there is no row at all';
  const row = firstTrouble(rows);
  if (expected.kind === 'nothing') return row === null ? null : `expected no trouble, got ${describe(row)}`;
  if (row === null) return `expected ${expected.id}, but every row is ok`;
  if (row.id !== expected.id) return `expected ${expected.id}, got ${describe(row)}`;
  if (!expected.meaning.test(row.meaning)) return `the meaning lacks ${expected.meaning}: ${row.meaning}`;
  if (!expected.remedy.test(row.remedy)) return `the remedy lacks ${expected.remedy}: ${row.remedy}`;
  return null;
}

function describe({ id, subject, meaning }: DoctorRow): string {
  return `${id} (${subject}): ${meaning}`;
}
