import { describe, expect, it } from 'vitest';
import { byState, type Finding, type FindingState, worstState } from '../../../src/domain/finding.ts';

function finding(state: FindingState, subject: string): Finding {
  return { id: 'feed', state, subject, sinceMs: null, meaning: '', remedy: '' };
}

describe('the table of findings', () => {
  it('has the state of its worst row, and is ok when it is empty', () => {
    expect(worstState([])).toBe('ok');
    expect(worstState([finding('ok', 'a')])).toBe('ok');
    expect(worstState([finding('ok', 'a'), finding('warning', 'b')])).toBe('warning');
    expect(worstState([finding('warning', 'a'), finding('failed', 'b'), finding('ok', 'c')])).toBe('failed');
  });

  it('shows the worst first and leaves equals in their order', () => {
    const rows = [
      finding('ok', 'a'),
      finding('warning', 'b'),
      finding('failed', 'c'),
      finding('warning', 'd'),
      finding('failed', 'e'),
    ];
    expect(byState(rows).map(({ subject }) => subject)).toEqual(['c', 'e', 'b', 'd', 'a']);
    expect(rows[0]?.subject).toBe('a');
  });
});
