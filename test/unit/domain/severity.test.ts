import { describe, expect, it } from 'vitest';
import { isAtLeast, SEVERITIES, toSeverity } from '../../../src/domain/severity.ts';

describe('a severity', () => {
  it("is Microsoft's word in any case", () => {
    for (const severity of SEVERITIES)
      for (const word of [severity, severity.toLowerCase(), severity.toUpperCase()])
        expect(toSeverity(word)).toBe(severity);
  });

  it.each([undefined, null, '', 'unknown', 'unknownFutureValue', 'Hi', ' High'])('is UnSpecified for %j', (word) => {
    expect(toSeverity(word)).toBe('UnSpecified');
  });

  it('reaches a floor when it is as high or higher', () => {
    const known = ['High', 'Medium', 'Low', 'Informational'] as const;
    for (const [rank, severity] of known.entries())
      for (const [floorRank, floor] of known.entries()) expect(isAtLeast(severity, floor)).toBe(rank <= floorRank);
  });

  it('that is unknown passes every floor, and every severity passes an unknown one: nothing is hidden', () => {
    for (const severity of SEVERITIES) {
      expect(isAtLeast('UnSpecified', severity)).toBe(true);
      expect(isAtLeast(severity, 'UnSpecified')).toBe(true);
    }
  });
});
