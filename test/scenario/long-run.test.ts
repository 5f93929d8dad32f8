import { describe, expect, it } from 'vitest';
import { SOURCE_NAMES } from '../../src/domain/detection.ts';
import { printDiscrepancies } from '../longrun/printout.ts';
import { runLong } from '../longrun/run.ts';

/** `npm run longrun` in small. */
const SMALL = { alerts: 400, days: 0.25, faults: 0.2, longOutageHours: 1, requestTimeoutMs: 1000, turnsARestart: 4 };

describe('a day of faults, outages and restarts', () => {
  it('ends with every version that an answer contained stored and told once, by each API', {
    timeout: 300_000,
  }, async () => {
    const result = await runLong({ ...SMALL, seed: 5, apis: SOURCE_NAMES }, () => undefined);
    expect(printDiscrepancies(result)).toBe('');
    const { counts } = result;
    expect(counts).toMatchObject({ alerts: 400, missing: 0, twice: 0, wrong: 0 });
    // It was no fair weather.
    expect(counts.seen + counts.overwritten + counts.hidden + counts.tooYoung).toBe(counts.made);
    expect(Math.min(counts.stops, counts.kills, counts.broken, counts.stale, counts.overwritten)).toBeGreaterThan(0);
    expect(Object.keys(counts.faults).length).toBeGreaterThan(30);
  });
});
