import { DEFAULT_REDIRECT_URIS } from '../domain/connector-auth.ts';
import type { PackLogin } from './pack-settings.ts';
import { BLANK, comment, entry, type PropertyLine, writeProperties } from './properties-text.ts';
import { publicAddress } from './public-url.ts';

export interface ClientFileSettings {
  readonly feed: string;
  readonly publicUrl: string;
  readonly login: PackLogin;
  /** Only for a file that goes straight to the administrator; without it the placeholder is written. */
  readonly clientSecret?: string;
}

/** Stand for what the administrator fills in; `comparePack` takes any value in their place. */
export const PLACEHOLDERS = { clientId: 'PUT-THE-CLIENT-ID-HERE', clientSecret: 'PUT-THE-CLIENT-SECRET-HERE' } as const;

/** Key of the secret in the file. */
export const CLIENT_SECRET_KEY = 'client_secret';

/** Text of `<feed>.properties`, the OAuth2 client properties file of the wizard, with every key of flexconnector.md 3. */
export function renderClientFile({ feed, publicUrl, login, clientSecret }: ClientFileSettings): string {
  const { clientId, redirectUri } =
    login.kind === 'oauth2' ? login : { clientId: PLACEHOLDERS.clientId, redirectUri: DEFAULT_REDIRECT_URIS[0] };
  return writeProperties([
    comment(
      `${feed}.properties: OAuth2 client file of the FlexBridge feed "${feed}" for the ArcSight FlexConnector REST.`,
    ),
    ...aboutLogin(login),
    comment('With a secret in it, let nobody read this file but the user that the connector runs as.'),
    BLANK,
    comment('The login at the bridge. The spelling of these two keys is not sourced.'),
    entry('client_id', clientId),
    entry(CLIENT_SECRET_KEY, clientSecret ?? PLACEHOLDERS.clientSecret),
    BLANK,
    entry('auth_url', publicAddress(publicUrl, '/oauth2/authorize')),
    entry('token_url', publicAddress(publicUrl, '/oauth2/token')),
    BLANK,
    comment('The connector itself listens here while a browser signs in.'),
    entry('redirect_uri', redirectUri),
    comment('May stay empty.'),
    entry('scope', ''),
    comment('true makes the connector ask for a new sign-in in a browser at its next start.'),
    entry('reauthenticate', 'false'),
  ]);
}

function aboutLogin({ kind, connector }: PackLogin): readonly PropertyLine[] {
  if (kind === 'oauth2') return [comment(`For the login "${connector}". INSTALL.md says where its secret comes from.`)];
  return [
    comment(`Not used: the login "${connector}" is of another kind. It is here for a change to OAuth2, which needs`),
    comment('a login made by "flexbridge connector create --kind oauth2".'),
  ];
}
