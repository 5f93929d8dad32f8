import { describe, it } from 'vitest';
import { EXPECTATIONS, SET_UP_NAMES, SET_UPS } from '../broken-set-ups/expectations.ts';
import { runSetUp } from '../broken-set-ups/run-set-up.ts';
import type { SetUp } from '../broken-set-ups/set-up.ts';
import { reportNotRun } from '../support/java.ts';

/** Several at the same time, each with processes of its own, on a machine that has other things to do. */
const LIMIT_MS = 300_000;

describe.concurrent('flexbridge doctor', { timeout: LIMIT_MS }, () => {
  for (const name of SET_UP_NAMES) {
    const { title, whyNot }: SetUp = SET_UPS[name];
    const expected = EXPECTATIONS[name];
    const because = whyNot?.() ?? null;
    const says = expected.kind === 'first' ? `says ${expected.id} first` : 'has nothing to say';
    if (because !== null) reportNotRun(`doctor: ${title}`, because);
    else
      it(`${says}: ${title}`, async ({ expect }) => {
        const outcome = await runSetUp(name);
        expect(outcome).toMatchObject({ kind: 'ran', problem: null });
      });
  }
});
