import { describe, expect, it } from 'vitest';
import {
  adopt,
  type Comparison,
  describeChanges,
  overlay,
  pickSignificant,
  SIGNIFICANT_ALERT_FACTS,
  SIGNIFICANT_ITEM_FACTS,
  type Significant,
} from '../../../src/domain/significant.ts';

function alertChanges(before: Significant, after: Significant, by: Comparison = 'full') {
  return describeChanges(before, after, { names: SIGNIFICANT_ALERT_FACTS, by });
}

function itemChanges(before: Significant, after: Significant, by: Comparison = 'full') {
  return describeChanges(before, after, { names: SIGNIFICANT_ITEM_FACTS, by });
}

describe('a significant change', () => {
  it('is told name by name, an unknown side as none', () => {
    expect(
      alertChanges({ Severity: 'Low', Status: 'new' }, { Severity: 'High', Classification: 'truePositive' }),
    ).toEqual(['Severity Low -> High', 'Status new -> none', 'Classification none -> truePositive']);
  });

  it('is no difference in case or punctuation', () => {
    const before = { Status: 'InProgress', Classification: 'Informational, expected activity' };
    const after = { Status: 'inProgress', Classification: 'informationalExpectedActivity' };
    expect(alertChanges(before, after)).toEqual([]);
    expect(alertChanges({ Status: 'novo' }, { Status: 'nóvo' })).toEqual(['Status novo -> nóvo']);
  });

  it('of a fact that was not compared when the state was stored says nothing', () => {
    const names = [...SIGNIFICANT_ALERT_FACTS, 'AssignedTo'] as const;
    const changes = (before: Significant, assignedTo?: string) =>
      describeChanges(before, pickSignificant(assignedTo === undefined ? {} : { AssignedTo: assignedTo }, names), {
        names,
        by: 'full',
      });
    expect(changes({}, 'kim')).toEqual([]);
    expect(changes(pickSignificant({}, names), 'kim')).toEqual(['AssignedTo none -> kim']);
    expect(changes(pickSignificant({ AssignedTo: 'kim' }, names))).toEqual(['AssignedTo kim -> none']);
  });

  it('between two APIs is only what both say in words that mean the same', () => {
    expect(alertChanges({ Severity: 'Low', Status: 'New' }, { Severity: 'High', Status: 'new' }, 'lenient')).toEqual([
      'Severity Low -> High',
    ]);
    expect(alertChanges({ Status: 'new' }, { Classification: 'truePositive' }, 'lenient')).toEqual([]);
    expect(alertChanges({ Severity: 'UnSpecified' }, { Severity: 'High' }, 'lenient')).toEqual([]);
    expect(alertChanges({ Severity: 'UnSpecified' }, { Severity: 'High' })).toHaveLength(1);
    expect(itemChanges({ RemediationAction: 'Quarantine' }, { RemediationAction: 'remediated' }, 'lenient')).toEqual(
      [],
    );
    expect(itemChanges({ RemediationAction: 'prevented' }, { RemediationAction: 'unremediated' }, 'lenient')).toEqual([
      'RemediationAction prevented -> unremediated',
    ]);
    expect(itemChanges({ Verdict: 'suspicious' }, { Verdict: 'malicious' }, 'none')).toEqual([]);
  });
});

describe('what is remembered', () => {
  it('is what was said last, but an older version of another API takes nothing back', () => {
    const before = { Status: 'resolved', Classification: 'truePositive' };
    expect(adopt(before, { Status: 'new', Severity: 'Low' }, 'lenient')).toEqual({ Status: 'new', Severity: 'Low' });
    expect(adopt(before, { Status: 'new', Severity: 'Low' }, 'none')).toEqual({ Status: 'resolved', Severity: 'Low' });
    expect(adopt(undefined, { Status: 'new' }, 'none')).toEqual({ Status: 'new' });
  });

  it('stays as it was where a part says nothing', () => {
    expect(
      overlay({ Severity: 'Low', Status: 'new', AssignedTo: 'kim' }, { Severity: 'High', AssignedTo: null }),
    ).toEqual({ Severity: 'High', Status: 'new', AssignedTo: 'kim' });
    expect(overlay({}, { AssignedTo: null })).toEqual({ AssignedTo: null });
  });
});
