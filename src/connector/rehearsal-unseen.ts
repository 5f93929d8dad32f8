import type { ConnectorAuthKind } from '../domain/connector-auth.ts';

const OF_KIND: Readonly<Record<ConnectorAuthKind, readonly string[]>> = {
  oauth2: [
    'The form of its token request, and where it keeps its tokens. Client id and secret were sent in the body here; the bridge takes them as HTTP Basic, too.',
    'The sign-in with a browser. Here a refresh token was used, as the wizard takes one.',
  ],
  basic: ['Whether its wizard offers Basic: believed, but no public guide shows it.'],
  mtls: ['Whether it can show a client certificate: no public guide shows a field or a key store for one.'],
  urlKey: ['The key stands in clear in its agent.properties and in its logs, and in those of every proxy on the way.'],
};

/** What only the real connector shows (flexconnector 11): what a rehearsal that went well leaves open. */
export function unseenByRehearsal(kind: ConnectorAuthKind): readonly string[] {
  return [
    'Its own Java: the CA certificate has to be imported with keytool (INSTALL.md), and again after each upgrade of the connector.',
    'Its own way to the bridge: name, route, proxy and firewall, if this was not run on its machine as its user.',
    'The time it puts in place of $START_AT_TIME, how often it asks, and what it does after an error or a slow answer.',
    'How its parser takes missing members, and types: read here by rules that were inferred from published parser files.',
    ...OF_KIND[kind],
    'flexbridge observe records what the real one does, and says which settings follow.',
  ];
}
