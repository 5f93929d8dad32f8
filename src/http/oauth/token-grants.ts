import type { Clock } from '../../domain/clock.ts';
import { generateToken, hashSecret } from '../../domain/credential.ts';
import type { AccessStore, StoredCode, StoredRefreshToken } from '../../store/access-store.ts';
import type { OAuthClient } from '../access.ts';
import { successorOf } from './token-successor.ts';

const DAY_MS = 86_400_000;
/** How long a token that has a successor still gives this successor: a connector may have lost the answer. */
const REPLACED_LIFE_MS = DAY_MS;
/** A refresh token that nobody has used for so long is refused. */
const UNUSED_LIFE_MS = 400 * DAY_MS;

/** A grant to go on with, or why there is none: for the client, in words. */
export type Found<Value> =
  | { readonly kind: 'found'; readonly value: Value }
  /** `revoked`: the grant that was ended because of it. */
  | { readonly kind: 'refused'; readonly reason: string; readonly revoked?: string };

/** The lifetimes and bindings of what has been given out, by the injected clock. Every call may throw: nothing is decided. */
export interface TokenGrants {
  /** Uses the code up. */
  takeCode(code: string, client: OAuthClient, redirectUri: string | undefined): Found<StoredCode>;
  refreshToken(token: string, client: OAuthClient): Found<StoredRefreshToken>;
  /** The first refresh token of a grant. Refused when the code was sent a second time while the first was under way. */
  begin(code: StoredCode): Found<string>;
  /** What the client shall present next time: the same token, or its successor where tokens rotate. */
  next(token: string, stored: StoredRefreshToken, client: OAuthClient): string;
}

export function createTokenGrants({
  accessStore: store,
  clock,
}: {
  readonly accessStore: AccessStore;
  readonly clock: Clock;
}): TokenGrants {
  return {
    takeCode(text, client, redirectUri) {
      const taken = store.takeCode(hashSecret(text));
      if (taken === null) return refused('this authorization code is not known');
      const { code, wasUsed } = taken;
      if (wasUsed) {
        // RFC 6749 4.1.2: somebody else may have used it first.
        store.revokeGrant(code.grant);
        return { ...refused('this authorization code was used before; what it gave is revoked'), revoked: code.grant };
      }
      if (!isOf(code, client)) return refused('this authorization code was given to another client');
      if (clock.now() >= code.expiresMs) return refused('this authorization code has expired; it lives for 60 seconds');
      if (redirectUri !== undefined && redirectUri !== code.redirectUri) {
        return refused('redirect_uri is not the one that the authorization code was asked for');
      }
      return { kind: 'found', value: code };
    },
    refreshToken(text, client) {
      const stored = store.refreshToken(hashSecret(text));
      if (stored === null) return refused('this refresh token is not known, or it was revoked');
      if (!isOf(stored, client)) return refused('this refresh token was given to another client');
      const { createdMs, usedMs, replacedMs } = stored;
      if (replacedMs !== null && clock.now() - replacedMs > REPLACED_LIFE_MS) {
        return refused('this refresh token was replaced more than a day ago');
      }
      if (clock.now() - Math.max(createdMs, usedMs ?? 0) > UNUSED_LIFE_MS) {
        return refused('this refresh token was not used for 400 days');
      }
      return { kind: 'found', value: stored };
    },
    begin({ codeHash, grant, connector, clientId, operator }) {
      const token = generateToken();
      store.putRefreshToken({
        tokenHash: hashSecret(token),
        grant,
        connector,
        clientId,
        createdBy: operator,
        createdMs: clock.now(),
        usedMs: null,
        replacedMs: null,
      });
      // A second use takes the code away with its grant; this token is then younger than the revocation.
      if (store.takeCode(codeHash) === null) {
        store.revokeGrant(grant);
        return { ...refused('this authorization code was revoked while it was exchanged'), revoked: grant };
      }
      return { kind: 'found', value: token };
    },
    next(token, stored, client) {
      if (stored.replacedMs !== null) return successorOf(token, store.signingKey());
      if (client.auth.rotatesRefreshTokens) return rotate(store, token, stored, clock.now());
      noteUse(store, stored, clock.now());
      return token;
    },
  };
}

/** A full disk must not end the login of a connector: the day of the last use is only for people, and for the 400 days. */
function noteUse(store: AccessStore, stored: StoredRefreshToken, nowMs: number): void {
  try {
    store.noteUse(stored.tokenHash, nowMs);
  } catch {
    // Tried again at the next refresh; that the disk is full is found and told by the store of events.
  }
}

/** Where the successor cannot be written the token stays what it is: it works, and rotates another time. */
function rotate(store: AccessStore, token: string, stored: StoredRefreshToken, nowMs: number): string {
  try {
    const successor = successorOf(token, store.signingKey());
    const { grant, connector, clientId, createdBy } = stored;
    store.replaceRefreshToken(stored.tokenHash, {
      tokenHash: hashSecret(successor),
      grant,
      connector,
      clientId,
      createdBy,
      createdMs: nowMs,
      // Of the grant, as people see it: that it is used is known.
      usedMs: nowMs - (nowMs % DAY_MS),
      replacedMs: null,
    });
    return successor;
  } catch {
    return token;
  }
}

function isOf(given: { readonly clientId: string; readonly connector: string }, client: OAuthClient): boolean {
  return given.clientId === client.auth.clientId && given.connector === client.connector;
}

function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason };
}
