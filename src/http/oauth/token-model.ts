import OAuth2Server from '@node-oauth/oauth2-server';
import type { OAuthClient } from '../access.ts';
import { ACCESS_TOKEN_LIFE_MS, type AccessTokens } from './access-token.ts';
import type { Found, TokenGrants } from './token-grants.ts';

/** What one token request has led to, apart from the answer. */
export interface TokenOutcome {
  /** Why there is no grant, for client and auditor. */
  refusal: { readonly reason: string; readonly revoked?: string } | null;
  /** The grant of a code that was exchanged. */
  issued: string | null;
}

type Model = OAuth2Server.AuthorizationCodeModel & OAuth2Server.RefreshTokenModel;

/** The library compares with the machine's clock; how long something lives is decided before, by the injected one. */
const DECIDED = new Date(8.64e15);

/** Of an access token, in seconds. */
const EXPIRES_IN = ACCESS_TOKEN_LIFE_MS / 1000;

const GRANT_TYPES = ['authorization_code', 'refresh_token'];

/**
 * What the library asks about one request of a client that has already shown its secret.
 * @param redirectUri as the request has it
 */
export function createTokenModel(
  deps: { readonly grants: TokenGrants; readonly tokens: AccessTokens },
  { client, redirectUri }: { readonly client: OAuthClient; readonly redirectUri: string | undefined },
): { readonly model: Model; readonly outcome: TokenOutcome } {
  const { grants, tokens } = deps;
  const outcome: TokenOutcome = { refusal: null, issued: null };
  const known = { id: client.auth.clientId, grants: GRANT_TYPES };
  let grant = '';
  let refreshToken = (): string => '';

  const take = <Value extends { readonly grant: string }>(found: Found<Value>, next: (value: Value) => string) => {
    if (found.kind === 'refused') {
      outcome.refusal = found;
      return null;
    }
    grant = found.value.grant;
    refreshToken = () => next(found.value);
    return found.value;
  };

  const model: Model = {
    getClient: () => Promise.resolve(known),
    getAuthorizationCode(authorizationCode) {
      const code = take(grants.takeCode(authorizationCode, client, redirectUri), (value) => {
        const begun = grants.begin(value);
        if (begun.kind === 'refused') {
          outcome.refusal = begun;
          throw new OAuth2Server.InvalidGrantError(begun.reason);
        }
        outcome.issued = value.grant;
        return begun.value;
      });
      if (code === null) return Promise.resolve(null);
      return Promise.resolve({
        authorizationCode,
        expiresAt: DECIDED,
        redirectUri: code.redirectUri,
        client: known,
        user: {},
        ...(code.codeChallenge !== null && { codeChallenge: code.codeChallenge, codeChallengeMethod: 'S256' }),
      });
    },
    // It was used up when it was read.
    revokeAuthorizationCode: () => Promise.resolve(true),
    getRefreshToken(text) {
      const stored = take(grants.refreshToken(text, client), (value) => grants.next(text, value, client));
      return Promise.resolve(stored === null ? null : { refreshToken: text, client: known, user: {} });
    },
    // Not called: the library is told to leave old tokens alone.
    revokeToken: () => Promise.resolve(true),
    generateAccessToken: () =>
      Promise.resolve(tokens.issue({ connector: client.connector, clientId: client.auth.clientId, grant }).token),
    saveToken({ accessToken }) {
      // An expiry as a date would be counted by the machine's clock.
      return Promise.resolve({
        accessToken,
        expires_in: EXPIRES_IN,
        refreshToken: refreshToken(),
        client: known,
        user: {},
      });
    },
    // Both belong to other endpoints; the library's types want them.
    saveAuthorizationCode: () => Promise.resolve(null),
    getAccessToken: () => Promise.resolve(null),
  };
  return { model, outcome };
}
