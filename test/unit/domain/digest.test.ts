import { describe, expect, it } from 'vitest';
import { detectionId, factsHash } from '../../../src/domain/digest.ts';

describe('the hash of facts', () => {
  it('is the same whatever the order of members, lists and sets, and lists compare as sets', () => {
    const one = factsHash([{ Severity: 'High', MitreTechniques: ['T1', 'T2'] }, { FileName: 'a' }]);
    expect(factsHash([{ FileName: 'a' }, { MitreTechniques: ['T2', 'T1', 'T2'], Severity: 'High' }])).toBe(one);
    expect(factsHash([{ Severity: 'High', MitreTechniques: ['T1'] }, { FileName: 'a' }])).not.toBe(one);
  });

  it('tells a value from a list and a text from a number', () => {
    const hashes = [{ Status: '1' }, { Status: 1 }, { Status: ['1'] }, {}].map((facts) => factsHash([facts]));
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('the id of a detection', () => {
  it('names tenant, alert and place, the tenant in any case', () => {
    const ids = [
      detectionId('t', 'a', 1),
      detectionId('u', 'a', 1),
      detectionId('t', 'b', 1),
      detectionId('t', 'a', 2),
    ];
    expect(new Set(ids).size).toBe(4);
    expect(detectionId('T', 'a', 1)).toBe(ids[0]);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});
