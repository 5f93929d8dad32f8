import { describe, expect, it } from 'vitest';
import { alertIdentity } from '../../../src/domain/alert-identity.ts';

describe('what names an alert whichever API delivered it', () => {
  it.each([
    ['da637551227677560813_-961444813', '637551227677560813_-961444813'],
    ['637551227677560813_-961444813', '637551227677560813_-961444813'],
    ['da637472900382838869_1364969609', '637472900382838869_1364969609'],
  ])('leaves the prefix of an endpoint number out: %s', (alertId, identity) => {
    expect(alertIdentity(alertId)).toBe(identity);
  });

  it.each([
    'da-1',
    'da0fa1b6d7-7df4-4e07-9f43-9c5d7a1d2c3e_1',
    '0fa1b6d7-7df4-4e07-9f43-9c5d7a1d2c3e_1',
    // 32 digits that are a guid without its hyphens.
    `da${'1'.repeat(32)}_1`,
    'fa637551227677560813_-961444813',
    'DA637551227677560813_-961444813',
    'dada637551227677560813_-961444813',
    'da637551227677560813',
    'da637551227677560813_',
    'da637551227677560813_-961444813 ',
    'da637551227677560813_-961444813_2',
    '',
  ])('leaves every other id as it is: %s', (alertId) => {
    expect(alertIdentity(alertId)).toBe(alertId);
  });
});
