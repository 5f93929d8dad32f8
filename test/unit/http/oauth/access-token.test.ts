import { describe, expect, it } from 'vitest';
import { createAccessTokens } from '../../../../src/http/oauth/access-token.ts';
import { steppedClock } from '../../../support/clock.ts';

const KEY = Buffer.alloc(32, 7);
const CLAIMS = { connector: 'arcsight-01', clientId: 'ünï.client~"', grant: 'g1' };

describe('an access token', () => {
  it('says whose it is to every bridge with the same key, for an hour', () => {
    const clock = steppedClock('2026-01-01T12:00:00Z');
    const { token, expiresMs } = createAccessTokens({ key: KEY, clock }).issue(CLAIMS);
    expect(expiresMs).toBe(Date.parse('2026-01-01T13:00:00Z'));
    const other = createAccessTokens({ key: KEY, clock });
    clock.step(3_599_999);
    expect(other.read(token)).toEqual(CLAIMS);
    clock.step(1);
    expect(other.read(token)).toBeNull();
    expect(other.look(token)).toEqual({ claims: CLAIMS, isExpired: true });
  });

  it('fits the header of RFC 6750 2.1 and a URL as it is', () => {
    const { token } = createAccessTokens({ key: KEY, clock: steppedClock(0) }).issue(CLAIMS);
    expect(token).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  it('is none with a letter changed anywhere, cut, or signed with another key', () => {
    const clock = steppedClock(0);
    const tokens = createAccessTokens({ key: KEY, clock });
    const { token } = tokens.issue(CLAIMS);
    for (const [index, letter] of Array.from(token).entries()) {
      // The last letter of each half holds bits that do not count; a token with others is no other token.
      const changed = `${token.slice(0, index)}${letter === 'x' ? 'y' : 'x'}${token.slice(index + 1)}`;
      const read = tokens.look(changed);
      if (read !== null) expect([index, read.claims]).toEqual([token.length - 1, CLAIMS]);
    }
    const foreign = createAccessTokens({ key: Buffer.alloc(32, 8), clock }).issue(CLAIMS).token;
    for (const wrong of ['', '.', token.slice(1), token.slice(0, -1), `${token}.`, token.replace('.', ''), foreign])
      expect(tokens.look(wrong)).toBeNull();
  });
});
