import { createHash, createHmac, randomBytes } from 'node:crypto';

/** A code or a refresh token: 256 bits of base64url. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Short, for people: `token list` shows it and `token revoke` takes it. */
export function randomGrant(): string {
  return randomBytes(5).toString('hex');
}

/** By this a code or a refresh token is stored and found: hex SHA-256. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * The refresh token that follows this one. It can be worked out again, so that a connector whose answer was lost gets the
 * same one for the old token; without the key nobody can.
 */
export function successorOf(token: string, signingKey: Buffer): string {
  return createHmac('sha256', signingKey).update(`flexbridge refresh token 1\n${token}`).digest('base64url');
}
