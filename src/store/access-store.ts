import type { ConnectorAuth } from '../domain/connector-auth.ts';

export interface StoredConnector {
  readonly name: string;
  readonly auth: ConnectorAuth;
  /** Names of the feeds that it may read; null: every one. */
  readonly feeds: readonly string[] | null;
  readonly createdMs: number;
}
export interface StoredOperator {
  readonly name: string;
  readonly passwordHash: string;
}

/** An authorization code, by its hash. */
export interface StoredCode {
  readonly codeHash: string;
  readonly clientId: string;
  readonly connector: string;
  readonly redirectUri: string;
  /** Null: the client sent none. */
  readonly codeChallenge: string | null;
  readonly operator: string;
  readonly expiresMs: number;
  /** Of the refresh token that it is exchanged for. */
  readonly grant: string;
}

/** A refresh token, by its hash. Those that followed one another by rotation have one grant. */
export interface StoredRefreshToken {
  readonly tokenHash: string;
  /** Short random id, shown by `token list`; revoking goes by it. */
  readonly grant: string;
  readonly connector: string;
  readonly clientId: string;
  /** Who signed in for it or ran the command. */
  readonly createdBy: string;
  readonly createdMs: number;
  /** To the day; null: never. */
  readonly usedMs: number | null;
  /** When its successor was made; null: it is the newest of its grant. */
  readonly replacedMs: number | null;
}

/**
 * Logins that were created, and what OAuth2 has given out, apart from the event store: losing events must not lose logins.
 * Several processes have it open: commands change it while `serve` reads it. Every call throws a BridgeError where the
 * file cannot be read or written.
 */
export interface AccessStore {
  /** Another one after every change of connectors, operators or tokens that any process has made; cheap. */
  version(): string;
  connectors(): readonly StoredConnector[];
  operators(): readonly StoredOperator[];
  /** In place of one of that name, if there is one. */
  putConnector(connector: StoredConnector): void;
  /** With all its tokens and codes. False: there was none. */
  removeConnector(name: string): boolean;
  addOperator(operator: StoredOperator): void;
  /** 32 random bytes, made once: they sign access tokens and make successors of refresh tokens. Never shown. */
  signingKey(): Buffer;
  putCode(code: StoredCode): void;
  /** Uses the code up; whoever comes second is told so. Null: no such code, or it was forgotten (a day after its end). */
  takeCode(codeHash: string): { readonly code: StoredCode; readonly wasUsed: boolean } | null;
  putRefreshToken(token: StoredRefreshToken): void;
  refreshToken(tokenHash: string): StoredRefreshToken | null;
  /** Newest first. */
  refreshTokens(): readonly StoredRefreshToken[];
  /** Whether a grant still has a token; access tokens of others are refused. */
  hasGrant(grant: string): boolean;
  /** In one transaction; a token that has a successor already keeps the first. */
  replaceRefreshToken(tokenHash: string, successor: StoredRefreshToken): void;
  noteUse(tokenHash: string, nowMs: number): void;
  /** Everything of the grant. False: there was nothing. */
  revokeGrant(grant: string): boolean;
  close(): void;
}
