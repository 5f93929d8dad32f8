import type { DoctorRow } from './doctor-answer.ts';
import { firstTrouble, mismatch } from './expectation.ts';
import { EXPECTATIONS, SET_UP_NAMES, SET_UPS, type SetUpName } from './expectations.ts';
import type { SetUp } from './set-up.ts';
import { openStage } from './stage.ts';

/** What came of one set-up. */
export type Outcome = Ran | NotRun;

export interface NotRun {
  readonly kind: 'not run';
  readonly name: SetUpName;
  readonly title: string;
  readonly because: string;
}

export interface Ran {
  readonly kind: 'ran';
  readonly name: SetUpName;
  readonly title: string;
  /** Id of the finding, or `nothing`. */
  readonly expected: string;
  /** The first row that is not ok; null without one. */
  readonly first: DoctorRow | null;
  /** Null when it is as expected. */
  readonly problem: string | null;
  /** For all of it, and of that for doctor alone. */
  readonly ms: number;
  readonly doctorMs: number;
}

/** Makes a set-up for real, asks `flexbridge doctor`, and clears everything away. Throws when it cannot be made. */
export async function runSetUp(name: SetUpName): Promise<Outcome> {
  const setUp: SetUp = SET_UPS[name];
  const { title } = setUp;
  const because = setUp.whyNot?.() ?? null;
  if (because !== null) return { kind: 'not run', name, title, because };
  const began = performance.now();
  const stage = await openStage();
  try {
    const account = await setUp.make(stage);
    const asked = performance.now();
    const { code, rows } = await stage.doctor(account);
    const doctorMs = performance.now() - asked;
    const row = firstTrouble(rows);
    const expected = EXPECTATIONS[name];
    const hasFailed = rows.some(({ state }) => state === 'failed');
    const codeProblem = code === (hasFailed ? 1 : 0) ? null : `doctor ended with ${code}`;
    return {
      kind: 'ran',
      name,
      title,
      expected: expected.kind === 'first' ? expected.id : 'nothing',
      first: row,
      problem: mismatch(expected, rows) ?? confusion(name, rows) ?? codeProblem,
      ms: performance.now() - began,
      doctorMs,
    };
  } finally {
    await stage.clear();
  }
}

/** Words that would do for another set-up as well do not tell what is wrong. */
function confusion(name: SetUpName, rows: readonly DoctorRow[]): string | null {
  const others = SET_UP_NAMES.filter((other) => other !== name && mismatch(EXPECTATIONS[other], rows) === null);
  return others.length === 0 ? null : `these words are those of ${others.join(', ')} too`;
}
