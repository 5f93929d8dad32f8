import { describe, expect, it } from 'vitest';
import { chooseCells } from '../chaos/cells.ts';
import { runRounds } from '../chaos/run-rounds.ts';
import { scheduleRounds } from '../chaos/schedule.ts';

/** A promised cell, and one in which the proxy takes what the connector then never gets. */
const CELLS = chooseCells('newest-event/retrying,wall-clock/buffering');
const LIMIT_MS = 120_000;

describe('chaos, two rounds of it (npm run chaos)', () => {
  it(
    'loses nothing that is promised, and nothing that is not predicted',
    async () => {
      const results = await runRounds({
        rounds: scheduleRounds(CELLS, CELLS.length, 7),
        lanes: CELLS.length,
        onRound: () => undefined,
      });
      expect(results.flatMap(({ cell, problems }) => problems.map((problem) => `${cell}: ${problem}`))).toEqual([]);
      expect(Math.min(...results.map(({ stored }) => stored))).toBeGreaterThan(50);
    },
    LIMIT_MS,
  );
});
