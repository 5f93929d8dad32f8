import { describe, expect, it } from 'vitest';
import { createTrust } from '../../../src/defender/trust.ts';
import { aKeyPair } from '../../support/key-pair.ts';

const [ONE, OTHER] = ['one', 'other'].map((name) => aKeyPair(name).certificatePem);

describe('what the tenants of a process trust', () => {
  it('is made once for the same certificates, and is another for others', () => {
    const trust = createTrust();
    const made = trust([String(ONE)]);
    expect(trust([String(ONE)])).toBe(made);
    expect(trust([String(OTHER)])).not.toBe(made);
    expect(trust([String(ONE), String(OTHER)])).not.toBe(made);
  });
});
