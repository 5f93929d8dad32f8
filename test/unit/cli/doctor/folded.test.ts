import { describe, expect, it } from 'vitest';
import { folded } from '../../../../src/cli/doctor/folded.ts';
import { type Finding, ok } from '../../../../src/domain/finding.ts';

const many = (count: number): readonly Finding[] =>
  Array.from({ length: count }, (_, index) => ok('tls', `tenant-${index}`, 'Trusted.'));
const bad: Finding = { ...ok('tls', 'bad', 'Not trusted.'), state: 'failed', remedy: 'do it' };

describe('the rows for a screen', () => {
  it('are all there while they are few', () => {
    const rows = [bad, ...many(8), ok('store', 'store', 'Readable.')];
    expect(folded(rows)).toEqual(rows);
  });

  it('of many tenants that are ok are one, and what is not ok stays', () => {
    expect(folded([bad, ...many(200), ok('store', 'store', 'Readable.')])).toEqual([
      bad,
      ok('tls', '200 of them', 'tenant-0, tenant-1, tenant-2, tenant-3, tenant-4 and 195 more; --json shows each.'),
      ok('store', 'store', 'Readable.'),
    ]);
  });
});
