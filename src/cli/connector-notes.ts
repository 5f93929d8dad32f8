import type { ServerConfig } from '../config/config.ts';
import type { ConnectorAuth } from '../domain/connector-auth.ts';

/** What somebody who gives out a login of this kind has to know. */
export function kindNotes(auth: ConnectorAuth, { tls }: Pick<ServerConfig, 'tls'>): readonly string[] {
  switch (auth.kind) {
    case 'oauth2':
      return auth.acceptsBasic ? [BASIC_TOO] : [];
    case 'basic':
      return ['That the wizard offers Basic is believed, not documented in public. Where it does not: --kind oauth2.'];
    case 'mtls':
      return [
        'How the connector is given the key of this certificate is not documented in public. Try it before you rely on it.',
        ...(tls.kind === 'files' && tls.clientCaFile !== null
          ? [
              'The bridge has a CA for clients (server.tls.clientCaFile): it takes this certificate only if that CA has signed it.',
            ]
          : []),
      ];
    case 'urlKey':
      return [
        'The key is part of the Events URL. It stands readable in the agent.properties of the connector, and may stand in its logs and in those of every proxy on the way. Whoever reads it there can take events that ArcSight then misses. Use it only where nothing else can be set, and rotate it.',
      ];
  }
}

const BASIC_TOO =
  'Where the wizard offers no OAuth2: choose Basic, with the name of the connector and the client secret as user name and password.';
