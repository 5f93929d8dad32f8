import { describe, expect, it } from 'vitest';
import { PROBE_NAMES, planProbes } from '../../../src/domain/observation-probe.ts';

describe('the plan of the probes', () => {
  it('spreads them over the time, each twice, what may stop a connector last', () => {
    expect(planProbes(['error-401', 'slow', 'empty'], 70_000)).toEqual([
      { probe: 'empty', afterMs: 10_000 },
      { probe: 'slow', afterMs: 20_000 },
      { probe: 'empty', afterMs: 30_000 },
      { probe: 'slow', afterMs: 40_000 },
      { probe: 'error-401', afterMs: 50_000 },
      { probe: 'error-401', afterMs: 60_000 },
    ]);
  });

  it('has every probe where all are asked for, and none where none is', () => {
    expect(planProbes(PROBE_NAMES, 1000)).toHaveLength(2 * PROBE_NAMES.length);
    expect(planProbes([], 1000)).toEqual([]);
  });
});
