import type { ConnectorAuth, OAuth2Auth } from '../domain/connector-auth.ts';
import { isHashOf, isOneOf } from '../domain/credential.ts';
import { type BridgeError, toBridgeError } from '../domain/errors.ts';
import type { LoginAttempt } from './login-attempt.ts';
import type { AccessTokens } from './oauth/access-token.ts';

export interface ConnectorLogin {
  readonly name: string;
  /** Feeds it may read. */
  readonly feeds: ReadonlySet<string>;
  readonly auth: ConnectorAuth;
}
export interface OperatorLogin {
  readonly name: string;
  readonly passwordHash: string;
}
/** Everybody who may log in. The same object for as long as nothing changed. */
export interface Logins {
  readonly connectors: readonly ConnectorLogin[];
  readonly operators: readonly OperatorLogin[];
}

export interface OAuthClient {
  readonly connector: string;
  /** Feeds it may read. */
  readonly feeds: ReadonlySet<string>;
  readonly auth: OAuth2Auth;
}

/** Everybody by what is known of them at a request. */
export interface LoginIndex {
  readonly connectors: ReadonlyMap<string, ConnectorLogin>;
  /** By client id. */
  readonly clients: ReadonlyMap<string, OAuthClient>;
  /** Name and password hash. */
  readonly operators: ReadonlyMap<string, string>;
  /** Why there may be more logins than these; null: there are no others. */
  readonly unread: BridgeError | null;
}

/**
 * @param logins may throw while the database of logins cannot be read
 * @param configured those that need no database: they hold even then
 */
export function loginIndex(
  logins: () => Logins,
  configured: Logins = { connectors: [], operators: [] },
): () => LoginIndex {
  let seen: Logins | null = null;
  let index = indexOf(configured, null);
  return () => {
    try {
      const now = logins();
      if (now !== seen) index = indexOf(now, null);
      seen = now;
      return index;
    } catch (error) {
      return indexOf(configured, toBridgeError(error));
    }
  };
}

function indexOf({ connectors, operators }: Logins, unread: BridgeError | null): LoginIndex {
  return {
    connectors: new Map(connectors.map((login) => [login.name, login])),
    clients: new Map(
      connectors.flatMap(({ name, feeds, auth }) =>
        auth.kind === 'oauth2' ? [[auth.clientId, { connector: name, feeds, auth }] as const] : [],
      ),
    ),
    operators: new Map(operators.map(({ name, passwordHash }) => [name, passwordHash])),
    unread,
  };
}

/** What is not among the logins that are known may be among those that cannot be read: that is no wrong login. */
export function throwIfUnread({ unread }: LoginIndex): void {
  if (unread !== null) throw unread;
}

export interface ConnectorCheck {
  readonly tokens: AccessTokens;
  readonly hasGrant: (grant: string) => boolean;
  readonly clientCa?: boolean;
}

/** The connector whose login this is; null for a wrong one, and for an operator's. */
export function findConnector(index: LoginIndex, attempt: LoginAttempt, check: ConnectorCheck): ConnectorLogin | null {
  switch (attempt.by) {
    case 'basic': {
      const login = index.connectors.get(attempt.name) ?? null;
      return isOneOf(attempt.password, passwordHashes(login?.auth)) ? login : null;
    }
    case 'bearer':
      return findBearer(index, attempt.token, check);
    case 'certificate': {
      const { fingerprint, authorized } = attempt;
      if (check.clientCa === true && !authorized) return null;
      return find(index, (auth) => auth.kind === 'mtls' && auth.fingerprints.some((one) => isHashOf(fingerprint, one)));
    }
    case 'urlKey':
      return find(index, (auth) => auth.kind === 'urlKey' && isOneOf(attempt.key, auth.keyHashes));
    case 'other':
      return null;
  }
}

/** Hashes of what the connector may send as its password. */
function passwordHashes(auth: ConnectorAuth | undefined): readonly string[] {
  if (auth?.kind === 'basic') return auth.secretHashes;
  return auth?.kind === 'oauth2' && auth.acceptsBasic ? auth.secretHashes : [];
}

/** A token is good while its connector is still that client and nobody revoked what it was given for. */
function findBearer(index: LoginIndex, token: string, { tokens, hasGrant }: ConnectorCheck): ConnectorLogin | null {
  const claims = tokens.read(token);
  if (claims === null) return null;
  const login = index.connectors.get(claims.connector);
  if (login?.auth.kind !== 'oauth2' || login.auth.clientId !== claims.clientId) return null;
  return hasGrant(claims.grant) ? login : null;
}

/** Looks at every one, so that the time taken does not tell which. */
function find(index: LoginIndex, isIts: (auth: ConnectorAuth) => boolean): ConnectorLogin | null {
  const [found = null] = [...index.connectors.values()].filter(({ auth }) => isIts(auth));
  return found;
}
