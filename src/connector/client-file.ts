import { BLANK, comment, entry, writeProperties } from './properties-text.ts';
import { publicAddress } from './public-url.ts';

export interface ClientFileSettings {
  readonly feed: string;
  readonly publicUrl: string;
  /** A placeholder is written when it is not known yet. */
  readonly clientId?: string;
}

/** Stand for what the administrator fills in; `comparePack` takes any value in their place. */
export const PLACEHOLDERS = { clientId: 'PUT-THE-CLIENT-ID-HERE', clientSecret: 'PUT-THE-CLIENT-SECRET-HERE' } as const;

/** Plain http on the loopback address: with https the browser would stop at the connector's own certificate (flexconnector 3). */
const REDIRECT_URI = 'http://localhost:44300/flexbridge';

/** Text of `<feed>.properties`, the OAuth2 client properties file of the wizard. Never holds a real secret. */
export function renderClientFile({ feed, publicUrl, clientId = PLACEHOLDERS.clientId }: ClientFileSettings): string {
  return writeProperties([
    comment(
      `${feed}.properties: OAuth2 client file of the FlexBridge feed "${feed}" for the ArcSight FlexConnector REST.`,
    ),
    comment('NOT NEEDED YET. The bridge does not yet answer these two URLs; choose Basic.'),
    comment('The file is complete in its keys, so that it can be filled in once the bridge does.'),
    BLANK,
    comment('Given to you by whoever runs the bridge.'),
    entry('client_id', clientId),
    entry('client_secret', PLACEHOLDERS.clientSecret),
    BLANK,
    entry('auth_url', publicAddress(publicUrl, '/oauth2/authorize')),
    entry('token_url', publicAddress(publicUrl, '/oauth2/token')),
    BLANK,
    comment('The connector itself listens here while a browser signs in.'),
    entry('redirect_uri', REDIRECT_URI),
    comment('May stay empty.'),
    entry('scope', ''),
    comment('true makes the connector ask for a new sign-in in a browser at its next start.'),
    entry('reauthenticate', 'false'),
  ]);
}
