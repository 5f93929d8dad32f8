import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';

/** What an access token says. */
export interface AccessClaims {
  readonly connector: string;
  readonly clientId: string;
  /** Of the refresh token behind it: revoked, it takes its access tokens along. */
  readonly grant: string;
}

/**
 * Access tokens that nobody has to remember: claims and an HMAC under the key of the database of logins. A refresh
 * therefore writes nothing, and a token outlives a restart.
 */
export interface AccessTokens {
  issue(claims: AccessClaims): { readonly token: string; readonly expiresMs: number };
  /** Null for a text that is no token of this bridge, and for one that has expired. */
  read(token: string): AccessClaims | null;
  /** An expired one, too; null for a text that is no token of this bridge. */
  look(token: string): { readonly claims: AccessClaims; readonly isExpired: boolean } | null;
}

export const ACCESS_TOKEN_LIFE_MS = 3_600_000;

/** Base64url of the claims as JSON, a dot, base64url of the HMAC: within the b64token of RFC 6750 2.1. */
const FORM = /^([A-Za-z0-9_-]{1,4096})\.([A-Za-z0-9_-]{43})$/;
/** Keeps these HMACs apart from others under the same key. */
const PURPOSE = 'flexbridge access token 1\n';

/** @param key `AccessStore.signingKey()` */
export function createAccessTokens({ key, clock }: { readonly key: Buffer; readonly clock: Clock }): AccessTokens {
  const sign = (payload: string): Buffer =>
    createHmac('sha256', key)
      .update(PURPOSE + payload)
      .digest();
  const look: AccessTokens['look'] = (token) => {
    const [, payload = '', signature = ''] = FORM.exec(token) ?? [];
    const given = Buffer.from(signature, 'base64url');
    const right = sign(payload);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
    const [connector, clientId, grant, expiresMs] = membersOf(payload);
    if (typeof connector !== 'string' || typeof clientId !== 'string') return null;
    if (typeof grant !== 'string' || typeof expiresMs !== 'number') return null;
    return { claims: { connector, clientId, grant }, isExpired: clock.now() >= expiresMs };
  };
  return {
    issue({ connector, clientId, grant }) {
      const expiresMs = clock.now() + ACCESS_TOKEN_LIFE_MS;
      const payload = Buffer.from(JSON.stringify([connector, clientId, grant, expiresMs])).toString('base64url');
      return { token: `${payload}.${sign(payload).toString('base64url')}`, expiresMs };
    },
    look,
    read(token) {
      const found = look(token);
      return found === null || found.isExpired ? null : found.claims;
    },
  };
}

function membersOf(payload: string): readonly unknown[] {
  const members: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return Array.isArray(members) ? members : [];
}
