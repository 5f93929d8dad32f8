import { type ConnectorAuth, type ConnectorAuthKind, DEFAULT_REDIRECT_URIS } from '../domain/connector-auth.ts';
import type { ParserSettings } from './parser-file.ts';

/** How the connector that the pack is for logs in. No secret is ever part of it. */
export type PackLogin =
  | {
      readonly kind: 'oauth2';
      /** Name of the connector's login. */
      readonly connector: string;
      readonly clientId: string;
      /** Where the connector waits for its code while a browser signs in. */
      readonly redirectUri: string;
    }
  | { readonly kind: Exclude<ConnectorAuthKind, 'oauth2'>; readonly connector: string };

/** Everything that shapes a pack: the same settings give the same bytes. */
export interface PackSettings extends ParserSettings {
  /** Base URL of the bridge; a slash at its end does no harm. */
  readonly publicUrl: string;
  readonly login: PackLogin;
  /** The bridge's own CA; null: it serves a certificate of somebody else's, or has not made one yet. */
  readonly caPem: string | null;
}

/** How a pack says who its connector is. */
export function packLogin({ name, auth }: { readonly name: string; readonly auth: ConnectorAuth }): PackLogin {
  if (auth.kind !== 'oauth2') return { kind: auth.kind, connector: name };
  const { clientId, redirectUris } = auth;
  return { kind: 'oauth2', connector: name, clientId, redirectUri: redirectUris[0] ?? DEFAULT_REDIRECT_URIS[0] };
}
