import { createHmac } from 'node:crypto';

/**
 * The refresh token that follows this one. It can be worked out again, so that a connector whose answer was lost gets the
 * same one for the old token; without the key nobody can.
 */
export function successorOf(token: string, signingKey: Buffer): string {
  return createHmac('sha256', signingKey).update(`flexbridge refresh token 1\n${token}`).digest('base64url');
}
