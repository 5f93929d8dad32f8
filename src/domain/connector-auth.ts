/** How a connector proves who it is. Hashes are hex SHA-256 in lower case; two may be live during a rotation. */
export type ConnectorAuth = BasicAuth | OAuth2Auth | UrlKeyAuth | MtlsAuth;
export type ConnectorAuthKind = ConnectorAuth['kind'];

/** HTTP Basic: the connector's name and its secret. */
export interface BasicAuth {
  readonly kind: 'basic';
  readonly secretHashes: readonly string[];
}

/** OAuth2 at this bridge: authorization code and refresh token. */
export interface OAuth2Auth {
  readonly kind: 'oauth2';
  readonly clientId: string;
  /** Of the client secret. */
  readonly secretHashes: readonly string[];
  /** Loopback addresses, http or https; the port in a request may be any, the rest is compared exactly (RFC 8252 7.3). */
  readonly redirectUris: readonly string[];
  /** Name and client secret are taken as HTTP Basic by the feeds, too: for a wizard that offers no OAuth2. */
  readonly acceptsBasic: boolean;
  /** Each refresh gives a new refresh token in place of the old one. */
  readonly rotatesRefreshTokens: boolean;
}

/** `?key=...` in the Events URL, for a connector that can send nothing else. Refused unless `server.urlKeys` is on. */
export interface UrlKeyAuth {
  readonly kind: 'urlKey';
  readonly keyHashes: readonly string[];
}

/** A client certificate, pinned. */
export interface MtlsAuth {
  readonly kind: 'mtls';
  /** SHA-256 of the certificate in DER. */
  readonly fingerprints: readonly string[];
}

/** What the client file of the pack proposes, and what a client without redirect URIs of its own may use (flexconnector 3). */
export const DEFAULT_REDIRECT_URIS = [
  'http://localhost:44300/flexbridge',
  'https://localhost:44300/flexbridge',
] as const;
