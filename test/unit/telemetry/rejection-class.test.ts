import { describe, expect, it } from 'vitest';
import { normaliseAlerts } from '../../../src/defender/map/graph-payload.ts';
import { rejectionClass } from '../../../src/telemetry/rejection-class.ts';

describe('the class of a rejection', () => {
  it('is known for every reason that the normaliser gives', () => {
    const id = 'da1';
    const lastUpdateDateTime = '2026-03-01T12:00:00Z';
    const bad: readonly unknown[] = [
      7,
      {},
      { id },
      { id, lastUpdateDateTime, evidence: 'x' },
      { id, lastUpdateDateTime, evidence: [null, 3] },
    ];
    const classes = normaliseAlerts(bad).rejected.map(({ reason }) => rejectionClass(reason));
    expect(classes).toEqual([
      'not-an-object',
      'no-id',
      'no-update-time',
      'evidence-not-a-list',
      'evidence-not-an-object',
      'evidence-not-an-object',
    ]);
  });

  it('is other for words that nobody classified', () => {
    expect(rejectionClass('the word xyz is not known')).toBe('other');
  });
});
